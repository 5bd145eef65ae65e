"""The classes that responses are made of, and what they say of a field of a given name."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.orm.schema_fields import attribute_name, reads_attributes
from plumb.index.annotations import meaning
from plumb.index.modules import ClassInfo, External
from plumb.index.routes import all_routes
from plumb.index.scope import Scope
from plumb.views import view
from plumb.walk import levels

if TYPE_CHECKING:
    from plumb.index.routes import Route
    from plumb.project import Project

MODELS = ("pydantic.main.BaseModel", "pydantic.BaseModel", "sqlmodel.main.SQLModel", "sqlmodel.SQLModel")
INSTANTS = frozenset({"datetime.datetime", "pydantic.AwareDatetime", "pydantic.NaiveDatetime", "pydantic.PastDatetime"})
OPEN_NAMES = frozenset({"dict", "Dict", "Any", "Mapping", "object", "JSON", "JsonValue"})


class Shape(NamedTuple):
    """The classes inside a response; `open` when it also lets through what no class describes."""

    classes: tuple[ClassInfo, ...]
    open: bool


@view
def response_classes(project: "Project") -> dict[str, ClassInfo]:
    """Every class that some route answers with, those in their fields and bases included, by key."""
    found: dict[str, ClassInfo] = {}
    for route in all_routes(project):
        for owner in shape_of_route(project, route).classes:
            found |= {
                known.key: known for known in project.hierarchy.lineage(owner).classes if not known.module.library
            }
    return found


def shape_of(project: "Project", node: ast.expr | None, scope: Scope) -> Shape:
    """The classes that an annotation names, directly, in brackets or in fields."""
    if node is None:
        return Shape((), open=True)
    found: dict[str, ClassInfo] = {}
    is_open = _collect(project, node, scope, found)
    return Shape(tuple(found.values()), is_open)


def shape_of_route(project: "Project", route: "Route") -> Shape:
    """The shape of what a route declares to answer with."""
    return project.memo(("shape of route", route.place, route.path), lambda: _of_route(project, route))


def _of_route(project: "Project", route: "Route") -> Shape:
    if route.response_model_is_none or route.handler is None:
        return Shape((), open=True)
    given = route.option("response_model")
    if given is not None:
        return shape_of(project, given, route.scope)
    returns = route.handler.fact.returns
    inner = Scope(project, route.handler.module, route.handler.fact.scope)
    return shape_of(project, None if returns is None else returns.node, inner)


def is_parsed(project: "Project", classes: tuple[ClassInfo, ...], key: str) -> bool | None:
    """Whether a text under *key* becomes a datetime again (and prints `Z`); None when no class has such a field."""
    answers: set[bool] = set()
    for owner in classes:
        field = project.hierarchy.member(owner, key)
        if field is not None and field.fact.annotation is not None:
            said = meaning(field.fact.annotation.node, Scope.of_class(project, field.owner))
            answers.add(isinstance(said.symbol, External) and said.symbol.key in INSTANTS)
    if not answers:
        return None
    return all(answers)


@view
def texts_read_of_objects(project: "Project") -> frozenset[str]:
    """The attributes that the text fields of answered schemas are read from, where a schema reads objects."""
    return frozenset(_texts(project))


def is_model(project: "Project", owner: ClassInfo) -> bool:
    """Whether a class is a pydantic model."""
    return project.hierarchy.inherits(owner, *MODELS)


def _texts(project: "Project") -> Iterator[str]:
    for owner in response_classes(project).values():
        for field in owner.fact.fields if reads_attributes(project, owner) else ():
            said = meaning(field.annotation.node if field.annotation else None, Scope.of_class(project, owner))
            if isinstance(said.symbol, External) and said.symbol.key == "builtins.str":
                yield attribute_name(field)


def _collect(project: "Project", node: ast.expr, scope: Scope, found: dict[str, ClassInfo]) -> bool:
    """Add the classes below *node*; whether something in it is not described by a class."""
    is_open = False
    for part in levels(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            is_open = _quoted(project, part.value, scope, found) or is_open
        if not isinstance(part, ast.Name | ast.Attribute):
            continue
        name = part.attr if isinstance(part, ast.Attribute) else part.id
        symbol = scope.resolve(part)
        if isinstance(symbol, ClassInfo) and not symbol.module.library:
            if symbol.key not in found:
                found[symbol.key] = symbol
                is_open = _fields(project, symbol, found) or is_open
        elif name in OPEN_NAMES:
            is_open = True
    return is_open


def _quoted(project: "Project", text: str, scope: Scope, found: dict[str, ClassInfo]) -> bool:
    try:
        return _collect(project, ast.parse(text, mode="eval").body, scope, found)
    except SyntaxError:
        return False


def _fields(project: "Project", owner: ClassInfo, found: dict[str, ClassInfo]) -> bool:
    is_open = False
    for known in project.hierarchy.lineage(owner).classes:
        if known.module.library:
            continue
        for field in known.fact.fields:
            if field.annotation is not None:
                is_open = _collect(project, field.annotation.node, Scope.of_class(project, known), found) or is_open
    return is_open
