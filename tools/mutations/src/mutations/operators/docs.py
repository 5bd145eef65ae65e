"""PB1xx: the page of the API and the routes part."""

import ast
import re
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.places import ROUTERS, SCHEMAS, fields, inputs, routes
from mutations.source import Edit, Source

PAGE = "backend/docs/API.md"
HEADING = re.compile(r"^### (?P<method>[A-Z]+) (?P<path>/\S*)$", re.MULTILINE)


@operator("PB101", "a route loses its section", PAGE)
def section_removed(page: Source) -> Iterator[Edits]:
    """The whole section of an endpoint is gone.

    Health and keys are passed over: the rule is silent about them, and only a test asks for their sections.
    """
    for start, end in _sections(page):
        if "/api/" in page.text[start : page.text.index("\n", start)]:
            yield [Edit(PAGE, start, end, "")]


@operator("PB101", "a route is added without a section", ROUTERS)
def route_added(source: Source) -> Iterator[Edits]:
    """The first route of a file is served a second time, at another address; but for health, as above."""
    for route in [] if source.path.endswith("/health.py") else list(routes(source))[:1]:
        text = source.text_of(route.function)
        text = text.replace(source.text_of(route.path), f'"{route.path.value}/again"', 1)
        yield [
            source.append(
                "\n\n" + text.replace(f"def {route.function.name}(", f"def {route.function.name}_again(") + "\n"
            )
        ]


@operator("PB102", "a documented route is gone", ROUTERS)
def route_removed(source: Source) -> Iterator[Edits]:
    """The function and its decorator are gone."""
    for route in routes(source):
        yield [source.remove(route.function)]


@operator("PB102", "a documented route moves", ROUTERS)
def route_moved(source: Source) -> Iterator[Edits]:
    for route in routes(source):
        yield [source.replace(route.path, f'"{route.path.value}/moved"')]


@operator("PB102", "a section names another method", PAGE)
def heading_changed(page: Source) -> Iterator[Edits]:
    for match in HEADING.finditer(page.text):
        method = "PUT" if match["method"] != "PUT" else "PATCH"
        yield [Edit(PAGE, *match.span("method"), method)]


@operator("PB103", "a parameter is not documented", PAGE)
def parameter_removed(page: Source) -> Iterator[Edits]:
    """The first parameter of the query of a section.

    Headers are not compared by the rule, only by the tests. A parameter of the path stands in the heading, too.
    """
    yield from _first_rows(page, r"\| `\w+` \| query \|.*\n", "")


@operator("PB103", "a field is not documented", PAGE)
def field_removed(page: Source) -> Iterator[Edits]:
    """The first field of the body of a section."""
    for start, end in _sections(page):
        row = re.compile(r"\| field \| type \|.*\n\|.*\n(?P<row>.*\n)").search(page.text, start, end)
        if row:
            yield [Edit(PAGE, *row.span("row"), "")]


@operator("PB103", "a documented field has another name", PAGE)
def field_renamed(page: Source) -> Iterator[Edits]:
    for start, end in _sections(page):
        name = re.compile(r"\| field \| type \|.*\n\|.*\n\| `(?P<name>\w+)`").search(page.text, start, end)
        if name:
            yield [Edit(PAGE, *name.span("name"), f"{name['name']}_old")]


@operator("PB103", "a field of a shape is not documented", PAGE)
def shape_field_removed(page: Source) -> Iterator[Edits]:
    """The first field of each shape under `## Shapes`."""
    for row in re.finditer(r"^#### \w+\n\n\| field \| type \|.*\n\|.*\n(?P<row>.*\n)", page.text, re.MULTILINE):
        yield [Edit(PAGE, *row.span("row"), "")]


