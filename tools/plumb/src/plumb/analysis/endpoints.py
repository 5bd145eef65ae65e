"""The routes that the application serves beside the endpoints that its page names."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.api_pages import Endpoint, Page, linked, pages
from plumb.index.routers import UNKNOWN_PART, prefixes, router_of, text_of
from plumb.index.routes import METHODS, OTHER, Route, all_routes, full_paths
from plumb.index.scope import Scope, argument

if TYPE_CHECKING:
    from plumb.project import Project

BUILT_IN = frozenset({"/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"})
_STATED = re.compile(
    r"base[ _-]?(?:ur[li]|path|address)|prefix|all (?:endpoints|paths|routes|urls)|relative to|is under", re.IGNORECASE
)
_VALUE = re.compile(r"^(?:\d[\w.-]*|[A-Z][A-Z_]*|[0-9a-f]{8}-[0-9a-f-]+|\*|[:$\[].*)$")
_ANYTHING = "\0"


class Served(NamedTuple):
    """A route under one of its paths; `path` has `{}` for a parameter and "{?}" for what cannot be read."""

    methods: tuple[str, ...]
    path: str
    shown: str
    route: Route | None


class Book(NamedTuple):
    """A page with the routes it speaks for; `pairs` are its endpoints with the routes they are about."""

    page: Page
    served: tuple[Served, ...]
    pairs: tuple[tuple[Endpoint, tuple[Served, ...]], ...]
    elsewhere: tuple[Endpoint, ...]
    bases: tuple[str, ...]

    @property
    def is_ours(self) -> bool:
        """Whether the page is about this application at all, and not just beside it."""
        return any(found for _, found in self.pairs)

    def section_of(self, route: Route) -> Endpoint | None:
        """The heading or label that opens the section of *route*, or a part of one that no other route shares."""
        mine = [(one, found) for one, found in self.pairs if any(each.route is route for each in found)]
        for one, found in mine:
            is_alone = one.kind in {"heading", "label"} and len({id(each.route) for each in found}) == 1
            if is_alone and self._has_part(one):
                return one
        return None

    def _has_part(self, endpoint: Endpoint) -> bool:
        """Whether no other endpoint shares the section, or each is a paragraph with something of its own below it."""
        sharing = [one for one, _ in self.pairs if one.section == endpoint.section and one.kind != "fence"]
        ends = [one.place.line - 1 for one in sharing[1:]]
        parts = [
            self.page.text(one.place.line + 1, end).strip() and not self.page.lines[one.place.line - 2].strip()
            for one, end in zip(sharing, [*ends, endpoint.section.last], strict=True)
        ]
        return len(sharing) == 1 or (all(one.kind == "label" for one in sharing) and all(parts))


def books(project: "Project") -> list[Book]:
    """Every page with what it is about; nothing is read where there is no page."""
    return project.memo(("api books",), lambda: list(_books(project)))


def sections(project: "Project") -> Iterator[tuple[Book, Endpoint, Route]]:
    """Each section of a page that is about exactly one route."""
    for book in books(project):
        for route in {id(one.route): one.route for one in book.served if one.route is not None}.values():
            endpoint = book.section_of(route)
            if endpoint is not None:
                yield book, endpoint, route


def normal(path: str) -> str:
    """A path as it is compared: `{}` for parameters however they are written, no query, no slash at the end."""
    plain = re.split(r"[?#]|\[\?", path.replace(UNKNOWN_PART, _ANYTHING))[0]
    named = re.sub(r"\{\{?[^{}]*\}?\}|<[^>]*>", "{}", plain)
    parts = ["{}" if _VALUE.match(part) else part for part in named.rstrip("./:").split("/")]
    return "/".join(parts).replace(_ANYTHING, UNKNOWN_PART) or "/"


def matches(endpoint: Endpoint, served: Served, bases: Iterable[str]) -> bool:
    """Whether *endpoint* is about *served*, written with or without one of the *bases*."""
    if endpoint.methods and served.methods and not _same_method(endpoint.methods, served.methods):
        return False
    pattern = _pattern(served.path)
    said = normal(endpoint.path)
    for base in ("", *bases):
        stripped = said[len(base) :] or "/" if base and f"{said}/".startswith(f"{base}/") else said
        if any(pattern.fullmatch(one) for one in (f"{base}{said}".rstrip("/") or "/", stripped)):
            return True
    return False


def _same_method(said: tuple[str, ...], methods: tuple[str, ...]) -> bool:
    if {"HEAD", "OPTIONS"} & {*said} or "WEBSOCKET" in methods:
        return True
    return bool({*said} & {*methods})


def _pattern(path: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in path.split(UNKNOWN_PART)]
    return re.compile("(?:.*)".join(parts))


def _books(project: "Project") -> Iterator[Book]:
    found = pages(project)
    served = list(_served(project)) if found else []
    for page in found:
        deeper = [one.folder for one in found if len(one.folder) > len(page.folder)]
        mine = tuple(
            one
            for one in served
            if one.route is None
            or (
                _is_below(one.route.place.path, page.folder)
                and not any(_is_below(one.route.place.path, other) for other in deeper)
            )
        )
        if any(one.route for one in mine):
            bases = tuple(_bases(page, mine))
            pairs = tuple((one, tuple(each for each in mine if matches(one, each, bases))) for one in page.endpoints)
            elsewhere = tuple(one for other in linked(project, page) for one in other.endpoints)
            yield Book(page, mine, pairs, elsewhere, bases)


def _is_below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _served(project: "Project") -> Iterator[Served]:
    for route in all_routes(project):
        known = full_paths(project, route)
        for path in known or (f"{UNKNOWN_PART}{route.router.prefix}{route.path}",):
            yield Served(route.methods, normal(path), path, route)
    for path in BUILT_IN:
        yield Served(("GET",), path, path, None)
    for path in _open(project):
        yield Served((), normal(path), path, None)


def _open(project: "Project") -> Iterator[str]:
    """Paths that something serves that cannot be read: routers of libraries, mounted applications, other decorators."""
    for module in project.modules():
        if project.kind(module.path) != "app":
            continue
        for call in module.facts.calls:
            node = call.expression.node
            if call.function in {"include_router", "mount", "add_route", "add_api_route"} and isinstance(
                node, ast.Call
            ):
                yield from _unread(call.function, node, Scope(project, module, call.scope))
        for function in module.facts.functions:
            for decorator in function.decorators:
                yield from _unknown_decorator(decorator.node, Scope(project, module, function.scope))


def _unread(function: str, node: ast.Call, scope: Scope) -> Iterator[str]:
    if not isinstance(node.func, ast.Attribute):
        return
    parent = router_of(node.func.value, scope)
    above = prefixes(scope.project, parent) if parent is not None else ()
    child = argument(node, "router", 0) if function == "include_router" else argument(node, "app", 1)
    if function in {"include_router", "mount"} and child is not None:
        known = router_of(child, scope) is not None
        if known or "StaticFiles" in ast.unparse(child):
            return
    if function == "add_api_route" and parent is not None:
        return
    path = argument(node, "prefix", 99) if function == "include_router" else argument(node, "path", 0)
    said = text_of(path, scope) if path is not None else ""
    tail = "" if function.startswith("add") else UNKNOWN_PART
    yield from (f"{prefix}{said}{tail}" for prefix in above or (UNKNOWN_PART,))


def _unknown_decorator(node: ast.expr, scope: Scope) -> Iterator[str]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr in METHODS | OTHER | {"route", "websocket_route"} and router_of(node.func.value, scope) is None:
        path = argument(node, "path", 0) or argument(node, "rule", 0)
        literal = scope.literal(path)
        if isinstance(literal, str) and (literal.startswith("/") or not literal):
            yield f"{UNKNOWN_PART}{literal}"


def _bases(page: Page, served: tuple[Served, ...]) -> Iterator[str]:
    """What the page writes once for all: said in words, or what makes most of its endpoints agree with routes."""
    for line in page.lines:
        if _STATED.search(line):
            for found in re.findall(r"(?:https?://[\w.:-]+)?(/[\w/.-]+)", line):
                yield normal(found)
    missing = [one for one in page.endpoints if not any(matches(one, each, ()) for each in served)]
    routes = [one for one in served if one.route is not None]
    candidates = Counter(_leading([one.path for one in routes]) + _leading([normal(one.path) for one in missing]))
    best, count = "", 0
    for base in candidates:
        agreeing = sum(any(matches(one, each, (base,)) for each in routes) for one in missing)
        if agreeing > count:
            best, count = base, agreeing
    if best and count * 2 >= len(page.endpoints):
        yield best


def _leading(paths: list[str]) -> list[str]:
    """Every beginning of a path that is no parameter, at most three parts long."""
    found: list[str] = []
    for path in paths:
        parts = path.split("/")
        found += ["/".join(parts[:count]) for count in range(2, min(len(parts), 5)) if "{" not in parts[count - 1]]
    return [one for one in found if "{" not in one]
