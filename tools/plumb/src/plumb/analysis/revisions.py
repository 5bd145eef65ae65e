"""The revisions of a project, and what rules find in them and in `.sql` files."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from plumb.analysis.migration_enums import revision_paths, revisions_in_order
from plumb.analysis.migration_steps import is_revision
from plumb.findings import Good, Report

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

Outcomes = Iterable[Report | Good]


def in_order(project: "Project") -> "Iterator[SourceFile]":
    """The revisions that can be read, each behind those that it follows."""
    for path in revisions_in_order(project):
        file = project.source(path)
        if file is not None and is_revision(file):
            yield file


def over_revisions(
    project: "Project",
    of_revision: "Callable[[SourceFile], Outcomes]",
    of_sql: Callable[[str, str], Outcomes] | None = None,
    of_helper: "Callable[[SourceFile], Outcomes] | None" = None,
) -> Iterator[Report | Good]:
    """What the functions find in every revision, every `.sql` file, and what lies beside the revisions and is none."""
    for path in revision_paths(project):
        file = project.source(path)
        if file is not None and is_revision(file):
            yield from of_revision(file)
        elif file is not None and of_helper is not None:
            yield from of_helper(file)
    for path, text in project.sql_files().items() if of_sql is not None else ():
        yield from of_sql(path, text) if of_sql is not None else ()
