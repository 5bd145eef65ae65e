"""Places of our code that several operators break: routes, fields, calls, relationships, instants of models."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mutations.source import Repository, Source

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
SERVICES = "backend/src/services/*.py"
ROUTERS = "backend/src/api/*.py"
MODELS = "backend/src/models/*.py"
SCHEMAS = "backend/src/schemas/*.py"
VERSIONS = "backend/migrations/versions/*.py"

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Route(NamedTuple):
    """A path operation: its function and the decorator that makes it one."""

    function: Function
    decorator: ast.Call

    @property
    def path(self) -> ast.Constant:
        assert isinstance(self.decorator.args[0], ast.Constant)
        return self.decorator.args[0]

    @property
    def status(self) -> str:
        return next((ast.unparse(word.value) for word in self.decorator.keywords if word.arg == "status_code"), "200")

    @property
    def answer(self) -> ast.Return | None:
        last = self.function.body[-1]
        return last if isinstance(last, ast.Return) else None


class Enveloped(NamedTuple):
    """A route that answers `Envelope[Inner].of(value)`."""

    route: Route
    envelope: str
    inner: ast.expr
    answer: ast.Return
    value: ast.expr


class Field(NamedTuple):
    """An annotated name in a class body."""

    owner: ast.ClassDef
    name: str
    node: ast.AnnAssign


def routes(source: Source) -> Iterator[Route]:
    for function in source.walk(ast.FunctionDef, ast.AsyncFunctionDef):
        for decorator in function.decorator_list:
            if (
                isinstance(decorator, ast.Call)
                and isinstance(decorator.func, ast.Attribute)
                and decorator.func.attr in METHODS
            ):
                yield Route(function, decorator)


def enveloped(source: Source) -> Iterator[Enveloped]:
    for route in routes(source):
        match route.function.returns, route.answer:
            case (
                ast.Subscript(value=ast.Name(id=envelope), slice=inner),
                ast.Return(value=ast.Call(func=ast.Attribute(attr="of"), args=[value])) as answer,
            ):
                yield Enveloped(route, envelope, inner, answer, value)
            case _:
                pass


def fields(source: Source, *, without: tuple[str, ...] = ()) -> Iterator[Field]:
    """The fields of every class that does not have one of the bases *without*."""
    for owner in source.walk(ast.ClassDef):
        if {ast.unparse(base) for base in owner.bases}.isdisjoint(without):
            for node in owner.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    yield Field(owner, node.target.id, node)


def inputs(source: Source) -> tuple[str, ...]:
    """The classes of a schema file that are accepted, not answered; and the roots of both."""
    found = {"Input", "Patch", "PageQuery", "UserEvent"}
    for owner in source.walk(ast.ClassDef):
        if not found.isdisjoint(ast.unparse(base) for base in owner.bases):
            found.add(owner.name)
    return tuple(sorted(found))


def instants(source: Source) -> Iterator[tuple[Field, ast.Name]]:
    """The instants of what is answered, each with the name `Timestamp` in its annotation."""
    for field in fields(source, without=inputs(source)):
        for name in source.walk(ast.Name, within=field.node.annotation):
            if name.id == "Timestamp":
                yield field, name


def calls(source: Source, *names: str, within: ast.AST | None = None) -> Iterator[ast.Call]:
    """Calls of functions or methods with one of these names."""
    for call in source.walk(ast.Call, within=within):
        match call.func:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in names:
                yield call
            case _:
                pass


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    return next((word for word in call.keywords if word.arg == name), None)


def tables(source: Source) -> Iterator[tuple[ast.ClassDef, str]]:
    """The mapped classes of a file and the names of their tables."""
    for owner in source.walk(ast.ClassDef):
        named = re.search(r'__tablename__ = "(\w+)"', ast.get_source_segment(source.text, owner) or "")
        if named:
            yield owner, named[1]


@cache
def columns(repository: Repository) -> dict[str, frozenset[str]]:
    """The columns of every mapped class, those of its bases included."""
    found: dict[str, frozenset[str]] = {}
    bases: dict[str, list[str]] = {}
    for source in repository.matching(MODELS):
        for owner in source.walk(ast.ClassDef):
            bases[owner.name] = [ast.unparse(base) for base in owner.bases]
            own = {field.name for field in fields(source) if field.owner is owner and "related(" not in _value(field)}
            found[owner.name] = frozenset(own)
    for name in found:
        pending = list(bases[name])
        while pending:
            base = pending.pop()
            found[name] |= found.get(base, frozenset())
            pending += bases.get(base, [])
    return found


@cache
def enum_members(repository: Repository) -> dict[str, dict[str, str]]:
    """The members of every enum and their values."""
    source = repository.source("backend/src/schemas/enums.py")
    found: dict[str, dict[str, str]] = {}
    for owner in source.walk(ast.ClassDef):
        pairs = (node for node in owner.body if isinstance(node, ast.Assign))
        found[owner.name] = {ast.unparse(node.targets[0]): ast.literal_eval(node.value) for node in pairs}
    return found


def snake(name: str) -> str:
    """`TaskPriority` as `task_priority`, the name of its type in the database."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _value(field: Field) -> str:
    return ast.unparse(field.node.value) if field.node.value else ""
