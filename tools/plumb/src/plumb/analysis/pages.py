"""Pages of a listing: the classes that carry a list beside what tells where it stands."""

import re
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.answers import answers_of, fields_of, read_type
from plumb.index.facts import FieldFact
from plumb.index.modules import ClassInfo
from plumb.index.routes import all_routes
from plumb.index.scope import Scope
from plumb.rule import Option
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

FIELD = Option("pagination-field", "pagination", "the field of a page that says where the page stands")
OF_PAGES = frozenset({"paging", "page_info", "pageInfo", "page_meta", "pager", "pages_info", "paginator"})
"""What is only said of pages, whatever is in it."""
OTHER_NAMES = OF_PAGES | {"meta", "_meta", "metadata"}
COORDINATES = frozenset(
    [
        *("offset", "limit", "total", "has_more", "hasMore", "page", "size", "page_size", "per_page", "pages", "skip"),
        *("total_pages", "total_count", "count", "total_items", "has_next", "has_prev", "next_cursor", "next_page"),
        *("items_per_page", "current_page", "max_page", "pageSize", "perPage", "totalPages", "previous_page"),
    ]
)
SINGLE = 2


class Page(NamedTuple):
    """`rows` is the field with the list, `where` the one that locates the page, `field` its own declaration."""

    owner: ClassInfo
    rows: str
    where: str
    field: FieldFact | None
    coordinates: frozenset[str]


def page_of(project: "Project", owner: ClassInfo, expected: str) -> Page | None:
    """The class as a page: a list of rows with its place in the listing under the expected name or another."""
    fields = fields_of(project, owner)
    if not fields:
        return None
    rows = next((name for name, (_, field) in fields.items() if _is_list(field)), "")
    if not rows:
        return None
    for name, (home, field) in fields.items():
        if name == expected or name in OTHER_NAMES:
            found = coordinates_of(project, home, field)
            is_free = name in OF_PAGES and _is_dict(home, field, project) and owner.key in _answered(project)
            if len(found) >= SINGLE or name == expected or is_free:
                return Page(owner, rows, name, field if home == owner else None, found)
    return None


@view
def expected_fields(project: "Project", expected: str) -> frozenset[str]:
    """The fields of the class that pages of this code base use under the expected name; empty if they differ."""
    return _expected(project, expected)


def coordinates_of(project: "Project", home: ClassInfo, field: FieldFact) -> frozenset[str]:
    """The names under which a field tells where a page stands."""
    if field.annotation is None:
        return frozenset()
    inner = read_type(field.annotation.node, Scope.of_class(project, home)).symbol
    names = fields_of(project, inner) if isinstance(inner, ClassInfo) else None
    return frozenset(names or ()) if COORDINATES & set(names or ()) else frozenset()


def _expected(project: "Project", expected: str) -> frozenset[str]:
    shapes: set[frozenset[str]] = set()
    for module in project.modules():
        if project.kind(module.path) == "app":
            for owner in module.classes():
                page = page_of(project, owner, expected) if owner.field(expected) is not None else None
                if page is not None and page.where == expected and page.coordinates:
                    shapes.add(page.coordinates)
    return shapes.pop() if len(shapes) == 1 else frozenset()


@view
def _answered(project: "Project") -> frozenset[str]:
    """The classes that routes answer with; others may be what a client reads of another API."""
    given = (one.answer.symbol for route in all_routes(project) for one in answers_of(project, route))
    return frozenset(one.key for one in given if isinstance(one, ClassInfo))


def _is_dict(home: ClassInfo, field: FieldFact, project: "Project") -> bool:
    said = field.annotation.node if field.annotation is not None else None
    return read_type(said, Scope.of_class(project, home)).kind == "dict"


def _is_list(field: FieldFact) -> bool:
    text = field.annotation.text if field.annotation else ""
    return bool(re.match(r"(Annotated\[)?(list|List|Sequence|Iterable|Collection)\[", text.removeprefix("typing.")))
