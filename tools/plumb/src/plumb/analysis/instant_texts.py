"""Calls that turn an instant into text without the `Z`: `.isoformat()`, `.strftime()`, `str()`."""

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import values_of
from plumb.analysis.instants import Zone, is_instant, zone_of

if TYPE_CHECKING:
    from plumb.source import SourceFile

_DATE = re.compile(r"%(Y|F|y|c|D|x|s)")
_CLOCK = re.compile(r"%(H|I|T|R|c|X|s)")


class InstantText(NamedTuple):
    """`node` is the call; `put_right` when `.replace("+00:00", "Z")` follows; `zone` is that of the instant."""

    node: ast.Call
    receiver: ast.expr
    zone: Zone
    certain: bool
    put_right: bool


def instant_text(node: ast.expr, file: "SourceFile") -> InstantText | None:
    """What *node* is when it prints an instant without `Z`; None for dates, other texts, and texts with `Z`."""
    inner = _replaced(node, file)
    call = inner or node
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
        return _plain_text(call, file)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr == "strftime" and not _is_full(call, file):
        return None
    if call.func.attr not in {"isoformat", "strftime"}:
        return None
    receiver = call.func.value
    known = is_instant(receiver, file)
    if known is False or _is_checked_date(node, receiver, file) or _is_static(call, file):
        return None
    return InstantText(
        call, receiver, zone_of(receiver, file), known is True or _is_checked(call, file), inner is not None
    )


def ends_in_z(format_: str) -> bool:
    """Whether a format writes a `Z` at the end; `%Z` writes the name of the zone."""
    return format_.endswith("Z") and not format_.endswith("%Z")


def _plain_text(call: ast.Call, file: "SourceFile") -> InstantText | None:
    """`str(task.created_at)`, where something else than the name says that it is an instant."""
    if not isinstance(call.func, ast.Name) or call.func.id != "str" or len(call.args) != 1 or call.keywords:
        return None
    zone = zone_of(call.args[0], file)
    if zone in {Zone.UNKNOWN, Zone.DATE}:
        return None
    return InstantText(call, call.args[0], zone, certain=True, put_right=False)


def puts_right(node: ast.expr) -> bool:
    """Whether it is `text.replace("+00:00", "Z")`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "replace":
        return False
    return [part.value for part in node.args if isinstance(part, ast.Constant)] == ["+00:00", "Z"]


def _replaced(node: ast.expr, file: "SourceFile") -> ast.Call | None:
    """The call inside `x.isoformat().replace("+00:00", "Z")`, also of the variable that holds its value."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not puts_right(node):
        return None
    base: ast.expr = node.func.value
    if isinstance(base, ast.Name):
        before = [value for value in values_of(base, file) if value is not node]
        base = before[0] if len(before) == 1 else base
    return base if isinstance(base, ast.Call) else None


def _is_full(call: ast.Call, file: "SourceFile") -> bool:
    """Whether a format has a date and a clock and does not end in `Z`."""
    text = file.scope(call).literal(call.args[0]) if call.args else None
    if not isinstance(text, str) or ends_in_z(text):
        return False
    return _DATE.search(text) is not None and _CLOCK.search(text) is not None


def _is_static(call: ast.Call, file: "SourceFile") -> bool:
    """`time.strftime(...)` and `datetime.isoformat(value)` are called on a module or a class."""
    assert isinstance(call.func, ast.Attribute)
    return file.resolve(call.func.value) is not None


def _is_checked(call: ast.Call, file: "SourceFile") -> bool:
    """Whether an `isinstance(x, datetime)` around it says what it is."""
    assert isinstance(call.func, ast.Attribute)
    return _checked_for(call, call.func.value, file) == "datetime"


def _is_checked_date(node: ast.expr, receiver: ast.expr, file: "SourceFile") -> bool:
    return _checked_for(node, receiver, file) == "date"


def _checked_for(node: ast.AST, receiver: ast.expr, file: "SourceFile") -> str:
    name = ast.unparse(receiver)
    below = node
    for above in file.ancestors(node):
        if isinstance(above, ast.If | ast.IfExp) and below is not above.test:
            for test in ast.walk(above.test):
                found = _class_in(test, name)
                if found:
                    return found
        below = above
    return ""


def _class_in(test: ast.AST, name: str) -> str:
    """The last name of the only class in `isinstance(name, Class)`."""
    if not isinstance(test, ast.Call) or not isinstance(test.func, ast.Name) or test.func.id != "isinstance":
        return ""
    if ast.unparse(test.args[0]) != name:
        return ""
    wanted = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
    names = {part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in wanted}
    return "datetime" if "datetime" in names else "date" if "date" in names else ""
