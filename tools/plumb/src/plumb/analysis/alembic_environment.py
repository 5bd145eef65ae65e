"""What the `env.py` beside the revisions says: how it runs them, and which tables it leaves out."""

import re
from typing import TYPE_CHECKING

from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

_FILTER = re.compile(r"\binclude_(?:object|name)\b")


@view
def commits_each_statement(project: "Project") -> bool:
    """Whether the connection is asked for autocommit."""
    return any("AUTOCOMMIT" in text for text in _environments(project))


@view
def is_filtered(project: "Project") -> bool:
    """Whether a function decides which tables autogenerate compares."""
    return any(_FILTER.search(text) is not None for text in _environments(project))


def names_table(project: "Project", table: str) -> bool:
    """Whether the table is spoken of where a function decides which are compared."""
    named = re.compile(rf"['\"]{re.escape(table)}['\"]")
    return is_filtered(project) and any(named.search(text) is not None for text in _environments(project))


@view
def _environments(project: "Project") -> list[str]:
    paths = [module.path for module in project.modules() if module.path.rpartition("/")[2] == "env.py"]
    found = [source for path in paths if (source := project.source(path)) is not None]
    return [source.text for source in found]
