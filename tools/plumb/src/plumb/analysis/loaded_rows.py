"""The model whose rows an expression holds, by the query, the function or the annotation that it comes from."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.bodies import callee_of
from plumb.analysis.functions import enclosing, parameter_of, uses, values_of
from plumb.index.annotations import meaning
from plumb.index.modules import ClassInfo
from plumb.index.scope import Scope

if TYPE_CHECKING:
    from plumb.source import SourceFile

DEPTH = 12
COPIES = frozenset({"sorted", "list", "tuple", "set", "reversed"})
SAME = frozenset({"all", "unique", "fetchall"})
FIRST = frozenset({"one", "one_or_none", "first"})
SCALAR = frozenset({"scalar_one", "scalar_one_or_none", "scalar"})


class Rows(NamedTuple):
    """`many` rows or one; in `tuples` where a Core result still wraps them."""

    owner: ClassInfo
    many: bool = False
    tuples: bool = False


def rows_of(node: ast.expr, file: "SourceFile", depth: int = DEPTH) -> Rows | None:
    """What *node* holds; None where that cannot be told."""
    if not depth:
        return None
    if isinstance(node, ast.Await):
        return rows_of(node.value, file, depth)
    if isinstance(node, ast.Call):
        return _called(node, file, depth - 1)
    if isinstance(node, ast.Subscript):
        found = rows_of(node.value, file, depth - 1)
        single = found is not None and found.many and not isinstance(node.slice, ast.Slice)
        return found._replace(many=False) if found is not None and single else None
    if isinstance(node, ast.Attribute):
        return _field(node, file)
    return _variable(node, file, depth - 1) if isinstance(node, ast.Name) else None


def _variable(node: ast.Name, file: "SourceFile", depth: int) -> Rows | None:
    """By its assignments, which have to agree, by the loop that runs over it, by its annotation."""
    given = [value for value in values_of(node, file) if not isinstance(value, ast.Constant)]
    looped = _looped(node, file)
    if given or looped:
        found = {rows_of(value, file, depth) for value in given}
        found |= {_each(rows_of(value, file, depth)) for value in looped}
        return found.pop() if len(found) == 1 else None
    parameter = parameter_of(node, file)
    return None if parameter is None else _annotated(parameter.annotation, file.scope(node))


def _looped(node: ast.Name, file: "SourceFile") -> list[ast.expr]:
    """What the loops or comprehensions around *node* run over, with its name for each."""
    for above in file.ancestors(node):
        for one in getattr(above, "generators", ()):
            if isinstance(one.target, ast.Name) and one.target.id == node.id:
                return [one.iter]
    function = enclosing(node, file)
    loops = [] if function is None else uses(function, file).looped.get(node.id, [])
    return [one for one in loops if not (isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))]


def _each(rows: Rows | None) -> Rows | None:
    return rows._replace(many=False) if rows is not None and rows.many and not rows.tuples else None


def _called(call: ast.Call, file: "SourceFile", depth: int) -> Rows | None:
    func = call.func
    first = call.args[0] if call.args else None
    if isinstance(func, ast.Name) and func.id in COPIES and first is not None:
        return rows_of(first, file, depth)
    if isinstance(func, ast.Attribute):
        found = _result(func, first, file, depth)
        if found is not None:
            return found
    made = file.resolve(func)
    if isinstance(made, ClassInfo):
        return Rows(made)
    # What a function of a test returns, it has mostly made: it never was in a database.
    function = callee_of(call, file.scope(call), {}) if file.kind != "test" else None
    if function is None or function.fact.returns is None:
        return None
    return _annotated(function.fact.returns.node, Scope(file.project, function.module, function.fact.scope))


def _result(func: ast.Attribute, first: ast.expr | None, file: "SourceFile", depth: int) -> Rows | None:
    """A step of `(await session.execute(select(Task))).scalars().first()`."""
    name = func.attr
    if first is not None:
        if name in {"get", "get_one"}:
            owner = file.resolve(first) if isinstance(first, ast.Name | ast.Attribute) else None
            return Rows(owner) if isinstance(owner, ClassInfo) else None
        owner = _selected(first, file, depth) if name in {"execute", "exec", "scalars", "scalar"} else None
        return None if owner is None else Rows(owner, many=name != "scalar", tuples=name == "execute")
    if name not in {*SAME, *FIRST, *SCALAR, "scalars"}:
        return None
    found = rows_of(func.value, file, depth)
    if found is None or (name not in {"scalars", *SCALAR, "unique"} and found.tuples):
        return None
    return Rows(found.owner, found.many and name not in {*FIRST, *SCALAR}, found.tuples and name == "unique")


def _selected(node: ast.expr, file: "SourceFile", depth: int) -> ClassInfo | None:
    """The one class that a statement selects."""
    if not depth:
        return None
    if isinstance(node, ast.Name):
        found = {_selected(value, file, depth - 1) for value in values_of(node, file)}
        return found.pop() if len(found) == 1 else None
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr != "select":
        node = node.func.value
    if isinstance(node, ast.Name):
        return _selected(node, file, depth - 1)
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    symbol = file.resolve(node.args[0]) if name == "select" else None
    return symbol if isinstance(symbol, ClassInfo) else None


def _field(node: ast.Attribute, file: "SourceFile") -> Rows | None:
    """`self.rows`, by the annotation in the class around."""
    owner = next((above for above in file.ancestors(node) if isinstance(above, ast.ClassDef)), None)
    if owner is None or not isinstance(node.value, ast.Name) or node.value.id != "self":
        return None
    found = file.project.hierarchy.member(file.class_info(owner), node.attr)
    if found is None or found.fact.annotation is None:
        return None
    return _annotated(found.fact.annotation.node, Scope.of_class(file.project, found.owner))


def _annotated(annotation: ast.expr | None, scope: Scope) -> Rows | None:
    said = meaning(annotation, scope)
    return Rows(said.symbol, many=said.collection) if isinstance(said.symbol, ClassInfo) else None
