"""What a variable may still hold where it is read: not what a later statement of the same block has replaced."""

import ast
from typing import TYPE_CHECKING

from plumb.analysis.functions import values_of
from plumb.analysis.instant_texts import puts_right
from plumb.walk import names_in

if TYPE_CHECKING:
    from plumb.source import SourceFile


def reaching(node: ast.Name, file: "SourceFile") -> list[ast.expr]:
    """The values of the plain assignments that may reach *node*."""
    found = values_of(node, file)
    if len(found) == 1:
        return found
    return [one for one in found if not any(_replaces(other, one, node, file) for other in found)]


def _replaces(later: ast.expr, earlier: ast.expr, node: ast.Name, file: "SourceFile") -> bool:
    """Whether one value is set behind another where both are; or if a test of the variable itself says so."""
    first, last = file.parent(earlier), file.parent(later)
    if not isinstance(first, ast.stmt) or not isinstance(last, ast.stmt) or _keeps(later, node.id):
        return False
    if not first.lineno < last.lineno <= (last.end_lineno or last.lineno) < node.lineno:
        return False
    above = file.parent(last)
    if isinstance(above, ast.If) and last in above.body and node.id in names_in(above.test) and first not in above.body:
        last, above = above, file.parent(above)
    return above is not None and any(first in body and last in body for body in _bodies(above))


def _keeps(value: ast.expr, name: str) -> bool:
    """Whether what was there is in the new value: `stamp = stamp.strip()`, where nothing puts in the `Z`."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or puts_right(value):
        return False
    base = value.func.value
    return isinstance(base, ast.Name) and base.id == name


def _bodies(block: ast.AST) -> list[list[ast.stmt]]:
    found = [getattr(block, name, None) for name in ("body", "orelse", "finalbody")]
    return [one for one in found if isinstance(one, list)]
