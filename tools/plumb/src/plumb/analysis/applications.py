"""The applications of a repository: what is imported from one source root belongs together."""

from posixpath import dirname
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumb.project import Project


def application_of(project: "Project", path: str) -> str:
    """The folder around the outermost package that the file lies in; nothing for a file outside any package."""
    found = ""
    folder = dirname(path)
    while folder:
        if f"{folder}/__init__.py" in project.locator.paths:
            found = dirname(folder) or "."
        folder = dirname(folder)
    return found
