"""Whether a commit expires what a dependency's session has loaded, by what the dependency itself makes."""

import ast

from plumb.analysis.dependencies import provider_of
from plumb.analysis.orm.home import Home, home_of
from plumb.index.facts import Parameter
from plumb.index.modules import FunctionInfo, ValueInfo
from plumb.index.scope import Scope
from plumb.index.sessions import sessions_of
from plumb.walk import walk


def of_dependency(parameter: Parameter, scope: Scope, depth: int = 4) -> bool | None:
    """What the session does that `Depends(...)` gives, itself or through the dependencies of its function."""
    function = provider_of(parameter, scope)
    return _of_function(scope, function, depth) if function is not None and depth else None


def _of_function(scope: Scope, function: FunctionInfo, depth: int) -> bool | None:
    key = ("dependency expires", function.path, function.key)
    return scope.project.memo(key, lambda: [_read(scope, function, depth)])[0]


def _read(scope: Scope, function: FunctionInfo, depth: int) -> bool | None:
    if function.fact.is_generator:
        home = home_of(scope.project, function)
        return _made(home) if home is not None else None
    inner = Scope(scope.project, function.module, function.fact.scope)
    answers = {of_dependency(one, inner, depth - 1) for one in function.fact.parameters} - {None}
    return answers.pop() if len(answers) == 1 else None


def _made(home: Home) -> bool | None:
    """The setting of the one asynchronous session that a generator makes."""
    answers: set[bool | None] = set()
    for node in walk(home.node) if home.node is not None else ():
        if not isinstance(node, ast.Call):
            continue
        symbol = home.resolve(node.func)
        if isinstance(symbol, ValueInfo):
            made = symbol.assignment
            found = sessions_of(made.value.node, Scope(home.project, symbol.module, made.scope))
        else:
            found = sessions_of(node, home.scope)
        if found is not None and found.is_async:
            answers.add(found.expires)
    return answers.pop() if len(answers) == 1 else None
