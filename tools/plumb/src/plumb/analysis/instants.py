"""What kind of instant an expression is: aware, naive, local, a plain date, or unknown."""

import ast
from enum import Enum, auto
from typing import TYPE_CHECKING

from plumb.analysis.functions import parameter_of, returns_of, source_of, values_of
from plumb.analysis.instant_fields import FieldKind, field_kind
from plumb.analysis.receivers import method_called
from plumb.index.modules import External, FunctionInfo
from plumb.index.scope import argument, keyword

if TYPE_CHECKING:
    from plumb.source import SourceFile

DEPTH = 4
UTC_KEYS = frozenset(
    {"datetime.timezone.utc", "datetime.UTC", "pytz.utc", "pytz.UTC", "dateutil.tz.UTC", "django.utils.timezone.utc"}
)
UTC_NAMES = frozenset(f"{area}{name}" for area in ("", "Etc/") for name in ("UTC", "UCT", "GMT", "Universal", "Zulu"))
NAIVE_UTC_CALLS = frozenset({"datetime.datetime.utcnow", "datetime.datetime.utcfromtimestamp"})
ZONE_POSITION = {"datetime.datetime.now": 0, "datetime.datetime.fromtimestamp": 1, "datetime.datetime.today": 9}
INSTANT_NAMES = ("_at", "_time", "_timestamp", "_datetime", "_ts", "_until", "_since")
WHOLE_NAMES = frozenset({"now", "timestamp", "datetime", "dt", "created", "updated", "modified", "expires", "utc_now"})
DATE_NAMES = ("date", "day", "_on", "birthday", "dob", "month", "week")


class Zone(Enum):
    """`INSTANT` is a datetime of which no more is known; `AWARE` may be in any zone; `LOCAL` and the rest are naive."""

    UTC = auto()
    AWARE = auto()
    ELSEWHERE = auto()
    """In a zone that is certainly not UTC."""
    LOCAL = auto()
    NAIVE_UTC = auto()
    NAIVE = auto()
    INSTANT = auto()
    DATE = auto()
    UNKNOWN = auto()

    @property
    def naive(self) -> bool:
        """Whether the value certainly carries no zone."""
        return self in {Zone.LOCAL, Zone.NAIVE_UTC, Zone.NAIVE}

    @property
    def aware(self) -> bool:
        """Whether the value certainly carries a zone."""
        return self in {Zone.UTC, Zone.AWARE, Zone.ELSEWHERE}


_BY_FIELD = {
    FieldKind.AWARE: Zone.AWARE,
    FieldKind.NAIVE: Zone.NAIVE,
    FieldKind.INSTANT: Zone.INSTANT,
    FieldKind.DATE: Zone.DATE,
    FieldKind.UNKNOWN: Zone.UNKNOWN,
}
_BY_CLASS = {
    "datetime.datetime": Zone.INSTANT,
    "datetime.date": Zone.DATE,
    "datetime.time": Zone.DATE,
    "datetime.timedelta": Zone.DATE,
    "pydantic.AwareDatetime": Zone.AWARE,
    "pydantic.NaiveDatetime": Zone.NAIVE,
}


def zone_of(node: ast.expr, file: "SourceFile", depth: int = DEPTH) -> Zone:  # noqa: PLR0911 one answer per form
    """The kind of instant *node* gives where it is written."""
    if not depth:
        return Zone.UNKNOWN
    if isinstance(node, ast.Call):
        return _called(node, file, depth)
    if isinstance(node, ast.IfExp):
        return _common([node.body, node.orelse], file, depth)
    if isinstance(node, ast.BoolOp):
        return _common(node.values, file, depth)
    if isinstance(node, ast.BinOp):
        return zone_of(node.left, file, depth - 1)
    if isinstance(node, ast.Await | ast.NamedExpr):
        return zone_of(node.value, file, depth)
    if isinstance(node, ast.Name):
        return _named(node, file, depth)
    if isinstance(node, ast.Attribute):
        return _BY_FIELD[field_kind(file.project, node.attr)]
    return Zone.UNKNOWN


def is_instant(node: ast.expr, file: "SourceFile") -> bool | None:
    """Whether *node* is a datetime and no date; judged by its name where nothing else tells, else None."""
    zone = zone_of(node, file)
    if zone is not Zone.UNKNOWN:
        return zone is not Zone.DATE
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        name = str(node.slice.value)
    name = name.lower()
    if name.endswith(DATE_NAMES):
        return False
    if name.endswith(INSTANT_NAMES) or name in WHOLE_NAMES:
        return True
    return None


def is_utc(node: ast.expr, file: "SourceFile") -> bool:
    """Whether *node* is the zone UTC."""
    return _offset(node, file) is Zone.UTC


def _offset(zone: ast.expr, file: "SourceFile") -> Zone:
    """What a value in *zone* is: in UTC, certainly elsewhere, or just aware."""
    if _key(zone, file) in UTC_KEYS:
        return Zone.UTC
    scope, value = file.scope(zone).value(zone)
    if not isinstance(value, ast.Call) or not scope.is_call_to(value, "zoneinfo.ZoneInfo", "pytz.timezone"):
        return Zone.AWARE
    name = scope.literal(argument(value, "key", 0))
    if not isinstance(name, str):
        return Zone.AWARE
    return Zone.UTC if name in UTC_NAMES else Zone.ELSEWHERE


