"""The enum columns that expressions of SQLAlchemy name, and those of the model that a statement is about."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.enum_words import assigned_once
from plumb.analysis.functions import source_of, uses, values_of
from plumb.analysis.row_changes import column_named
from plumb.analysis.stored_enums import NONE, Columns, Stored, stored_in, stored_in_table
from plumb.index.extract import last_name
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo, FieldInfo, ValueInfo
from plumb.index.names import dotted_name
from plumb.walk import chained_calls, walk

if TYPE_CHECKING:
    from plumb.source import SourceFile

COL = ("sqlmodel.col", "sqlmodel.sql.expression.col")
CASTS = frozenset({"cast", "type_coerce"})
CHANGES = frozenset({"insert", "update"})
JOINS = frozenset({"join", "outerjoin", "select_from"})
STARTS = frozenset({"select", "query", "update", "insert", "delete"})
KEYWORD_CALLS = frozenset({"filter_by", "values", "update"})
DEPTH = 4


def column_of(node: ast.expr, file: "SourceFile") -> Stored | None:
    """The column behind `Task.status`, `tasks.c.status`, `col(...)` or `cast(...)` of one, or a local name."""
    if isinstance(node, ast.Call) and node.args and (file.is_call_to(node, *COL) or last_name(node) in CASTS):
        node = node.args[0]
    if isinstance(node, ast.Name):
        value = assigned_once(node, file)
        return column_of(value, file) if value is not None and not isinstance(value, ast.Name) else None
    if not isinstance(node, ast.Attribute) or node.attr == "name" or not isinstance(node.ctx, ast.Load):
        return None
    owner = node.value
    if isinstance(owner, ast.Attribute) and owner.attr in {"c", "columns"}:
        return _columns_of_table(owner.value, file).get(node.attr)
    return _columns_of_model(owner, file).get(node.attr) if isinstance(owner, ast.Name | ast.Attribute) else None


def columns_of(
    node: ast.expr, file: "SourceFile", owner: ClassInfo | None = None, seen: frozenset[str] = frozenset()
) -> Columns:
    """The columns of what a statement selects, changes or adds: of the model at the start of its chain of calls.

    A later `join()` or `select_from()` is what `filter_by()` speaks of.
    *owner* is the class that `self` is an instance of, where it is not the one around the statement.
    """
    while isinstance(node, ast.Call):
        if last_name(node) in JOINS and node.args:
            return _columns_of_model(node.args[0], file, owner)
        if last_name(node) in STARTS and node.args:
            first = node.args[0]
            whole = _columns_of_model(first, file, owner)
            part = (
                _columns_of_model(first.value, file, owner) if isinstance(first, ast.Attribute) and not whole else NONE
            )
            return whole or part or _columns_of_table(first, file)
        if not isinstance(node.func, ast.Attribute):
            return NONE
        if last_name(node) in STARTS and not node.args:
            return _columns_of_table(node.func.value, file)
        node = node.func.value
    name = dotted_name(node)
    if not name or name in seen:
        return NONE
    found = (columns_of(one, file, owner, seen | {name}) for one in _assigned(node, file))
    return next((one for one in found if one), NONE)


def written_by(node: ast.expr, file: "SourceFile") -> Columns:
    """The columns that the rows beside an `insert()` or `update()` are written to."""
    statements = values_of(node, file) if isinstance(node, ast.Name) else [node]
    changes = [one for one in statements if any(last_name(call) in CHANGES for call in chained_calls(one))]
    return columns_of(changes[0], file) if changes else NONE


def _assigned(node: ast.expr, file: "SourceFile") -> list[ast.expr]:
    """What a variable, or an attribute of `self` in the class around, is set to."""
    if isinstance(node, ast.Name):
        return values_of(node, file)
    around = next((one for one in file.ancestors(node) if isinstance(one, ast.ClassDef)), None)
    if around is None or not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return []
    wanted, found = ast.unparse(node), list[ast.expr]()
    for one in walk(around) if node.value.id == "self" else ():
        target = one.targets[0] if isinstance(one, ast.Assign) else getattr(one, "target", None)
        value = one.value if isinstance(one, ast.Assign | ast.AnnAssign) else None
        if value is not None and isinstance(target, ast.Attribute) and ast.unparse(target) == wanted:
            found.append(value)
    return found


def _columns_of_model(node: ast.expr, file: "SourceFile", owner: ClassInfo | None = None) -> Columns:
    """Those of a model that is named, or that `self.model` of the class around is set to."""
    symbol = file.resolve_class(node)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
        owner = owner or class_around(node, file)
        symbol = _class_attribute(owner, node.attr, file) if owner is not None else None
    model = model_of(file.project, symbol) if isinstance(symbol, ClassInfo) else None
    return NONE if model is None else stored_in(file.project, model)


def class_around(node: ast.AST, file: "SourceFile") -> ClassInfo | None:
    """The class in whose methods a node stands."""
    around = next((one for one in file.ancestors(node) if isinstance(one, ast.ClassDef)), None)
    return None if around is None else file.class_info(around)


def passed_on(call: ast.Call, file: "SourceFile") -> Columns:
    """The columns that a method of the own class compares its `**criteria` with, or sets to them."""
    function = call.func
    own = function.value if isinstance(function, ast.Attribute) else None
    owner = class_around(call, file) if isinstance(own, ast.Name) and own.id in {"self", "cls"} else None
    if owner is None or not isinstance(function, ast.Attribute):
        return NONE
    method = file.project.hierarchy.method(owner, function.attr)
    criteria = [one.name for one in method.fact.parameters if one.kind == "kwargs"] if method is not None else []
    source, body = source_of(file.project, method) if method is not None and criteria else (None, None)
    for one in walk(body) if source is not None and body is not None else ():
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in KEYWORD_CALLS:
            given = [word.value for word in one.keywords if word.arg is None]
            if source is not None and any(isinstance(value, ast.Name) and value.id in criteria for value in given):
                return columns_of(one.func.value, source, owner)
    return NONE


def _class_attribute(owner: ClassInfo, name: str, file: "SourceFile") -> ClassInfo | None:
    """The class that an attribute of a class is set to in its body, or in that of a base."""
    found = file.project.hierarchy.member(owner, name)
    value = found.fact.value if isinstance(found, FieldInfo) else None
    if found is None or value is None:
        return None
    symbol = file.project.names.resolve(found.owner.module, value.text, found.owner.qualname)
    return symbol if isinstance(symbol, ClassInfo) else None


def _columns_of_table(node: ast.expr, file: "SourceFile") -> Columns:
    symbol = file.resolve(node)
    return stored_in_table(symbol, file.project) if isinstance(symbol, ValueInfo) else NONE


def rows(node: ast.expr, file: "SourceFile", depth: int = DEPTH) -> Iterator[tuple[str, ast.expr]]:
    """The keys and values of a dict, or of the dicts in a list, that are written out."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                yield from rows(value, file, depth - 1) if depth else ()
            else:
                yield column_named(key), value
    elif isinstance(node, ast.Call) and last_name(node) == "dict":
        yield from ((word.arg or "", word.value) for word in node.keywords)
    elif isinstance(node, ast.List | ast.Tuple):
        for one in node.elts if depth else ():
            yield from rows(one, file, depth - 1)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        yield from rows(node.elt, file, depth - 1) if depth else ()
    elif isinstance(node, ast.Name) and depth:
        function = file.function_of(node)
        put = [one for one, _ in uses(function, file).added.get(node.id, ())] if function is not None else []
        for one in (*values_of(node, file), *put):
            yield from rows(one, file, depth - 1)
