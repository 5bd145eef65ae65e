"""A function that is read without its file is the one of its file."""

import ast
from pathlib import Path
from typing import NamedTuple

from plumb import testing
from plumb.analysis.orm.home import home_of
from plumb.cache import Cache
from plumb.project import Project


class Shown(NamedTuple):
    """What is known of a function."""

    name: str
    tree: str
    local: frozenset[str]
    shared: frozenset[str]


FUNCTIONS = '''
@decorated(
    "twice",
)
async def outer(session, *, key=1):
    """
At the margin.
    """
    global shared
    shared = key

    def inner(one):
        return one

    return inner

class Service:
    @property
    def name(self): return "x"

    async def rename(
        self,
        name,
    ):
        if name:
            return (
name)
'''


NEWER = """
async def save(session):
    try:
        await session.commit()
    except ValueError, KeyError:
        await session.rollback()
"""


def test_a_function_alone_is_the_one_of_its_file(tmp_path: Path) -> None:
    wanted, alone = both(tmp_path, FUNCTIONS)
    assert {name for name, *_ in wanted} == {"outer", "outer.inner", "Service.name", "Service.rename"}
    assert shown(alone) == wanted
    assert alone.trees.get("app.py") is None


def test_a_function_in_a_newer_python_is_read_with_its_file(tmp_path: Path) -> None:
    wanted, alone = both(tmp_path, NEWER)
    assert [name for name, *_ in wanted] == ["save"]
    assert shown(alone) == wanted


def both(root: Path, text: str) -> tuple[list[Shown], Project]:
    """What the functions are in their file, and a project that knows of them and has not opened it."""
    testing.write(root, {"app.py": text})
    cache = Cache(None)
    whole = testing.open_project(root, cache=cache)
    assert whole.source("app.py") is not None
    return shown(whole), testing.open_project(root, cache=cache)


def shown(project: Project) -> list[Shown]:
    homes = (home_of(project, function) for function in project.module("app.py").functions())
    found = [(home, home.node) for home in homes if home is not None and home.node is not None]
    return [Shown(one.name, ast.dump(node, include_attributes=True), one.local, one.shared) for one, node in found]
