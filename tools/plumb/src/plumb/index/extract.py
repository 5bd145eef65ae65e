"""Collects the facts of a file in one walk over its statements; expressions are kept as text, not walked."""

import ast
import copy
from collections.abc import Iterable, Iterator

from plumb.index.databases import databases_in
from plumb.index.facts import (
    Assignment,
    Call,
    ClassFact,
    Expr,
    FieldFact,
    FunctionFact,
    Import,
    ModuleFacts,
    Parameter,
)
from plumb.index.statuses import statuses_in
from plumb.text import Lines

REMEMBERED_CALLS = frozenset(
    [
        *("FastAPI", "APIRouter", "include_router", "add_api_route", "add_route", "mount"),
        *("add_exception_handler", "add_middleware", "register_error_handler"),
        *("async_sessionmaker", "sessionmaker", "async_scoped_session", "Session", "AsyncSession"),
        *("create_async_engine", "create_engine", "listen", "listens_for"),
    ]
)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def extract(tree: ast.Module, text: str) -> ModuleFacts:
    collector = _Collector(Lines(text))
    collector.body(tree.body, scope="", owner="", type_checking=False)
    return ModuleFacts(
        tuple(collector.imports),
        tuple(collector.classes),
        tuple(collector.functions),
        tuple(collector.assignments),
        tuple(collector.calls),
        collector.exports,
        databases_in(text),
        statuses_in(text),
    )


class _Collector:
    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.imports: list[Import] = []
        self.classes: list[ClassFact] = []
        self.functions: list[FunctionFact] = []
        self.assignments: list[Assignment] = []
        self.calls: list[Call] = []
        self.exports: tuple[str, ...] | None = None
        self.fields: dict[str, list[FieldFact]] = {}
        self.methods: dict[str, list[str]] = {}
        self.returned: dict[str, list[Expr]] = {}
        self.generators: set[str] = set()
        self.unrolled: set[ast.Call] = set()

    def body(self, statements: Iterable[ast.stmt], scope: str, owner: str, *, type_checking: bool) -> None:
        """Visit a block; *owner* is the class when the block is a class body, else empty."""
        for statement in statements:
            self.statement(statement, scope, owner, type_checking=type_checking)

    def statement(self, node: ast.stmt, scope: str, owner: str, *, type_checking: bool) -> None:
        if isinstance(node, FunctionNode):
            self.function(node, scope, owner)
        elif isinstance(node, ast.ClassDef):
            self.class_(node, scope, type_checking=type_checking)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.imports.extend(_imports(node, scope, type_checking=type_checking))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self.assign(node, scope, owner)
        elif isinstance(node, ast.Return):
            if node.value is not None:
                self.returned.setdefault(scope, []).append(self.expr(node.value))
        elif isinstance(node, ast.Expr):
            self.expression(node.value, scope)
        else:
            self.compound(node, scope, owner, type_checking=type_checking)

    def compound(self, node: ast.stmt, scope: str, owner: str, *, type_checking: bool) -> None:
        if isinstance(node, ast.For):
            self.turns(node, scope)
        guarded = type_checking or (isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING")
        for name in ("body", "handlers", "orelse", "finalbody", "cases"):
            for child in getattr(node, name, ()):
                inner = child.body if isinstance(child, ast.ExceptHandler | ast.match_case) else (child,)
                self.body(inner, scope, owner, type_checking=guarded if name == "body" else type_checking)

    def turns(self, node: ast.For, scope: str) -> None:
        """`for noun in (users, tasks): app.include_router(noun.router)`: the call of each turn, at the loop's place."""
        turns = [_bound_by(node.target, value) for value in self.known_list(node.iter)]
        for statement in node.body:
            call = statement.value if isinstance(statement, ast.Expr) else None
            is_known = isinstance(call, ast.Call) and last_name(call.func) in {"include_router", "mount"}
            if isinstance(call, ast.Call) and is_known and all(turns) and turns:
                self.unrolled.add(call)
                place = self.expr(call)
                for bound in turns:
                    text = ast.unparse(_Replaced(bound).visit(copy.deepcopy(call)))
                    self.calls.append(Call(last_name(call.func), place._replace(text=text), scope))

    def known_list(self, node: ast.expr) -> list[ast.expr]:
        """The elements of a list that is written out, here or as a constant of the module above."""
        if isinstance(node, ast.Name):
            values = [one.value.node for one in self.assignments if one.name == node.id and not one.scope]
            node = values[-1] if values else node
        return list(node.elts) if isinstance(node, ast.List | ast.Tuple) else []

    def expression(self, value: ast.expr, scope: str) -> None:
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.Yield | ast.YieldFrom):
            self.generators.add(scope)
        elif isinstance(value, ast.Call) and value not in self.unrolled:
            name = last_name(value.func)
            if not scope or name in REMEMBERED_CALLS:
                self.calls.append(Call(name, self.expr(value), scope))

    def assign(self, node: ast.Assign | ast.AnnAssign, scope: str, owner: str) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        annotation = self.expr(node.annotation) if isinstance(node, ast.AnnAssign) and (owner or not scope) else None
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            self.generators.add(scope)
        for target in targets:
            if not isinstance(target, ast.Name):
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) and (owner or not scope):
                    self.unpack(target, node.value, node, scope, owner)
                elif isinstance(target, ast.Attribute) and node.value is not None and _is_kept(target, node.value):
                    name = f"{ast.unparse(target.value)}.{target.attr}"
                    self.assignments.append(Assignment(name, None, self.expr(node.value), scope, node.lineno))
                continue
            if owner:
                self.field(owner, target.id, annotation, node.value, node)
            elif node.value is not None and (not scope or _is_remembered(node.value)):
                self.assignments.append(Assignment(target.id, annotation, self.expr(node.value), scope, node.lineno))
                if target.id == "__all__" and not scope:
                    self.exports = _strings(node.value)

    def unpack(self, targets: ast.Tuple, values: ast.Tuple, node: ast.stmt, scope: str, owner: str) -> None:
        for target, value in zip(targets.elts, values.elts, strict=False):
            if not isinstance(target, ast.Name):
                continue
            if owner:
                self.field(owner, target.id, None, value, node)
            else:
                self.assignments.append(Assignment(target.id, None, self.expr(value), scope, node.lineno))

    def field(self, owner: str, name: str, annotation: Expr | None, value: ast.expr | None, node: ast.stmt) -> None:
        line, column, end_line, end_column = self.lines.span(node)
        kept = None if value is None else self.expr(value)
        self.fields[owner].append(FieldFact(name, annotation, kept, line, column, end_line, end_column))

    def class_(self, node: ast.ClassDef, scope: str, *, type_checking: bool) -> None:
        qualname = f"{scope}.{node.name}" if scope else node.name
        self.fields[qualname], self.methods[qualname] = [], []
        self.body(node.body, qualname, qualname, type_checking=type_checking)
        line, column, end_line, _ = self.lines.span(node)
        self.classes.append(
            ClassFact(
                node.name,
                qualname,
                scope,
                line,
                column,
                end_line,
                tuple(self.expr(base) for base in node.bases),
                tuple((word.arg, self.expr(word.value)) for word in node.keywords if word.arg),
                tuple(self.expr(decorator) for decorator in node.decorator_list),
                tuple(self.fields.pop(qualname)),
                tuple(self.methods.pop(qualname)),
            )
        )

    def function(self, node: FunctionNode, scope: str, owner: str) -> None:
        qualname = f"{scope}.{node.name}" if scope else node.name
        if owner:
            self.methods[owner].append(node.name)
        self.body(node.body, qualname, "", type_checking=False)
        line, column, end_line, _ = self.lines.span(node)
        self.functions.append(
            FunctionFact(
                node.name,
                qualname,
                scope,
                owner,
                line,
                column,
                end_line,
                isinstance(node, ast.AsyncFunctionDef),
                qualname in self.generators,
                tuple(self.parameters(node.args)),
                None if node.returns is None else self.expr(node.returns),
                tuple(self.expr(decorator) for decorator in node.decorator_list),
                tuple(self.returned.pop(qualname, ())),
            )
        )

    def parameters(self, arguments: ast.arguments) -> Iterator[Parameter]:
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = len(positional) - len(arguments.defaults)
        for index, argument in enumerate(positional):
            yield self.parameter(argument, arguments.defaults[index - missing] if index >= missing else None)
        if arguments.vararg is not None:
            yield self.parameter(arguments.vararg, None, "args")
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            yield self.parameter(argument, default, "keyword")
        if arguments.kwarg is not None:
            yield self.parameter(arguments.kwarg, None, "kwargs")

    def parameter(self, argument: ast.arg, default: ast.expr | None, kind: str = "positional") -> Parameter:
        annotation = None if argument.annotation is None else self.expr(argument.annotation)
        return Parameter(argument.arg, annotation, None if default is None else self.expr(default), kind)

    def expr(self, node: ast.expr) -> Expr:
        return Expr(self.lines.segment(node), *self.lines.span(node))


