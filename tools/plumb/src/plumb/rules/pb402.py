"""A `Z` is written behind a text that has an offset already, or behind a local time.

## What it does
Finds `x.isoformat() + "Z"`, f-strings such as `f"{x.isoformat()}Z"` and formats that end in a literal `Z`, where the
instant is aware (its text ends in `+00:00`) or local (its text is not UTC).

## Why is this bad
`2024-01-15T10:30:00+00:00Z` is no instant for any parser. A local time with a `Z` is worse: it is read without
complaint, and is off by the offset of the server.

## Example
```python
from datetime import UTC, datetime


def stamp() -> str:
    return datetime.now(UTC).isoformat() + "Z"
```

## Use instead
```python
from datetime import UTC, datetime


def stamp() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
```

## Known limits
A warning where the instant may be aware or naive. Silent where a test of `tzinfo` stands around it, and for formats
with a literal `Z` of values whose zone is not known.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from plumb.analysis.instant_texts import ends_in_z
from plumb.analysis.instants import Zone, is_instant, zone_of
from plumb.findings import Good, Report, Severity
from plumb.rule import node_rule
from plumb.source import SourceFile

Z = "Z"


@node_rule(
    "PB402",
    "z-behind-offset-or-local-time",
    Severity.ERROR,
    nodes=(ast.BinOp, ast.JoinedStr, ast.Call),
    needles=("isoformat", "strftime"),
    kinds=("app",),
)
def check(node: ast.BinOp | ast.JoinedStr | ast.Call, file: SourceFile) -> Iterator[Report | Good]:
    """Look at sums, f-strings and formats whose `Z` is written behind an instant."""
    printed = _filled(node) if isinstance(node, ast.Call) else _joined(node)
    if isinstance(node, ast.BinOp):
        printed = _sum(node) if isinstance(node.op, ast.Add) else _percent(node)
    elif isinstance(node, ast.Call) and printed is None:
        yield from _format(node, file)
        return
    if printed is None or not isinstance(printed.func, ast.Attribute) or _is_guarded(node, printed, file):
        return
    receiver = printed.func.value
    zone = zone_of(receiver, file)
    if zone in {Zone.NAIVE_UTC, Zone.NAIVE, Zone.DATE} or is_instant(receiver, file) is False:
        return
    if zone is Zone.LOCAL:
        yield _local(node, receiver, zone, file)
        return
    text = file.text_of(receiver)
    certain = zone.aware
    yield file.report(
        node,
        f"`{text}` {'is' if certain else 'may be'} aware: its text ends in `+00:00`, and the `Z` makes it `+00:00Z`",
        _fix(receiver, zone, file),
        severity=None if certain else Severity.WARNING,
    )


def _sum(node: ast.BinOp) -> ast.Call | None:
    """The call in `x.isoformat() + "Z"`."""
    return _isoformat(node.left) if isinstance(node.right, ast.Constant) and node.right.value == Z else None


def _percent(node: ast.BinOp) -> ast.Call | None:
    """The call in `"%sZ" % x.isoformat()`."""
    format_ = node.left.value if isinstance(node.left, ast.Constant) else None
    return _isoformat(node.right) if isinstance(node.op, ast.Mod) and format_ == "%sZ" else None


def _filled(node: ast.Call) -> ast.Call | None:
    """The call in `"{}Z".format(x.isoformat())`."""
    function = node.func
    if not isinstance(function, ast.Attribute) or function.attr != "format" or len(node.args) != 1:
        return None
    format_ = function.value.value if isinstance(function.value, ast.Constant) else None
    return _isoformat(node.args[0]) if format_ in {"{}Z", "{0}Z"} else None


def _joined(node: ast.expr) -> ast.Call | None:
    """The call in `f"...{x.isoformat()}Z..."`."""
    values = node.values if isinstance(node, ast.JoinedStr) else []
    for value, behind in pairwise(values):
        if not isinstance(value, ast.FormattedValue) or not isinstance(behind, ast.Constant):
            continue
        text = str(behind.value)
        if text.startswith(Z) and not text[1:2].isalnum():
            return _isoformat(value.value)
    return None


def _isoformat(node: ast.expr) -> ast.Call | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "isoformat":
        return node
    return None


def _format(node: ast.Call, file: SourceFile) -> Iterator[Report | Good]:
    """`x.strftime("%Y-%m-%dT%H:%M:%SZ")` of a local time or of one in another zone; and what is right."""
    if not isinstance(node.func, ast.Attribute) or not node.args:
        return
    if node.func.attr == "replace" and _isoformat(node.func.value) is not None:
        if [one.value for one in node.args if isinstance(one, ast.Constant)] == ["+00:00", Z]:
            yield file.good(node)
        return
    if node.func.attr != "strftime":
        return
    text = file.scope(node).literal(node.args[0])
    if not isinstance(text, str) or not ends_in_z(text) or "%H" not in text.replace("%T", "%H"):
        return
    receiver = node.func.value
    zone = zone_of(receiver, file)
    if text.endswith("%zZ") and zone is not Zone.NAIVE_UTC:
        yield file.report(node, "the format prints the offset and a `Z` behind it", _fix(receiver, zone, file))
    elif zone in {Zone.LOCAL, Zone.ELSEWHERE}:
        yield _local(node, receiver, zone, file)
    elif zone is Zone.AWARE and _is_converted(receiver, file):
        yield file.report(
            node,
            f"`{file.text_of(receiver)}` may be in another zone, and the `Z` says it is UTC",
            _fix(receiver, zone, file),
            severity=Severity.WARNING,
        )


def _is_converted(receiver: ast.expr, file: SourceFile) -> bool:
    """Whether it was just put into a zone that nothing calls UTC."""
    converted = isinstance(receiver, ast.Call) and getattr(receiver.func, "attr", "") in {"astimezone", "now"}
    return converted and "utc" not in file.text_of(receiver).lower()


def _local(node: ast.expr, receiver: ast.expr, zone: Zone, file: SourceFile) -> Report:
    what = "the server's local time" if zone is Zone.LOCAL else "in another zone"
    return file.report(
        node,
        f"`{file.text_of(receiver)}` is {what}, and the `Z` says it is UTC",
        'datetime.now(UTC).isoformat().replace("+00:00", "Z")' if zone is Zone.LOCAL else _fix(receiver, zone, file),
    )


def _fix(receiver: ast.expr, zone: Zone, file: SourceFile) -> str:
    text = file.text_of(receiver)
    converted = text if zone is Zone.UTC else f"{text}.astimezone(UTC)"
    return f'{converted}.isoformat().replace("+00:00", "Z")'


def _is_guarded(node: ast.expr, printed: ast.Call, file: SourceFile) -> bool:
    """Whether a test of the zone stands around it or before it in the same function."""
    for above in file.ancestors(node):
        if isinstance(above, ast.If | ast.IfExp) and _asks_zone(above.test):
            return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            earlier = [one for one in ast.walk(above) if isinstance(one, ast.If) and one.lineno < printed.lineno]
            return any(_asks_zone(one.test) for one in earlier)
    return False


def _asks_zone(test: ast.expr) -> bool:
    text = ast.unparse(test)
    return "tzinfo" in text or "utcoffset" in text or "+00:00" in text or "endswith" in text
