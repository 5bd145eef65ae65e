"""The hand-written page of the API: the endpoints it names, and the section of each."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.findings import Place
from plumb.rule import Option

if TYPE_CHECKING:
    from plumb.project import Project

API_DOCS = Option(
    "api-docs",
    ("API.md", "docs/API.md"),
    "the pages that document the routes; each speaks for the code in the folder it lies in, or its `docs` lies in",
)
VERBS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_HOST = r"(?:https?://[^/\s`|)]+|\{\{?\s*[\w.]+\s*\}?\}|\$\{?\w+\}?)?"
_PATH = rf"{_HOST}(?P<path>/[^\s`*|)\],;\"']*)"
_NAMED = re.compile(
    rf"(?P<verbs>\b(?:{VERBS})\b(?:\s*(?:[,/|&]|and|or)\s*(?:{VERBS})\b)*)[\s`*:|\]\u2013\u2014-]{{1,8}}{_PATH}"
)
_REVERSED = re.compile(rf"{_PATH}[`*\s]*[(\[\u2013\u2014:-][\s`*]*(?P<verbs>(?:{VERBS})(?:\s*[,/|]\s*(?:{VERBS}))*)\b")
_TITLE = re.compile(r"\s*(?:\*\*|__)[^*_`]+(?:\*\*|__)[\s:\u2013\u2014-]*`?")
_BARE = re.compile(rf"^[`*\s]*{_PATH}[`*\s]*$")
_LABEL = re.compile(
    r"^(?:[-*+>]\s+)?\**(?:endpoint|url|uri|route|path|request|http request)\**:?\**\s*:?\s*", re.IGNORECASE
)
_METHOD = re.compile(rf"^\W*(?:http )?method\W+({VERBS})\b", re.IGNORECASE)
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([\w+-]*)")
_CURL = re.compile(
    rf"\bcurl\b(?=.*?(?:-X|--request)[ =]?\"?(?P<verbs>{VERBS})\b)?.*?https?://[^/\s\"']+(?P<path>/[^\s\"'\\]*)"
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Fence(NamedTuple):
    """A fenced block: its first and last line are those inside it, counted from 1."""

    language: str
    first: int
    last: int


class Section(NamedTuple):
    """A heading with all that is below it; the page itself is the outermost section."""

    title: str
    level: int
    line: int
    last: int
    above: tuple[str, ...]


class Endpoint(NamedTuple):
    """`methods` is empty where the page names only a path; `kind` says where: heading, label, table, list or fence."""

    methods: tuple[str, ...]
    path: str
    place: Place
    kind: str
    section: Section
    text: str


class Page(NamedTuple):
    """`folder` is where the code lies that the page speaks for, "" for the whole project."""

    path: str
    folder: str
    lines: tuple[str, ...]
    fences: tuple[Fence, ...]
    sections: tuple[Section, ...]
    endpoints: tuple[Endpoint, ...]

    def text(self, first: int, last: int) -> str:
        """The lines from *first* to *last*, both included."""
        return "\n".join(self.lines[first - 1 : last])


def pages(project: "Project") -> list[Page]:
    """The pages of the project, as `api-docs` names them; links to other pages beside them are not followed."""
    return project.memo(("api pages",), lambda: list(_found(project)))


def linked(project: "Project", page: Page) -> list[Page]:
    """The pages below the folder of *page* that it links to: what they name is documented, too."""
    home = page.path.rpartition("/")[0]
    links = re.findall(r"\]\(\.?/?([\w./-]+\.md)(?:#[\w-]*)?\)", "\n".join(page.lines))
    targets = dict.fromkeys(f"{home}/{link}" if home else link for link in links if ".." not in link)
    texts = {path: project.text(path) for path in targets if path != page.path}
    return [read(path, page.folder, text) for path, text in texts.items() if text is not None]


def read(path: str, folder: str, text: str) -> Page:
    """The page with this text; other endpoints that the section of one mentions are not documented there."""
    plain = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    lines = tuple(plain.splitlines())
    fences = tuple(_fences(lines))
    fenced = {number for fence in fences for number in range(fence.first - 1, fence.last + 2)}
    sections = tuple(_sections(lines, fenced))
    named = list(_endpoints(path, lines, fenced, sections))
    told = {one.section for one in named if one.kind == "heading" and one.methods}
    endpoints = [one for one in named if one.kind not in {"table", "list"} or not _is_inside(one, told)]
    owned = {one.section for one in endpoints if one.kind in {"heading", "label"}}
    endpoints += [one for one in _shown(path, lines, fences, sections) if not _is_inside(one, owned)]
    return Page(path, folder, tuple(text.splitlines()), fences, sections, tuple(endpoints))


def _found(project: "Project") -> Iterator[Page]:
    names = project.config.strings(API_DOCS.name)
    for path in project.files(".md"):
        name = next((name for name in sorted(names, key=len, reverse=True) if _ends(path, name)), None)
        if name is not None and project.kind(path) == "app":
            folder = path.removesuffix(name).rstrip("/")
            yield read(path, folder, project.text(path) or "")


def _ends(path: str, name: str) -> bool:
    return path == name or path.endswith(f"/{name}")


def _fences(lines: tuple[str, ...]) -> Iterator[Fence]:
    mark, language, start = "", "", 0
    for number, line in enumerate(lines, start=1):
        found = _FENCE.match(line)
        if not mark and found:
            mark, language, start = found[1], found[2].lower(), number + 1
        elif mark and line.strip().startswith(mark):
            yield Fence(language, start, number - 1)
            mark = ""


def _sections(lines: tuple[str, ...], fenced: set[int]) -> Iterator[Section]:
    heads = [
        (len(found[1]), found[2], number)
        for number, line in enumerate(lines, start=1)
        if number not in fenced and (found := _HEADING.match(line))
    ]
    yield Section("", 0, 1, len(lines), ())
    for index, (level, title, number) in enumerate(heads):
        end = next((after for depth, _, after in heads[index + 1 :] if depth <= level), len(lines) + 1)
        above: list[str] = []
        depth = level
        for outer, name, _ in reversed(heads[:index]):
            if outer < depth:
                above.append(name)
                depth = outer
        yield Section(title, level, number, end - 1, tuple(above))


def _endpoints(
    path: str, lines: tuple[str, ...], fenced: set[int], sections: tuple[Section, ...]
) -> Iterator[Endpoint]:
    for number, line in enumerate(lines, start=1):
        if number in fenced or not line.strip():
            continue
        section = section_at(sections, number)
        kind, text, start = _kind(line)
        found = _named(text, kind)
        if found is None:
            continue
        methods, called, (first, end) = found
        if not methods:
            methods = _method_beside(lines, section)
            if kind == "label" and not methods:
                continue
        place = Place(path, number, start + first + 1, number, start + end + 1)
        yield Endpoint(methods, called, place, kind, section, line)


def _kind(line: str) -> tuple[str, str, int]:
    """What a line is, the part of it that may name an endpoint, and where that begins."""
    if found := _HEADING.match(line):
        return "heading", found[2], found.start(2)
    if line.lstrip().startswith("|") or " | " in line:
        return "table", line, 0
    if (found := _LABEL.match(line)) and found[0].strip():
        return "label", line[found.end() :], found.end()
    if found := re.match(r"\s*(?:[-*+]|\d+[.)])\s+", line):
        return "list", line[found.end() :], found.end()
    return "label", line, 0


def _named(text: str, kind: str) -> tuple[tuple[str, ...], str, tuple[int, int]] | None:
    if kind == "table":
        return _row(text)
    found = _NAMED.search(text)
    if found and (kind == "heading" or not text[: found.start()].strip("`*_[ ") or _is_titled(text, found)):
        return _verbs(found["verbs"]), found["path"], found.span()
    found = _REVERSED.match(text.lstrip("`* ")) if kind in {"heading", "list"} else None
    if found:
        return _verbs(found["verbs"]), found["path"], (0, len(text))
    found = _BARE.match(text)
    if found and kind in {"heading", "label"} and len(found["path"]) > 1:
        return (), found["path"], (found.start("path"), found.end("path"))
    return None


def _is_titled(text: str, found: re.Match[str]) -> bool:
    """Whether a line is nothing but a title and an endpoint: `**List parcels** -- `GET /parcels``."""
    return _TITLE.fullmatch(text[: found.start()]) is not None and not text[found.end() :].strip("`* .")


def _row(text: str) -> tuple[tuple[str, ...], str, tuple[int, int]] | None:
    """A row of a table: a cell with a method beside one with a path, or one cell with both."""
    methods: tuple[str, ...] = ()
    called: re.Match[str] | None = None
    position, span = 0, (0, 0)
    for cell in text.split("|"):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).strip("`*_ ")
        both = _NAMED.match(plain)
        if both and both.end() >= len(plain.rstrip("`*")):
            return _verbs(both["verbs"]), both["path"], (position, position + len(cell))
        if re.fullmatch(rf"(?:{VERBS})(?:[\s`,/]+(?:{VERBS}))*", plain):
            methods = _verbs(plain)
        elif called is None and (found := _BARE.match(plain)):
            called = found
            begin = position + len(cell) - len(cell.lstrip())
            span = (begin, begin + len(cell.strip()))
        position += len(cell) + 1
    return (methods, called["path"], span) if called is not None and methods else None


def _verbs(text: str) -> tuple[str, ...]:
    return tuple(re.findall(VERBS, text))


def _method_beside(lines: tuple[str, ...], section: Section) -> tuple[str, ...]:
    """What `**Method:** GET` says in a section."""
    inside = lines[section.line - 1 : section.last]
    return tuple(found[1].upper() for line in inside if (found := _METHOD.match(line)))


def _shown(
    path: str, lines: tuple[str, ...], fences: tuple[Fence, ...], sections: tuple[Section, ...]
) -> Iterator[Endpoint]:
    """Requests in fenced blocks: `GET /path`, or curl."""
    for fence in fences:
        for number in range(fence.first, fence.last + 1):
            line = lines[number - 1]
            found = re.match(rf"\s*(?P<verbs>{VERBS})\s+{_PATH}(?:\s+HTTP/[\d.]+)?\s*(?:#.*)?$", line) or _CURL.search(
                line
            )
            if found:
                place = Place(path, number, found.start("path") + 1, number, found.end("path") + 1)
                methods = _verbs(found["verbs"] or "GET")
                yield Endpoint(methods, found["path"], place, "fence", section_at(sections, number), line)


def section_at(sections: tuple[Section, ...], line: int) -> Section:
    """The innermost section around a line."""
    return max((one for one in sections if one.line <= line <= one.last), key=lambda one: (one.level, one.line))


def _is_inside(endpoint: Endpoint, owned: set[Section]) -> bool:
    return any(one.line <= endpoint.place.line <= one.last for one in owned)