class _Replaced(ast.NodeTransformer):
    """Puts values in the place of names."""

    def __init__(self, bound: dict[str, ast.expr]) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.bound.get(node.id, node)


def _bound_by(target: ast.expr, value: ast.expr) -> dict[str, ast.expr]:
    """The names of a loop, or of its pairs, with what one turn gives them; nothing if that is not written out."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    names = [one.id for one in target.elts if isinstance(one, ast.Name)] if isinstance(target, ast.Tuple) else []
    values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
    return dict(zip(names, values, strict=False)) if len(names) == len(values) else {}


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, of `c` and of `a.c(...)`; nothing for other expressions."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_kept(target: ast.Attribute, value: ast.expr) -> bool:
    """Whether an attribute is set to a factory, or is the value that the `__new__` of an enum class gives a member."""
    is_factory = isinstance(value, ast.Call) and last_name(value) in {"async_sessionmaker", "sessionmaker"}
    return is_factory or target.attr == "_value_"


def _is_remembered(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) in REMEMBERED_CALLS


def _imports(node: ast.Import | ast.ImportFrom, scope: str, *, type_checking: bool) -> Iterator[Import]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            bound = alias.asname or alias.name
            yield Import(bound, node.module or "", alias.name, node.level, scope, type_checking, node.lineno)
        elif alias.asname:
            yield Import(alias.asname, alias.name, None, 0, scope, type_checking, node.lineno)
        else:
            top = alias.name.partition(".")[0]
            yield Import(top, top, None, 0, scope, type_checking, node.lineno)


def _strings(value: ast.expr) -> tuple[str, ...] | None:
    if not isinstance(value, ast.List | ast.Tuple):
        return None
    return tuple(str(item.value) for item in value.elts if isinstance(item, ast.Constant))
