"""What a loop goes through, where it is written out: lists, dicts, and parts and pairs of them; and what it gives."""

import ast
import copy
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.expr)
Given = Mapping[str, ast.expr]
Read = Callable[[ast.expr], ast.expr]
"""Gives the expression behind a name."""
AS_IT_IS = frozenset({"list", "tuple", "sorted", "set", "frozenset", "iter"})


def elements(node: ast.expr, read: Read) -> list[ast.expr] | None:
    """The expressions that a loop gives in its turns; None if one of them is not written out."""
    match read(node):
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return None if any(isinstance(one, ast.Starred) for one in items) else list(items)
        case ast.Dict(keys=keys):
            known = [one for one in keys if one is not None]
            return known if len(known) == len(keys) else None
        case ast.Call(func=ast.Attribute(value=table, attr="items" | "keys" | "values" as part), args=[]):
            return _of_dict(read(table), part)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if args:
            return _called(name, [elements(one, read) for one in args])
        case ast.Subscript(value=whole, slice=ast.Slice() as part):
            return _part(elements(whole, read), part)
        case _:
            return None


def named(target: ast.expr, value: ast.expr, read: Read) -> dict[str, ast.expr] | None:
    """What the names of a loop stand for in the turn that is given *value*; None if that is not written out."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    parts = read(value)
    if not isinstance(target, ast.Tuple | ast.List) or not isinstance(parts, ast.Tuple | ast.List):
        return None
    if len(target.elts) != len(parts.elts):
        return None
    found: dict[str, ast.expr] = {}
    for one, part in zip(target.elts, parts.elts, strict=True):
        inner = named(one, part, read)
        if inner is None:
            return None
        found |= inner
    return found


def put(node: Node, given: Given, at: ast.expr) -> Node:
    """A copy of an expression with others in the place of names, all of it where *at* stands."""
    made = _Put(given).visit(copy.deepcopy(node))
    for one in ast.walk(made):
        ast.copy_location(one, at)
    return made


class _Put(ast.NodeTransformer):
    def __init__(self, given: Given) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> Any:
        """The expression that is given for a name."""
        return copy.deepcopy(self.given[node.id]) if node.id in self.given else node


def _of_dict(table: ast.expr, part: str) -> list[ast.expr] | None:
    if not isinstance(table, ast.Dict) or None in table.keys:
        return None
    keys = [one for one in table.keys if one is not None]
    pairs: list[ast.expr] = [ast.Tuple([key, value], ast.Load()) for key, value in zip(keys, table.values, strict=True)]
    return {"items": pairs, "keys": keys}.get(part, list(table.values))


def _called(name: str, lists: list[list[ast.expr] | None]) -> list[ast.expr] | None:
    """What `reversed`, `sorted`, `zip` or `enumerate` makes of lists; the order of the turns does not matter."""
    known = [one for one in lists if one is not None]
    if len(known) != len(lists):
        return None
    if name == "zip":
        return [ast.Tuple(list(row), ast.Load()) for row in zip(*known, strict=False)]
    if len(known) != 1:
        return None
    if name == "enumerate":
        return [ast.Tuple([ast.Constant(place), one], ast.Load()) for place, one in enumerate(known[0])]
    if name == "reversed":
        return known[0][::-1]
    return known[0] if name in AS_IT_IS else None


def _part(items: list[ast.expr] | None, part: ast.Slice) -> list[ast.expr] | None:
    """`TABLES[:2]`."""
    try:
        bounds = [None if one is None else ast.literal_eval(one) for one in (part.lower, part.upper, part.step)]
        return None if items is None else items[slice(*bounds)]
    except (ValueError, TypeError):
        return None
