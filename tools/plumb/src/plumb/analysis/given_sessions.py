"""What the code under test does with a session that a test hands to it."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.index.annotations import meaning
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, FunctionInfo, Symbol
from plumb.index.scope import Scope
from plumb.index.sessions import is_async_session
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.index.facts import Parameter
    from plumb.project import Project
    from plumb.source import SourceFile


def given_to(name: str, tree: ast.AST, file: "SourceFile") -> set[str]:
    """The attributes that functions and classes read of the `AsyncSession` for which they are given *name*.

    Among them is always one that any session has; nothing if none asks for such a session.
    """
    found: set[str] = set()
    called = {last_name(node) for node in walk(tree) if isinstance(node, ast.Call)}
    for call in walk(tree):
        if not isinstance(call, ast.Call):
            continue
        for place, word in places_of(call, name):
            for function in functions_called(call, file):
                parameter = parameter_at(function, place, word)
                if parameter is not None and _is_session(parameter, function, file):
                    bodies = _bodies(function, file, called)
                    found.update({"commit"}, *(_read(one, parameter.name) for one in bodies))
    return found


def places_of(call: ast.Call, name: str) -> Iterator[tuple[int, str]]:
    """Where a call hands the mock on: at which place, or by which keyword."""
    yield from ((place, "") for place, one in enumerate(call.args) if ast.unparse(one) == name)
    yield from ((0, word.arg) for word in call.keywords if word.arg and ast.unparse(word.value) == name)


def functions_called(call: ast.Call, file: "SourceFile") -> Iterator[FunctionInfo]:
    """The function of the code under test that a call runs; of a class, its `__init__`."""
    symbol = file.resolve(call.func)
    function, _ = started(symbol, file.project)
    if function is not None and file.project.kind(function.path) != "test":
        yield function


def started(symbol: Symbol | None, project: "Project") -> tuple[FunctionInfo | None, ClassInfo | None]:
    """The function that a call of *symbol* starts, and the class that it makes an instance of."""
    owner = symbol if isinstance(symbol, ClassInfo) else None
    function = symbol if owner is None else project.hierarchy.method(owner, "__init__")
    is_known = isinstance(function, FunctionInfo) and not function.module.library
    return (function, owner) if is_known and isinstance(function, FunctionInfo) else (None, None)


def parameter_at(function: FunctionInfo, place: int, word: str) -> "Parameter | None":
    """The parameter that is filled at a place, or by a keyword."""
    own = function.fact.parameters[1 if function.fact.owner else 0 :]
    if word:
        return next((one for one in own if one.name == word), None)
    return own[place] if place < len(own) else None


def _is_session(parameter: "Parameter", function: FunctionInfo, file: "SourceFile") -> bool:
    scope = Scope(file.project, function.module, function.fact.qualname)
    said = meaning(parameter.annotation.node, scope).symbol if parameter.annotation is not None else None
    return said is not None and is_async_session(said, file.project)


def _bodies(function: FunctionInfo, file: "SourceFile", called: set[str]) -> Iterator[ast.AST]:
    """The function; of a class, also its methods with a name that is called."""
    owner = function.module.class_(function.fact.owner) if function.fact.owner else None
    known = file.project.hierarchy.lineage(owner).classes if owner is not None else ()
    methods = [
        one.module.function(f"{one.fact.qualname}.{name}") for one in known for name in called & {*one.fact.methods}
    ]
    for one in [function, *(method for method in methods if method is not None)]:
        body = file.project.definition(one)
        if body is not None:
            yield body


def _read(body: ast.AST, parameter: str) -> set[str]:
    """The attributes of the parameter, and of what `self` may keep it as."""
    owners = {parameter, f"self.{parameter}", f"self._{parameter}"}
    return {one.attr for one in walk(body) if isinstance(one, ast.Attribute) and ast.unparse(one.value) in owners}
