"""Whether a project talks to its database asynchronously, by what its application files import."""

import re
from typing import TYPE_CHECKING

from plumb.index.facts import Import
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

_AWAITED = re.compile(r"\bawaitable_attrs\b(?:\.(\w+))?")
_ASYNC_MODULES = ("sqlalchemy.ext.asyncio", "sqlmodel.ext.asyncio")
_SYNC_MODULES = frozenset({"sqlalchemy.orm", "sqlalchemy.orm.session", "sqlmodel", "sqlmodel.orm.session"})
_SYNC_NAMES = frozenset({"Session", "sessionmaker", "scoped_session"})


@view
def is_async_code_base(project: "Project") -> bool:
    """Whether more application files use asynchronous sessions than synchronous ones."""
    balance = 0
    seen = False
    for module in project.modules():
        if project.kind(module.path) != "app":
            continue
        if any(_is_async(found) for found in module.facts.imports):
            seen = True
            balance += 1
        elif any(_is_sync(found) for found in module.facts.imports):
            balance -= 1
    return seen and balance >= 0


def _is_async(found: Import) -> bool:
    return f"{found.module}.{found.attribute}".startswith(_ASYNC_MODULES) and found.attribute != "AsyncAttrs"


def _is_sync(found: Import) -> bool:
    return found.module in _SYNC_MODULES and found.attribute in _SYNC_NAMES


@view
def is_awaited(project: "Project", name: str) -> bool:
    """Whether the application asks `awaitable_attrs` for this name, or for one that is computed."""
    return not _awaited_names(project).isdisjoint({name, ""})


def _awaited_names(project: "Project") -> set[str]:
    return project.memo(("awaited names",), lambda: _read_awaited_names(project))


def _read_awaited_names(project: "Project") -> set[str]:
    found: set[str] = set()
    for module in project.modules():
        if project.kind(module.path) == "app":
            text = project.text(module.path) or ""
            found |= {one.group(1) or "" for one in _AWAITED.finditer(text)}
    return found
