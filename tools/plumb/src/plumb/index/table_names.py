"""What tables and columns are called in the database, also where a base computes that from the name of the class."""

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plumb.index.facts import FieldFact
from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.index.scope import Scope, keyword
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project

DEPTH = 8
NO_COLUMNS = frozenset({"column_property", "query_expression", "deferred", "PrivateAttr"})
CASES = {"lower": str.lower, "upper": str.upper}


def computed_table(project: "Project", owner: ClassInfo) -> str | None:
    """What the first `__tablename__()` of the bases returns: empty if it cannot be read, None if there is none."""
    for known in project.hierarchy.lineage(owner).classes:
        for method in known.methods() if "__tablename__" in known.fact.methods else ():
            if method.fact.name == "__tablename__":
                return _returned(method, owner.name, project, DEPTH) or ""
    return None


def _returned(function: FunctionInfo, name: str, project: "Project", depth: int) -> str | None:
    """What a function without branches returns, for a class or a text of this name."""
    given, body = function.fact.parameters, project.definition(function)
    if not depth or body is None or not given:
        return None
    scope, names = Scope(project, function.module, function.fact.qualname), {given[0].name: name}
    for statement in body.body:
        if isinstance(statement, ast.Return):
            return None if statement.value is None else _text(statement.value, names, scope, depth)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            names[statement.targets[0].id] = _text(statement.value, names, scope, depth) or ""
        elif not isinstance(statement, ast.Expr | ast.Import | ast.ImportFrom):
            return None
    return None


def _text(node: ast.expr, names: Mapping[str, str], scope: Scope, depth: int) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr == "__name__":
        node = node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return _joined(node, names, scope, depth)
    if isinstance(node, ast.Call):
        return _called(node, names, scope, depth)
    literal = scope.literal(node)
    return literal if isinstance(literal, str) else None


def _joined(node: ast.BinOp | ast.JoinedStr, names: Mapping[str, str], scope: Scope, depth: int) -> str | None:
    values = [node.left, node.right] if isinstance(node, ast.BinOp) else node.values
    parts = [_text(one.value if isinstance(one, ast.FormattedValue) else one, names, scope, depth) for one in values]
    known = [one for one in parts if one is not None]
    return "".join(known) if len(known) == len(parts) else None


def _called(node: ast.Call, names: Mapping[str, str], scope: Scope, depth: int) -> str | None:
    """`name.lower()`, `re.sub(pattern, new, name)`, or a function of the project's own."""
    given = [_text(one, names, scope, depth) for one in node.args]
    known = [one for one in given if one is not None]
    if len(known) != len(given) or node.keywords:
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr in CASES and not known:
        before = _text(node.func.value, names, scope, depth)
        return None if before is None else CASES[node.func.attr](before)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "sub":
        return _substituted(node.func.value, known, scope)
    symbol = scope.resolve(node.func)
    if not isinstance(symbol, FunctionInfo) or len(known) != 1:
        return None
    return _returned(symbol, known[0], scope.project, depth - 1)


def _substituted(owner: ast.expr, given: list[str], scope: Scope) -> str | None:
    """What `re.sub()`, or `sub()` of a compiled pattern, makes of its texts."""
    home, made = scope.value(owner)
    is_compiled = isinstance(made, ast.Call) and home.is_call_to(made, "re.compile") and len(made.args) == 1
    pattern = home.literal(made.args[0]) if isinstance(made, ast.Call) and is_compiled else None
    texts = [pattern, *given] if isinstance(pattern, str) else given
    try:
        old, new, text = texts
        return re.sub(old, new, text)
    except (ValueError, re.error):
        return None


def column_name(field: FieldFact) -> str:
    """The name of a column in the database: the first string of `Column` or `mapped_column`, else the attribute's.

    Nothing where it is no column, or its name cannot be told.
    """
    for call in walk(field.value.node) if field.value is not None else ():
        if not isinstance(call, ast.Call):
            continue
        called = ast.unparse(call.func).rpartition(".")[2]
        if called in NO_COLUMNS:
            return ""
        if called in {"Column", "mapped_column"}:
            if any(word.arg is None for word in call.keywords):
                return ""
            first = keyword(call, "name") or (call.args[0] if call.args else None)
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                return first.value
    return field.name
