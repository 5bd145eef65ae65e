"""The statuses of failure that the code of a project may answer with, by what is written anywhere in it."""

from typing import TYPE_CHECKING

from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

BY_OTHERS = frozenset({400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 421, 422, 426, 429, 431})
"""What the framework, a library of authentication or a server before the application answers by itself."""


@view
def written_statuses(project: "Project") -> frozenset[int]:
    """Those that any file of the application names, and those that others may answer."""
    application = (module for module in project.modules() if project.kind(module.path) == "app")
    return BY_OTHERS.union(*(module.facts.statuses for module in application))
