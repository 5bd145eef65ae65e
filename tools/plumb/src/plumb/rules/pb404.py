"""The present moment is taken without a zone.

## What it does
Finds `datetime.utcnow()`, `datetime.now()`, `datetime.today()`, `datetime.utcfromtimestamp(x)` and
`datetime.fromtimestamp(x)` without a zone, called or passed as a default, under whatever name they were imported.

## Why is this bad
The value does not know what it is. Compared with an aware one it raises `TypeError: can't compare offset-naive and
offset-aware datetimes`, stored in a column with a zone it is shifted by the zone of the server, and in a response it
has no suffix, which strict clients reject. Of a naive `utcnow()`, `.timestamp()` is off by the offset of the machine.
Python deprecates `utcnow` for this reason.

## Example
```python
from datetime import datetime, timedelta


def expires_at(days: int) -> datetime:
    return datetime.utcnow() + timedelta(days=days)
```

## Use instead
```python
from datetime import UTC, datetime, timedelta


def expires_at(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)
```

## Known limits
Silent where the value is given a zone at once (`.astimezone()`, `utcnow().replace(tzinfo=UTC)`), where only a
difference of two such values is taken, and in log calls. A warning where only its text or its date is used, and for
`fromtimestamp`.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.functions import enclosing, own_nodes, values_of
from plumb.analysis.instants import Zone, is_utc, naive_call
from plumb.findings import Edit, Good, Report, Severity
from plumb.index.modules import External, FunctionInfo
from plumb.project import Project
from plumb.rule import node_rule
from plumb.source import SourceFile
from plumb.views import view

NAMES = ("utcnow", "now", "today", "fromtimestamp", "utcfromtimestamp")
UTC = frozenset({"utcnow", "utcfromtimestamp"})
DEFAULTS = frozenset({"default", "default_factory", "onupdate", "insert_default"})
REFERENCES = frozenset({"datetime.datetime.utcnow", "datetime.datetime.now", "datetime.datetime.today"})
UNBOUND = frozenset({"date", "time"})
"""`datetime.date(now)` is `now.date()`."""
TEXT = frozenset({"strftime", "date", "time", "year", "month", "day", "hour", "weekday", "isocalendar", "ctime"})
LOG_CALLS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log", "print", "echo"})


@node_rule(
    "PB404",
    "naive-now",
    Severity.ERROR,
    nodes=(ast.Call, ast.keyword, ast.Assign),
    needles=("datetime",),
    kinds=("app",),
)
def check(node: ast.Call | ast.keyword | ast.Assign, file: SourceFile) -> Iterator[Report | Good]:
    """Look at every call, and at the functions that are passed as defaults or get another name."""
    if not isinstance(node, ast.Call):
        yield from _reference(node, file) if isinstance(node, ast.keyword) else _alias(node, file)
        return
    if not isinstance(node.func, ast.Attribute | ast.Name):
        return
    zone = naive_call(node, file) if _may_be(node.func, file) else None
    if zone is None:
        if file.is_call_to(node, "datetime.datetime.now") and node.args and is_utc(node.args[0], file):
            yield file.good(node)
        return
    severity = _severity(node, zone, file)
    if severity is not None:
        yield file.report(
            node, _message(node, zone, file), _fix(node, file), edits=_edits(node, file), severity=severity
        )


def _may_be(function: ast.expr, file: SourceFile) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr in NAMES
    symbol = file.resolve(function)
    return isinstance(symbol, External) and symbol.key.startswith("datetime.datetime.")


def _reference(node: ast.keyword, file: SourceFile) -> Iterator[Report]:
    if node.arg not in DEFAULTS or not isinstance(node.value, ast.Attribute | ast.Name):
        return
    symbol = file.resolve(node.value)
    if isinstance(symbol, External) and symbol.key in REFERENCES:
        yield file.report(
            node.value,
            f"`{file.text_of(node.value)}` as `{node.arg}` gives a time without a zone",
            f"{node.arg}={_aware_default(file)}",
        )


def _alias(node: ast.Assign, file: SourceFile) -> Iterator[Report]:
    """Another name for a function whose times never have a zone; its calls in this file are found where they are."""
    symbol = file.resolve(node.value) if isinstance(node.value, ast.Attribute) and node.value.attr in UTC else None
    if not isinstance(symbol, External) or not symbol.key.startswith("datetime.datetime."):
        return
    name = getattr(node.targets[0], "id", "")
    if not any(getattr(one.func, "id", "") == name for one in file.nodes(ast.Call)):
        yield file.report(
            node.value,
            f"`{file.text_of(node.value)}` gives a time without a zone, under another name, too",
            f"{file.text_of(node.targets[0])} = {_aware_default(file)}",
        )


def _severity(node: ast.Call, zone: Zone, file: SourceFile) -> Severity | None:
    """None where the zone is added at once or does not matter."""
    above, outer = file.parent(node), None
    if isinstance(above, ast.Attribute):
        outer = file.parent(above)
        if above.attr == "replace" and isinstance(outer, ast.Call) and _sets_zone(outer):
            lies = zone is Zone.LOCAL and is_utc(next(w.value for w in outer.keywords if w.arg == "tzinfo"), file)
            return Severity.ERROR if lies and not node.args else None
        if zone is Zone.LOCAL and above.attr in {"astimezone", "timestamp"}:
            return None
        if above.attr in TEXT:
            return None if _in_log(node, file) else Severity.WARNING
    if _is_localized(node, file) or _in_log(node, file) or _only_elapsed(node, file):
        return None
    shown = isinstance(above, ast.BinOp) and getattr(file.parent(above), "attr", "") in TEXT
    shown = shown or (isinstance(above, ast.Call) and getattr(above.func, "attr", "") in UNBOUND)
    if shown or _name(node) == "fromtimestamp" or _has_z(above, outer, file):
        return Severity.WARNING
    return Severity.ERROR


def _sets_zone(call: ast.Call) -> bool:
    return any(
        word.arg == "tzinfo" and not (isinstance(word.value, ast.Constant) and word.value.value is None)
        for word in call.keywords
    )


def _has_z(above: ast.AST | None, outer: ast.AST | None, file: SourceFile) -> bool:
    """Whether `.isoformat() + "Z"` follows."""
    if not isinstance(above, ast.Attribute) or above.attr != "isoformat" or outer is None:
        return False
    sum_ = file.parent(outer)
    return isinstance(sum_, ast.BinOp) and isinstance(sum_.right, ast.Constant) and sum_.right.value == "Z"


def _is_localized(node: ast.Call, file: SourceFile) -> bool:
    above = file.parent(node)
    return isinstance(above, ast.Call) and isinstance(above.func, ast.Attribute) and above.func.attr == "localize"


def _in_log(node: ast.AST, file: SourceFile) -> bool:
    for above in file.ancestors(node):
        if isinstance(above, ast.stmt):
            return False
        if isinstance(above, ast.Call) and _name(above) in LOG_CALLS:
            return True
    return False


def _only_elapsed(node: ast.Call, file: SourceFile) -> bool:
    """Whether the value serves only to be subtracted from another naive one, as in measuring a duration."""
    above = file.parent(node)
    if isinstance(above, ast.BinOp):
        return _is_difference(above, file)
    if not isinstance(above, ast.Assign) or len(above.targets) != 1 or not isinstance(above.targets[0], ast.Name):
        return False
    name, function = above.targets[0].id, enclosing(node, file)
    if function is None:
        return False
    uses = [
        used
        for used in own_nodes(function)
        if isinstance(used, ast.Name) and used.id == name and isinstance(used.ctx, ast.Load)
    ]
    sums = [file.parent(used) for used in uses]
    return bool(sums) and all(isinstance(one, ast.BinOp) and _is_difference(one, file) for one in sums)


def _is_difference(node: ast.BinOp, file: SourceFile) -> bool:
    return isinstance(node.op, ast.Sub) and all(_is_naive(side, file) for side in (node.left, node.right))


def _is_naive(node: ast.expr, file: SourceFile) -> bool:
    if isinstance(node, ast.Name):
        values = values_of(node, file)
        return bool(values) and all(naive_call(value, file) for value in values)
    return naive_call(node, file) is not None


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _message(node: ast.Call, zone: Zone, file: SourceFile) -> str:
    what = "the server's local time" if zone is Zone.LOCAL else "UTC"
    above = file.parent(node)
    if zone is Zone.LOCAL and isinstance(above, ast.Attribute) and above.attr == "replace":
        return f"`{file.text_of(node)}` is the server's local time; `replace` calls it UTC without converting it"
    return f"`{file.text_of(node)}` is {what} without a zone"


def _fix(node: ast.Call, file: SourceFile) -> str:
    helper = _helper(file.project)
    if helper is not None and not node.args:
        return f"{helper.name}()"
    owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else "datetime"
    if "fromtimestamp" in _name(node):
        first = ast.unparse(node.args[0]) if node.args else "seconds"
        return f"{owner}.fromtimestamp({first}, {_utc(file)})"
    return f"{owner}.now({_utc(file)})"


def _aware_default(file: SourceFile) -> str:
    helper = _helper(file.project)
    return helper.name if helper is not None else f"lambda: datetime.now({_utc(file)})"


def _utc(file: SourceFile) -> str:
    bound = {name for scope, name in file.module.bindings if not scope}
    if "UTC" in bound:
        return "UTC"
    return "timezone.utc" if "timezone" in bound else "UTC"


def _edits(node: ast.Call, file: SourceFile) -> list[Edit]:
    """Only where the zone's name is at hand."""
    bound = {name for scope, name in file.module.bindings if not scope}
    if isinstance(node.func, ast.Name) or not bound & {"UTC", "timezone"} or _fix(node, file).find(".now(") < 0:
        return []
    return [file.edit(node, _fix(node, file))]


@view
def _helper(project: Project) -> FunctionInfo | None:
    """The project's own function without parameters that returns the aware present, such as `utc_now`."""
    for module in project.modules():
        if project.kind(module.path) != "app":
            continue
        for function in module.functions():
            texts = [value.text for value in function.fact.returned]
            plain = not function.fact.owner and not function.fact.parameters and not function.fact.scope
            if plain and texts and texts[0].endswith(("datetime.now(UTC)", "datetime.now(timezone.utc)")):
                return function
    return None
