"""A naive and an aware instant are compared.

## What it does
Finds comparisons and differences of an instant with a zone and one without, both made in the same function, and of a
loaded `DateTime` column with an aware instant where the project uses SQLite.

## Why is this bad
Python raises `TypeError: can't compare offset-naive and offset-aware datetimes`, and `==` is always false. SQLite drops
the zone of what it stores, so the line that works on PostgreSQL fails in the test, or the other way round.

## Example
```python
from datetime import UTC, datetime


def is_late(now: datetime) -> bool:
    due = datetime.utcnow()
    return due < datetime.now(UTC)
```

## Use instead
```python
from datetime import UTC, datetime


def is_late(now: datetime) -> bool:
    due = datetime.now(UTC)
    return due < datetime.now(UTC)
```

## Known limits
Variables that are assigned once, and attributes of rows: of an annotated parameter, of what a function says it returns,
of a `select` of one model. A column of SQLModel is read by its annotation where it has no type of its own: only
`AwareDatetime` says something, and a naive value beside it is a warning.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.databases import uses
from plumb.analysis.functions import stores_in
from plumb.analysis.instant_fields import zone_kept
from plumb.analysis.instants import zone_of
from plumb.analysis.loaded_rows import rows_of
from plumb.findings import Report, Severity
from plumb.index.annotations import meaning
from plumb.index.extract import last_name
from plumb.index.models import model_of
from plumb.index.modules import External, FunctionInfo, ValueInfo
from plumb.index.scope import argument, has_double_star, keyword
from plumb.rule import node_rule
from plumb.source import SourceFile
from plumb.walk import walk

AWARE, NAIVE, STORED, ZONED, DECLARED = "aware", "naive", "stored", "zoned", "declared"
DATETIME = frozenset({"datetime.datetime"})
COMBINE = "datetime.datetime.combine"
ENDS_OF_TIME = frozenset({"datetime.datetime.min", "datetime.datetime.max"})
ZONES = frozenset({"UTC", "utc", "ZoneInfo", "gettz", "timezone", "tzutc", "tzlocal"})
INSTANTS = (ast.Call, ast.BinOp, ast.Name, ast.Attribute)
"""What can stand for an instant."""
PAIR = 2
UNORDERED = (ast.Is, ast.IsNot, ast.In, ast.NotIn)


@node_rule(
    "PB705",
    "naive-and-aware",
    Severity.ERROR,
    nodes=(ast.Compare, ast.BinOp),
    needles=("datetime",),
    kinds=("app", "test"),
)
def check(node: ast.Compare | ast.BinOp, file: SourceFile) -> Iterator[Report]:
    """Look at every comparison and every difference."""
    if isinstance(node, ast.BinOp):
        sides = [node.left, node.right] if isinstance(node.op, ast.Sub) else []
    else:
        sides = [] if isinstance(node.ops[0], UNORDERED) else [node.left, *node.comparators]
    sides = [one for one in sides if isinstance(one, INSTANTS)]
    if len(sides) < PAIR:
        return
    kinds = {_kind(one, file, 2) for one in sides}
    sqlite = uses(file.project, "sqlite")
    if NAIVE in kinds and ZONED in kinds and (uses(file.project, "postgresql") or not sqlite):
        yield file.report(
            node,
            f"`{ast.unparse(node)}` mixes a naive instant with a column that PostgreSQL gives back with its zone",
            "datetime.now(UTC) instead of the naive one",
        )
        return
    if NAIVE in kinds and DECLARED in kinds:
        yield file.report(
            node,
            f"`{ast.unparse(node)}` mixes a naive instant with a field that is declared to be aware",
            "datetime.now(UTC) instead of the naive one",
            severity=Severity.WARNING,
        )
        return
    if sqlite and ZONED in kinds:
        kinds.add(STORED)
    if AWARE in kinds and (NAIVE in kinds or STORED in kinds):
        stored = STORED in kinds and NAIVE not in kinds
        yield file.report(
            node,
            f"`{ast.unparse(node)}` mixes an aware instant with "
            + ("a column that gives it back without its zone" if stored else "a naive one"),
            "value.replace(tzinfo=UTC) for what the column gives back" if stored else "datetime.now(UTC) on both sides",
            severity=Severity.WARNING if stored and not uses(file.project, "sqlite", ("test",)) else None,
        )


def _kind(node: ast.expr, file: SourceFile, depth: int) -> str:
    """Whether an expression is an instant with a zone, without one, or one that SQLite has stored."""
    if isinstance(node, ast.Call):
        return _made(node, file, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        right = _kind(node.right, file, depth)
        return "" if right else _kind(node.left, file, depth)
    if isinstance(node, ast.Name) and depth:
        value = _assigned(node, file) or _constant(node, file)
        return _kind(value, file, depth - 1) if value is not None else ""
    if not isinstance(node, ast.Attribute):
        return ""
    symbol = file.resolve(node)
    return NAIVE if isinstance(symbol, External) and symbol.key in ENDS_OF_TIME else _column(node, file)


def _made(call: ast.Call, file: SourceFile, depth: int) -> str:
    func = call.func
    symbol = file.resolve(func)
    if isinstance(symbol, External) and symbol.key in DATETIME:
        return _zone_of(argument(call, "tzinfo", 7), "" if has_double_star(call) else NAIVE)
    if isinstance(symbol, FunctionInfo) or getattr(symbol, "key", "") == COMBINE:
        zone = zone_of(call, file)
        return AWARE if zone.aware else NAIVE if zone.naive else ""
    if not isinstance(func, ast.Attribute):
        return ""
    if func.attr == "replace":
        zone = keyword(call, "tzinfo")
        if zone is None:
            return _kind(func.value, file, depth)
        return NAIVE if isinstance(zone, ast.Constant) and zone.value is None else AWARE
    symbol = file.resolve(func.value)
    return _clock(call, func.attr, file) if isinstance(symbol, External) and symbol.key in DATETIME else ""


def _clock(call: ast.Call, name: str, file: SourceFile) -> str:
    """What `datetime.now(...)` and its kin give; a zone that may be None is not known."""
    if name in {"utcnow", "utcfromtimestamp", "today"}:
        return NAIVE
    if name in {"now", "fromtimestamp"}:
        return _zone_of(argument(call, "tz", int(name == "fromtimestamp")), NAIVE)
    if name == "strptime":
        form = _format(call, file)
        return NAIVE if isinstance(form, str) and "%z" not in form.lower() else ""
    return ""


def _format(call: ast.Call, file: SourceFile) -> object:
    """The format of a `strptime()` that is written out there, or in a variable or constant that is set once."""
    form = argument(call, "format", 1)
    if isinstance(form, ast.Name):
        form = _assigned(form, file) or form
    if isinstance(form, ast.Name | ast.Attribute) and not isinstance(file.resolve(form), ValueInfo):
        return None
    return file.scope(call).literal(form)


def _zone_of(zone: ast.expr | None, without: str) -> str:
    if zone is None:
        return without
    return AWARE if last_name(zone) in ZONES else ""


def _constant(name: ast.Name, file: SourceFile) -> ast.expr | None:
    """The value of a constant of this file."""
    symbol = file.resolve(name)
    is_here = isinstance(symbol, ValueInfo) and symbol.module.path == file.path
    made = [one for one in file.tree.body if isinstance(one, ast.Assign) and is_here]
    return next((one.value for one in made if ast.unparse(one.targets[0]) == name.id), None)


def _assigned(name: ast.Name, file: SourceFile) -> ast.expr | None:
    """The value of a local variable that is assigned exactly once."""
    function = file.function_of(name)
    if function is None or name.id in {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}:
        return None
    written = stores_in(function, file).get(name.id, [])
    above = file.parent(written[0]) if len(written) == 1 else None
    return above.value if isinstance(above, ast.Assign) and above.targets == [written[0]] else None


def _column(node: ast.Attribute, file: SourceFile) -> str:
    """A DateTime column of a variable that holds a model: stored without its zone by SQLite, with it by PostgreSQL."""
    rows = rows_of(node.value, file) if isinstance(node.value, ast.Name) else None
    model = model_of(file.project, rows.owner) if rows is not None and not rows.many else None
    attribute = model.attributes.get(node.attr) if model is not None else None
    if attribute is None or _is_looked_after(node, file):
        return ""
    value = attribute.field.value.node if attribute.field.value is not None else None
    given = [*value.args, *(word.value for word in value.keywords)] if isinstance(value, ast.Call) else []
    inner = [part for one in given if isinstance(one, ast.Call) and last_name(one) == "Column" for part in one.args]
    scope = attribute.scope(file.project)
    kept = [zone_kept(one, scope) for one in (*given, *inner)]
    if True in kept:
        return ZONED
    if False in kept:
        return STORED
    said = meaning(attribute.field.annotation.node if attribute.field.annotation else None, scope)
    return DECLARED if isinstance(said.symbol, External) and said.symbol.key == "pydantic.AwareDatetime" else ""


def _is_looked_after(node: ast.Attribute, file: SourceFile) -> bool:
    """Whether the function asks for a zone, or writes the attribute itself."""
    function = file.function_of(node)
    return function is not None and any(
        one.attr == "tzinfo" or (one.attr == node.attr and isinstance(one.ctx, ast.Store))
        for one in walk(function)
        if isinstance(one, ast.Attribute)
    )
