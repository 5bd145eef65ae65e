"""Which databases a project's files name, and which of them its tables can be made in."""

import re
from typing import TYPE_CHECKING

from plumb.analysis.migration_enums import revision_paths
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

_DRIVER = re.compile(r"\bpsycopg|\basyncpg\b|^sqlalchemy\.url\s*=\s*postgres", re.MULTILINE)

_TYPES = re.compile(r"\b(?:CREATE|DROP|ALTER)\s+TYPE\s|\.(?:create|drop)\(\s*(?:bind=)?op\.get_bind\(\)")
"""What a revision does to types, which other databases do not have."""


def uses(project: "Project", database: str, kinds: tuple[str, ...] = ("app", "test", "migration")) -> bool:
    """Whether a file of these kinds names "sqlite" or "postgresql", or a driver of it."""
    found = _named(project)
    return any((kind, database) in found for kind in kinds)


@view
def runs_on_postgresql(project: "Project") -> bool:
    """Whether a file names PostgreSQL, or the requirements or Alembic's settings do, or a revision has types of it."""
    texts = (project.text(path) or "" for path in ("pyproject.toml", "requirements.txt", "alembic.ini"))
    if uses(project, "postgresql") or any(_DRIVER.search(text) is not None for text in texts):
        return True
    revisions = (project.source(path) for path in revision_paths(project))
    return any(one is not None and _TYPES.search(one.text) is not None for one in revisions)


def is_for_postgresql_alone(project: "Project") -> bool:
    """Whether the application has column types that no other database knows, and nothing that replaces them there."""
    found = _named(project)
    return ("app", "postgresql_only") in found and not any(name == "both" for _, name in found)


@view
def _named(project: "Project") -> frozenset[tuple[str, str]]:
    return frozenset(
        (project.kind(module.path), name) for module in project.modules() for name in module.facts.databases
    )