def naive_call(node: ast.AST, file: "SourceFile") -> Zone | None:
    """`NAIVE_UTC` or `LOCAL` for a call of `datetime` that gives a naive value, else None."""
    if not isinstance(node, ast.Call):
        return None
    zone = _constructed(node, file)
    return zone if zone in {Zone.NAIVE_UTC, Zone.LOCAL} else None


def _key(node: ast.expr, file: "SourceFile") -> str:
    symbol = file.resolve(node)
    return symbol.key if isinstance(symbol, External) else ""


def _constructed(node: ast.Call, file: "SourceFile") -> Zone | None:  # noqa: PLR0911 one answer per form
    key = _key(node.func, file)
    if key in NAIVE_UTC_CALLS:
        return Zone.NAIVE_UTC
    if key in ZONE_POSITION:
        zone = argument(node, "tz", ZONE_POSITION[key])
        if any(word.arg is None for word in node.keywords) or any(isinstance(one, ast.Starred) for one in node.args):
            return Zone.INSTANT
        return _zoned(zone, file, without=Zone.LOCAL)
    if key == "datetime.datetime":
        return _zoned(argument(node, "tzinfo", 7), file, without=Zone.NAIVE)
    if key == "datetime.datetime.combine":
        naive = _is_naive_time(argument(node, "time", 1), file)
        return _zoned(argument(node, "tzinfo", 2), file, without=Zone.NAIVE if naive else Zone.INSTANT)
    if key.startswith("datetime.datetime."):
        return Zone.INSTANT
    return Zone.DATE if key.startswith(("datetime.date", "datetime.time")) else None


def _is_naive_time(node: ast.expr | None, file: "SourceFile") -> bool:
    """Whether it is `time.min`, `time.max` or a `time(...)` without a zone."""
    if isinstance(node, ast.Call):
        return _key(node.func, file) == "datetime.time" and argument(node, "tzinfo", 4) is None
    return node is not None and _key(node, file) in {"datetime.time.min", "datetime.time.max"}


def _zoned(zone: ast.expr | None, file: "SourceFile", *, without: Zone) -> Zone:
    """What a value with this `tzinfo` is; *without* one it is the given kind."""
    if zone is None or (isinstance(zone, ast.Constant) and zone.value is None):
        return without
    return _offset(zone, file)


def _called(node: ast.Call, file: "SourceFile", depth: int) -> Zone:  # noqa: PLR0911 one answer per form
    made = _constructed(node, file)
    if made is not None:
        return made
    symbol = file.resolve(node.func) or method_called(node, file)
    if isinstance(symbol, FunctionInfo):
        return _returned(symbol, file, depth)
    if not isinstance(node.func, ast.Attribute):
        return Zone.UNKNOWN
    name, base = node.func.attr, node.func.value
    if name in {"date", "time"} and not node.args:
        return Zone.DATE
    if name == "astimezone":
        return _zoned(argument(node, "tz", 0), file, without=Zone.ELSEWHERE)
    if name == "replace" and not node.args:
        return _replaced(node, base, file, depth)
    return Zone.UNKNOWN


def _replaced(node: ast.Call, base: ast.expr, file: "SourceFile", depth: int) -> Zone:
    before = zone_of(base, file, depth - 1)
    if keyword(node, "tzinfo") is None:
        return before
    bare = Zone.NAIVE_UTC if before in {Zone.UTC, Zone.NAIVE_UTC} else Zone.NAIVE
    return _zoned(keyword(node, "tzinfo"), file, without=bare)


def _returned(function: FunctionInfo, file: "SourceFile", depth: int) -> Zone:
    """What a function of the project returns, by its annotation and its `return` statements."""
    source, definition = source_of(file.project, function)
    if source is None or definition is None:
        return Zone.UNKNOWN
    annotated = _annotated(definition.returns, source)
    if annotated not in {Zone.UNKNOWN, Zone.INSTANT}:
        return annotated
    found = _common(list(returns_of(definition)), source, depth)
    return annotated if found is Zone.UNKNOWN else found


def _annotated(node: ast.expr | None, file: "SourceFile") -> Zone:
    if node is None:
        return Zone.UNKNOWN
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)]
    found = {_BY_CLASS[key] for part in parts if (key := _key(part, file)) in _BY_CLASS}
    return found.pop() if len(found) == 1 else Zone.UNKNOWN


def _common(nodes: list[ast.expr], file: "SourceFile", depth: int) -> Zone:
    """The kind on which all values agree, `None` apart."""
    real = [node for node in nodes if not (isinstance(node, ast.Constant) and node.value is None)]
    found = {zone_of(node, file, depth - 1) for node in real}
    if len(found) == 1:
        return found.pop()
    return Zone.UNKNOWN if not found or found & {Zone.UNKNOWN, Zone.DATE} else Zone.INSTANT


def _named(node: ast.Name, file: "SourceFile", depth: int) -> Zone:
    parameter = parameter_of(node, file)
    values = [one for one in values_of(node, file) if not _is_made_of(one, node.id)]
    if parameter is not None and not values:
        return _annotated(parameter.annotation, file)
    return _common(values, file, depth) if values else Zone.UNKNOWN


def _is_made_of(value: ast.expr, name: str) -> bool:
    """Whether `now = now.replace(hour=0)` only changes the variable it sets."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or value.func.attr != "replace":
        return False
    base = value.func.value
    return isinstance(base, ast.Name) and base.id == name and all(word.arg != "tzinfo" for word in value.keywords)