@operator("PB103", "a documented parameter has another type", PAGE)
def parameter_retyped(page: Source) -> Iterator[Edits]:
    for start, end in _sections(page):
        kind = re.compile(r"\| `\w+` \| (?:path|query) \| (?P<type>uuid|integer|boolean|string)\b").search(
            page.text, start, end
        )
        if kind:
            other = "boolean" if kind["type"] != "boolean" else "integer"
            yield [Edit(PAGE, *kind.span("type"), other)]


@operator("PB103", "a success has another status", PAGE)
def success_changed(page: Source) -> Iterator[Edits]:
    for start, end in _sections(page):
        status = re.compile(r"^Answers `(?P<status>\d+)`", re.MULTILINE).search(page.text, start, end)
        if status:
            yield [Edit(PAGE, *status.span("status"), "202")]


@operator("PB103", "a refusal is not documented", PAGE)
def refusal_removed(page: Source) -> Iterator[Edits]:
    """The first status of the table of a section that is the route's own.

    What the whole application answers (400, 401, 413, 415, 422 and 429, from middleware, the class of the routes and
    the shared routers) is left to the tests: the rule reads what a route raises and declares.
    """
    yield from _first_rows(page, r"\| (?:402|403|404) \| `[A-Z_]+`.*\n", "")


@operator("PB104", "a route takes a parameter that its section does not know", ROUTERS, against_base=True)
def parameter_added(source: Source) -> Iterator[Edits]:
    for route in routes(source):
        arguments = route.function.args.args
        if not arguments:
            continue
        end = source.span(arguments[-1])[1]
        yield [Edit(source.path, end, end, ", verbose: bool = False")]


@operator("PB104", "an answer loses a field that its section shows", SCHEMAS, against_base=True)
def field_lost(source: Source) -> Iterator[Edits]:
    """The second field of each schema that is answered: most begin with the `id`, which other code needs to start."""
    for owner in source.walk(ast.ClassDef):
        own = [field for field in fields(source, without=inputs(source)) if field.owner is owner]
        if len(own) > 1 and owner.name.endswith(("Read", "Detail", "Receipt", "Overview", "Unlock", "Progress")):
            yield [source.remove(own[1].node)]


@operator("PB105", "an example has a key that its schema has not", PAGE)
def key_renamed(page: Source) -> Iterator[Edits]:
    for key in _examples(page, r'^    "(?P<part>\w+)": '):
        yield [Edit(PAGE, *key.span("part"), f"{key['part']}_old")]


@operator("PB105", "an example lacks a key", PAGE)
def key_removed(page: Source) -> Iterator[Edits]:
    for line in _examples(page, r'^(?P<part>    "\w+": [^{\[\n]*,\n)'):
        yield [Edit(PAGE, *line.span("part"), "")]


@operator("PB105", "an example has a value of another type", PAGE)
def value_retyped(page: Source) -> Iterator[Edits]:
    for value in _examples(page, r'^    "\w+": (?P<part>\d+|true|false)\b'):
        yield [Edit(PAGE, *value.span("part"), '"many"')]


def _sections(page: Source) -> Iterator[tuple[int, int]]:
    """Where the section of each endpoint stands."""
    for heading in HEADING.finditer(page.text):
        after = re.compile(r"^##", re.MULTILINE).search(page.text, heading.end())
        yield heading.start(), after.start() if after else len(page.text)


def _first_rows(page: Source, row: str, text: str) -> Iterator[Edits]:
    for start, end in _sections(page):
        found = re.compile(f"^{row}", re.MULTILINE).search(page.text, start, end)
        if found:
            yield [Edit(PAGE, *found.span(), text)]


def _examples(page: Source, pattern: str) -> Iterator[re.Match[str]]:
    """The first match in the first answer of each section that is about one object."""
    for start, end in _sections(page):
        answer = re.compile(r'```json\n\{\n  "data": \{\n').search(page.text, start, end)
        stop = page.text.find("```", answer.end()) if answer else 0
        found = re.compile(pattern, re.MULTILINE).search(page.text, answer.end(), stop) if answer else None
        if found:
            yield found
