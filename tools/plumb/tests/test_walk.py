"""The walks of plumb see what `ast.walk` sees, but for operators and contexts."""

import ast
from pathlib import Path

import pytest

import plumb
from plumb.walk import Tree, levels, walk

OPERATORS = (ast.expr_context, ast.operator, ast.cmpop, ast.unaryop, ast.boolop)
EVERY_FORM = """
match x:
    case {"a": 1, **rest} if rest:
        global y
    case Point(0, y=[*others]) | None:
        print(*others, **rest)
async def f(a, /, b: int = 1, *c, d=lambda: -1, **e) -> {**a}:
    async with a as b, c: yield [i async for i in b if not i]
    x = y[1:2, ...] = (z := f"{a!r:>{b}}")
"""
SOURCES = [EVERY_FORM, *(path.read_text("utf-8") for path in sorted(Path(plumb.__file__).parent.glob("*.py")))]


@pytest.mark.parametrize("text", SOURCES, ids=lambda text: text.partition("\n")[0][:40])
def test_every_walk_sees_every_node(text: str) -> None:
    tree = ast.parse(text)
    wanted = [node for node in ast.walk(tree) if not isinstance(node, OPERATORS)]
    assert levels(tree) == wanted
    assert set(walk(tree)) == set(wanted)
    assert {node for found in Tree(tree).by_type.values() for node in found} == set(wanted)
