"""Session factories and whether a commit expires what their sessions have loaded."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from plumb.index.modules import ClassInfo, External, ValueInfo
from plumb.index.scope import DEPTH, Scope, argument, keyword
from plumb.views import view
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project

ASYNC_SESSIONS = frozenset(
    {
        "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlalchemy.ext.asyncio.session.AsyncSession",
        "sqlmodel.ext.asyncio.session.AsyncSession",
        "sqlalchemy.ext.asyncio.async_scoped_session",
    }
)
SYNC_SESSIONS = frozenset(
    {"sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlmodel.Session", "sqlmodel.orm.session.Session"}
)
ASYNC_FACTORIES = frozenset(
    {"sqlalchemy.ext.asyncio.async_sessionmaker", "sqlalchemy.ext.asyncio.session.async_sessionmaker"}
)
SYNC_FACTORIES = frozenset({"sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.session.sessionmaker"})
SETTING = "expire_on_commit"


class Sessions(NamedTuple):
    """What a factory, or a session made directly, is set to; `expires` is None when it cannot be read."""

    is_async: bool
    expires: bool | None


class Factory(NamedTuple):
    value: ValueInfo
    sessions: Sessions


def sessions_of(call: ast.expr, scope: Scope) -> Sessions | None:
    """The settings in `async_sessionmaker(...)`, `sessionmaker(class_=AsyncSession, ...)` or `AsyncSession(...)`."""
    if not isinstance(call, ast.Call):
        return None
    symbol = scope.resolve(call.func)
    if is_session(symbol) or (isinstance(symbol, ClassInfo) and is_async_session(symbol, scope.project)):
        return Sessions(is_async_session(symbol, scope.project), _expires(call, scope))
    if not isinstance(symbol, External) or symbol.key not in ASYNC_FACTORIES | SYNC_FACTORIES:
        return None
    given = argument(call, "class_", 1)
    made = scope.resolve(given) if given is not None else None
    is_async = symbol.key in ASYNC_FACTORIES or is_async_session(made, scope.project)
    return Sessions(is_async, _expires(call, scope))


def opened(factory: ValueInfo, call: ast.Call, scope: Scope) -> Sessions | None:
    """The settings of the session that a call of a factory makes: what the call says itself counts."""
    made = factory.assignment
    found = sessions_of(made.value.node, Scope(scope.project, factory.module, made.scope))
    said = expiry_in(call, scope)
    return found._replace(expires=said[0]) if found is not None and said else found


def is_session(symbol: object) -> bool:
    """Whether a name stands for a session class of SQLAlchemy or SQLModel."""
    return isinstance(symbol, External) and symbol.key in ASYNC_SESSIONS | SYNC_SESSIONS


def is_async_session(symbol: object, project: "Project") -> bool:
    """Whether a class is AsyncSession or inherits from it."""
    if isinstance(symbol, External):
        return symbol.key in ASYNC_SESSIONS
    return isinstance(symbol, ClassInfo) and project.hierarchy.inherits(symbol, *ASYNC_SESSIONS)


@view
def factories(project: "Project") -> list[Factory]:
    """Every session factory outside tests."""
    return list(_factories(project, "app"))


def expires_on_commit(project: "Project", path: str) -> bool | None:
    """What the async sessions of a file do at a commit, by the factories that are nearest to it.

    None when those do not agree, or when none is known.
    """
    folders = [folder.as_posix() for folder in PurePosixPath(path).parents]
    return next((one for one in (_answers(project, folder) for folder in folders) if one), [None])[0]


@view
def _answers(project: "Project", folder: str) -> list[bool | None]:
    """What the factories below a folder say, as one: nothing where there are none."""
    below = "" if folder == "." else f"{folder}/"
    known = [one for one in factories(project) if one.sessions.is_async and one.value.module.path.startswith(below)]
    answers = {one.sessions.expires for one in known}
    return list(answers) if len(answers) < _MANY else [None]


def _factories(project: "Project", kind: str) -> Iterator[Factory]:
    for module in project.modules():
        if project.kind(module.path) != kind:
            continue
        for assignment in module.facts.assignments:
            made = assignment.value.text.endswith(")")
            found = sessions_of(assignment.value.node, Scope(project, module, assignment.scope)) if made else None
            if found is not None:
                yield Factory(ValueInfo(module, assignment), found)


def _expires(call: ast.Call, scope: Scope) -> bool | None:
    """The setting in the call itself, else in the `__init__` of a session class of the project, else the default."""
    said = expiry_in(call, scope)
    if not said:
        given = argument(call, "class_", 1)
        made = scope.resolve(given if given is not None else call.func)
        said = _of_class(made, scope.project) if isinstance(made, ClassInfo) else []
    return said[0] if said else True


def expiry_in(settings: ast.Call | ast.Dict, scope: Scope, depth: int = DEPTH) -> list[bool | None]:
    """The last word on the setting, also in dicts that are spread into the call; empty if there is none."""
    if isinstance(settings, ast.Call):
        words = [(word.arg, word.value) for word in settings.keywords]
    else:
        keys = [key.value if isinstance(key, ast.Constant) else key and "" for key in settings.keys]
        words = list(zip(keys, settings.values, strict=True))
    for name, value in reversed(words):
        if name == SETTING:
            literal = scope.literal(value)
            return [literal if isinstance(literal, bool) else None]
        said = _spread(value, scope, depth) if name is None else []
        if said:
            return said
    return []


def _spread(value: ast.expr, scope: Scope, depth: int) -> list[bool | None]:
    home, found = scope.value(value)
    is_written = isinstance(found, ast.Dict) or home.is_call_to(found, "builtins.dict")
    if not depth or not is_written or not isinstance(found, ast.Call | ast.Dict):
        return [None]
    return expiry_in(found, home, depth - 1)


def _of_class(made: ClassInfo, project: "Project") -> list[bool | None]:
    """What a class of the project hands to `super().__init__()`; unknown if it sets that some other way."""
    function = project.hierarchy.method(made, "__init__")
    body = project.definition(function) if function is not None else None
    if function is None or body is None:
        return []
    scope = Scope(project, function.module, function.fact.qualname)
    calls = [node for node in walk(body) if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"]
    named = [node for node in calls if keyword(node, SETTING) is not None]
    if len(named) == 1:
        literal = scope.literal(keyword(named[0], SETTING))
        return [literal if isinstance(literal, bool) else None]
    return [None] if SETTING in ast.unparse(body) else []


_MANY = 2
