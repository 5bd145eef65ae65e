"""The sections of a page that are about a schema: their heading is its name, and a table lists its fields."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.api_pages import Page
from plumb.analysis.api_tables import FIELDS, Table, levels, tables_between
from plumb.analysis.endpoints import Book
from plumb.analysis.wire import ANY, Shape
from plumb.analysis.wire_routes import interface
from plumb.index.routes import Route

if TYPE_CHECKING:
    from plumb.project import Project


class Described(NamedTuple):
    """A table of fields with the schema that its heading names, and a route that takes or answers it."""

    table: Table
    shape: Shape
    route: Route


def described(project: "Project", book: Book) -> Iterator[Described]:
    """Schemas that several classes could mean are left out, and so are sections that name endpoints."""
    known = _by_name(project, book)
    page = book.page
    for section in page.sections:
        found = known.get(section.title.strip("`* "))
        if found is None or _names_endpoints(page, section.line, section.last):
            continue
        first = next(iter(tables_between(page, section.line + 1, _end(page, section.line, section.last))), None)
        if first is not None and (FIELDS.match(first.subject) or first.subject == "name"):
            yield Described(first, *found)


def _by_name(project: "Project", book: Book) -> dict[str, tuple[Shape, Route]]:
    found: dict[str, tuple[Shape, Route]] = {}
    doubtful: set[str] = set()
    for route in {id(one.route): one.route for one in book.served if one.route is not None}.values():
        facts = interface(project, route)
        if facts is None:
            continue
        for level in (*levels(facts.body or ANY), *levels(facts.answer)):
            other = found.setdefault(level.name, (level, route))[0]
            if other.owner != level.owner or other.members != level.members or facts.shortened:
                doubtful.add(level.name)
    return {name: one for name, one in found.items() if name and name not in doubtful and one[0].owner is not None}


def _names_endpoints(page: Page, first: int, last: int) -> bool:
    return any(first <= one.place.line <= last for one in page.endpoints)


def _end(page: Page, line: int, last: int) -> int:
    """Where the section of a heading ends for itself: at its first heading inside, if it has one."""
    return min([last, *(one.line - 1 for one in page.sections if one.line > line)])
