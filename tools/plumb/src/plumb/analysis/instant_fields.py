"""What the classes of a project say of a field by its name: a datetime with or without zone, a date, or neither."""

import ast
from enum import Enum, auto
from typing import TYPE_CHECKING

from plumb.index.annotations import meaning
from plumb.index.facts import FieldFact
from plumb.index.modules import ClassInfo, External, FieldInfo
from plumb.index.scope import Scope, keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

ZONED_TYPES = frozenset(
    {
        "sqlalchemy.DateTime",
        "sqlalchemy.TIMESTAMP",
        "sqlalchemy.types.DateTime",
        "sqlalchemy.types.TIMESTAMP",
        "sqlalchemy.types.DATETIME",
        "sqlalchemy.sql.sqltypes.DateTime",
        "sqlalchemy.sql.sqltypes.TIMESTAMP",
        "sqlalchemy.DATETIME",
        "sqlalchemy.dialects.postgresql.TIMESTAMP",
        "sqlmodel.DateTime",
        "sqlmodel.TIMESTAMP",
    }
)


class FieldKind(Enum):
    AWARE = auto()
    NAIVE = auto()
    INSTANT = auto()
    DATE = auto()
    UNKNOWN = auto()


_BY_CLASS = {
    "datetime.datetime": FieldKind.INSTANT,
    "datetime.date": FieldKind.DATE,
    "datetime.time": FieldKind.DATE,
    "datetime.timedelta": FieldKind.DATE,
    "pydantic.AwareDatetime": FieldKind.AWARE,
    "pydantic.NaiveDatetime": FieldKind.NAIVE,
}


@view
def field_kind(project: "Project", name: str) -> FieldKind:
    """What every class of the project that has a field of this name agrees on."""
    fields = project.memo(("fields by name",), lambda: _by_name(project)).get(name, [])
    found = {_kind(project, field.owner, field.fact) for field in fields} - {FieldKind.UNKNOWN}
    if FieldKind.DATE in found:
        return FieldKind.DATE if len(found) == 1 else FieldKind.UNKNOWN
    certain = found - {FieldKind.INSTANT}
    if len(certain) == 1:
        return certain.pop()
    return FieldKind.INSTANT if found else FieldKind.UNKNOWN


def zone_kept(call: ast.expr, scope: Scope) -> bool | None:
    """Whether a column type keeps the zone: `DateTime(timezone=True)`; None when it is no such type."""
    function = call.func if isinstance(call, ast.Call) else call
    symbol = scope.resolve(function)
    if not isinstance(symbol, External) or symbol.key not in ZONED_TYPES:
        return None
    if not isinstance(call, ast.Call):
        return False
    given = keyword(call, "timezone") or (call.args[0] if call.args else None)
    if given is None:
        return None if any(word.arg is None for word in call.keywords) else False
    literal = scope.literal(given)
    return literal if isinstance(literal, bool) else None


def _by_name(project: "Project") -> dict[str, list[FieldInfo]]:
    found: dict[str, list[FieldInfo]] = {}
    for module in project.modules():
        if project.kind(module.path) != "app":
            continue
        for owner in module.classes():
            for field in owner.fact.fields:
                found.setdefault(field.name, []).append(FieldInfo(owner, field))
    return found


def _kind(project: "Project", owner: ClassInfo, field: FieldFact) -> FieldKind:
    scope = Scope.of_class(project, owner)
    for part in ast.walk(field.value.node) if field.value else ():
        kept = zone_kept(part, scope) if isinstance(part, ast.Call | ast.Name | ast.Attribute) else None
        if kept is not None:
            return FieldKind.AWARE if kept else FieldKind.NAIVE
    said = meaning(field.annotation.node if field.annotation else None, scope)
    return _BY_CLASS.get(said.symbol.key, FieldKind.UNKNOWN) if isinstance(said.symbol, External) else FieldKind.UNKNOWN
