"""Which tests of a file something is for: those around it, or those that its fixture, set-up or decorator serves."""

import ast
from typing import TYPE_CHECKING

from plumb.analysis.bodies import FunctionNode
from plumb.analysis.functions import parameters
from plumb.analysis.mock_chains import homes
from plumb.index.scope import Scope
from plumb.views import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumb.index.modules import FunctionInfo
    from plumb.project import Project
    from plumb.source import SourceFile

SET_UPS = frozenset({"setup_method", "setUp", "asyncSetUp", "setup"})


def tests_of(node: ast.AST, file: "SourceFile") -> frozenset[FunctionNode]:
    """The tests for which a node of the file runs; none where that is not known."""
    around = list(file.ancestors(node))
    functions = [one for one in around if isinstance(one, FunctionNode)]
    if not functions:
        return _methods(next((one for one in around if isinstance(one, ast.ClassDef)), None))
    home = functions[-1]
    if home.name.startswith("test"):
        return frozenset({home})
    return _methods(file.parent(home)) if home.name in SET_UPS else _asking(home, file)


def fixtures_behind(test: FunctionNode, scope: "Scope") -> "Iterator[FunctionInfo]":
    """The fixtures that a test asks for by its parameters, and those that they ask for."""
    pending = [one.arg for one in parameters(test.args)]
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        found = (module.function(name) for module in homes(scope) if name not in seen)
        fixture = next((one for one in found if one is not None), None)
        seen.add(name)
        if fixture is not None and any("fixture" in one.text for one in fixture.fact.decorators):
            yield fixture
            pending += [one.name for one in fixture.fact.parameters]


def asking_elsewhere(fixture: str, file: "SourceFile") -> "Iterator[tuple[FunctionNode, SourceFile]]":
    """The functions of other files that ask for a fixture of this `conftest.py`, each with its file."""
    for path in _files_asking(file.project, file.path, fixture):
        source = file.project.source(path)
        for one in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef) if source is not None else ():
            if source is not None and fixture in {given.arg for given in parameters(one.args)}:
                yield one, source


@view
def _files_asking(project: "Project", path: str, fixture: str) -> tuple[str, ...]:
    """The files with a function that asks for the fixture of this `conftest.py`, where no nearer one has the name."""
    return tuple(
        module.path
        for module in (project.modules() if path.rpartition("/")[2] == "conftest.py" else ())
        if module.path != path
        and project.kind(module.path) == "test"
        and any(one.name == fixture for function in module.functions() for one in function.fact.parameters)
        and next((home.path for home in homes(Scope(project, module)) if home.function(fixture)), "") == path
    )


def _asking(fixture: FunctionNode, file: "SourceFile") -> frozenset[FunctionNode]:
    """The tests of the file that have a fixture as a parameter; all of them, if it runs by itself."""
    asked = [ast.unparse(one) for one in fixture.decorator_list if "fixture" in ast.unparse(one)]
    every = any("autouse=True" in one for one in asked)
    tests = [one for one in file.nodes(ast.FunctionDef, ast.AsyncFunctionDef) if one.name.startswith("test") and asked]
    return frozenset(one for one in tests if every or fixture.name in {given.arg for given in parameters(one.args)})


def _methods(owner: ast.AST | None) -> frozenset[FunctionNode]:
    """The tests of a class."""
    body = owner.body if isinstance(owner, ast.ClassDef) else []
    return frozenset(one for one in body if isinstance(one, FunctionNode) and one.name.startswith("test"))
