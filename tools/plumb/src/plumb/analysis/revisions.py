"""The revisions and `.sql` files of a project, and findings about them that are kept until one of them changes."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from plumb.analysis.migration_enums import revision_paths
from plumb.analysis.migration_steps import is_revision
from plumb.cache import digest, own_version
from plumb.findings import Good, Report

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

Outcomes = Iterable[Report | Good]


def over_revisions(
    project: "Project",
    code: str,
    of_revision: "Callable[[SourceFile], Outcomes]",
    of_sql: Callable[[str, str], Outcomes] | None = None,
) -> list[Report | Good]:
    """What the functions find in every revision and every `.sql` file, from the cache where nothing has changed."""
    paths = revision_paths(project)
    if not paths and not project.sql_paths:
        return []
    state = "".join(f"{path} {project.raw_digest(path)}" for path in (*paths, *project.sql_paths))
    everything = project.digest_of("*")
    key = f"{code} {digest(f'{own_version()} {state} {everything}'.encode())}"
    known = project.cache.get(key)
    if known is None:
        known = list(_found(project, paths, of_revision, of_sql))
        project.cache.put(key, known)
    return known


def _found(
    project: "Project",
    paths: list[str],
    of_revision: "Callable[[SourceFile], Outcomes]",
    of_sql: Callable[[str, str], Outcomes] | None,
) -> Iterator[Report | Good]:
    for path in paths:
        file = project.source(path)
        if file is not None and is_revision(file):
            yield from of_revision(file)
    for path, text in project.sql_files().items() if of_sql is not None else ():
        yield from of_sql(path, text) if of_sql is not None else ()
