"""Whether a commit expires what a dependency's session has loaded, by what the dependency itself makes."""

import ast

from plumb.analysis.dependencies import provider_of
from plumb.analysis.orm.home import Home, home_of
from plumb.index.modules import FunctionInfo, ValueInfo
from plumb.index.scope import Scope
from plumb.index.sessions import opened, sessions_of
from plumb.project import Project
from plumb.walk import walk


def of_dependency(project: Project, provider: FunctionInfo | None, depth: int = 4) -> bool | None:
    """What the session does that `Depends(provider)` or a context manager gives, also through dependencies."""
    if provider is None or not depth:
        return None
    key = ("dependency expires", provider.path, provider.key)
    return project.memo(key, lambda: [_read(project, provider, depth)])[0]


def _read(project: Project, provider: FunctionInfo, depth: int) -> bool | None:
    if provider.fact.is_generator:
        home = home_of(project, provider)
        return _made(home) if home is not None else None
    scope = Scope(project, provider.module, provider.fact.scope)
    below = [provider_of(one, scope) for one in provider.fact.parameters]
    answers = {of_dependency(project, one, depth - 1) for one in below} - {None}
    return answers.pop() if len(answers) == 1 else None


def _made(home: Home) -> bool | None:
    """The setting of the one asynchronous session that a generator makes."""
    answers: set[bool | None] = set()
    for node in walk(home.node) if home.node is not None else ():
        if not isinstance(node, ast.Call):
            continue
        symbol = home.resolve(node.func)
        found = opened(symbol, node, home.scope) if isinstance(symbol, ValueInfo) else sessions_of(node, home.scope)
        if found is not None and found.is_async:
            answers.add(found.expires)
    return answers.pop() if len(answers) == 1 else None
