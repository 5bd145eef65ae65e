"""Tuples, lists, dicts and comprehensions that are written out, and what is taken out of them."""

import ast

from plumb.analysis.orm import expressions
from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.values import Known, Loaders, Lookup, Many, Mapping, ModelClass, Row, Value
from plumb.index.extract import last_name


def sequence(frame: Frame, node: ast.Tuple | ast.List | ast.Set) -> Value:
    """What is written out one by one; with all of some other collection in it, that collection or nothing known."""
    values = [frame.value(one.value if isinstance(one, ast.Starred) else one) for one in node.elts]
    items: list[Value] = []
    for part, value in zip(node.elts, values, strict=True):
        if not isinstance(part, ast.Starred) or isinstance(value, Loaders):
            items.append(value)
        elif isinstance(value, Row):
            items.extend(value.items)
        else:
            return Many(expressions.item_of(frame, value)) if len(values) == 1 else None
    return Row(tuple(items))


def mapping(frame: Frame, node: ast.Dict) -> Value:
    entries: list[tuple[str, Value]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        frame.value(key)
        found = frame.value(value)
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            entries.append((key.value, found))
    return Mapping(tuple(entries))


def comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
    return Many(_inside(frame, node.generators, [node.elt])[0])


def dict_comprehension(frame: Frame, node: ast.DictComp) -> Value:
    found = _inside(frame, node.generators, [node.key, node.value])[1]
    return Lookup(found) if instances(found) else None


def looked_up(frame: Frame, base: Lookup, node: ast.Call) -> Value:
    """A method of such a dict; one that may bring other values leaves nothing known."""
    name = last_name(node.func)
    if name in {"get", "pop"}:
        return base.item
    if name in {"values", "items"}:
        return Many(base.item if name == "values" else Row((None, base.item)))
    if name == "copy":
        return base
    if name in {"update", "setdefault"} and isinstance(node.func, ast.Attribute):
        variable = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
        frame.state.variables.pop(variable, None)
    return None


def _inside(frame: Frame, generators: list[ast.comprehension], results: list[ast.expr]) -> list[Value]:
    before = dict(frame.state.variables)
    for generator in generators:
        expressions.bind(frame, generator.target, expressions.item_of(frame, frame.value(generator.iter)))
        for test in generator.ifs:
            frame.value(test)
    found = [frame.value(one) for one in results]
    frame.state.variables = before
    return found


def subscript(frame: Frame, node: ast.Subscript) -> Value:
    base = frame.value(node.value)
    frame.value(node.slice)
    if isinstance(base, ModelClass | Known):
        return base
    if isinstance(base, Lookup):
        return base.item
    if isinstance(base, Many):
        return base if isinstance(node.slice, ast.Slice) else base.item
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if isinstance(base, Row) and isinstance(key, int) and 0 <= key < len(base.items):
        return base.items[key]
    if isinstance(base, Mapping):
        return next((value for name, value in base.entries if name == key), None)
    return None
