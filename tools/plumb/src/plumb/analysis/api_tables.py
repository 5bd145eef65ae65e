"""The tables and lists of parameters in the section of an endpoint, and the statuses it names."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.api_pages import Endpoint, Page
from plumb.analysis.examples import own_last
from plumb.analysis.wire import Shape

PARAMETERS = re.compile(r"^(?:(?:query|path|url) ?)?(?:param(?:eter)?s?|args?|arguments?)$|^query$")
HEADERS = re.compile(r"^(?:http |request )?headers?(?: name)?$")
FIELDS = re.compile(r"^(?:field|property|attribute|key)s?$")
_SUCCESS = re.compile(
    r"(?:response|returns?|status(?: code)?|answers?|success\w*|HTTP/[\d.]+)[\s`*:(]{1,6}(2\d\d)\b"
    r"|\b(2\d\d)[`*]*\s*[:(-]?\s*(?:OK|Created|Accepted|No Content)\b"
    r"|^#+\s*`?(2\d\d)\b|^\s*[-*|]\s*[`*]*(2\d\d)[`*]*\s*(?:[|:]|-\s)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?:(?:success|successful|http|status|response|returns?|codes?)\s*)+$")
_STATUSES = re.compile(r"[`*\s]*2\d\d(?![\w.-])")
_FAILURE = re.compile(r"^\s*[-*|]\s*[`*]*(4\d\d)(?![\w.])[`*]*")
_LABEL = re.compile(r"^(?:#+\s*)?\**(?:(?:query|path|url)\s+)?param(?:eter)?s?\s*:?\**\s*:?$", re.IGNORECASE)
_BODY = re.compile(
    r"^(?:#+\s*)?\**(?:json )?(?:request|response|body|payload)(?: (?:body|json|payload))?(?: (?:fields|parameters))?"
    r"\s*:?\**\s*:?$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"`(\w+)`(?:\s*\(([^)]*)\))?")
_IN_LINE = re.compile(
    rf"^\**(?:(?:query|path|url)\s+)?param(?:eter)?s?\s*:?\**\s*:?\s+((?:{_NAMED.pattern}(?:\s*,\s*|\s+and\s+|\.?$))+)$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[-*]\s+(?:`(\w+)`|\*\*(\w+)\*\*)\s*(?:\(([^)]*)\))?\s*(?::|[-\u2013\u2014]\s|$)")
TYPE_WORDS = {
    "string": "text",
    "str": "text",
    "uuid": "text",
    "datetime": "text",
    "integer": "integer",
    "int": "integer",
    "number": "number",
    "float": "number",
    "boolean": "boolean",
    "bool": "boolean",
    "array": "list",
    "list": "list",
    "object": "object",
}


class Row(NamedTuple):
    """`cells` are by column name; `name` is the first of them without its marks."""

    line: int
    name: str
    cells: dict[str, str]

    @property
    def type(self) -> str:
        """The kind that the column `type` names, or nothing."""
        word = re.match(r"[`*\s]*(\w+)(?![\w\[<])", self.cells.get("type", ""))
        return TYPE_WORDS.get(word[1].lower(), "") if word else ""

    @property
    def required(self) -> bool | None:
        """What the column `required` says, if it says it in a word that is understood."""
        said = self.cells.get("required", "").strip("`* ").lower()
        return {"yes": True, "true": True, "required": True, "no": False, "false": False, "optional": False}.get(said)


class Table(NamedTuple):
    """`subject` is the name of the first column, `intro` the lines between the block before and the table."""

    line: int
    subject: str
    intro: str
    rows: tuple[Row, ...]

    @property
    def is_of_parameters(self) -> bool:
        """Whether the rows are parameters of path and query."""
        return bool(PARAMETERS.match(self.subject)) or (
            self.subject == "name" and bool(re.search(r"param|query", self.intro, re.IGNORECASE))
        )

    @property
    def role(self) -> str:
        """`request` or `response` for a table of fields, where the nearest words before it say which."""
        if not FIELDS.match(self.subject) and self.subject != "name":
            return ""
        for line in reversed(self.intro.split("\n")):
            asked = re.search(r"\b(?:request|body|payload|input)\b", line, re.IGNORECASE)
            answered = re.search(r"\b(?:responses?|returns?|answers?|output|result)\b", line, re.IGNORECASE)
            if asked or answered:
                return "request" if asked and (not answered or asked.start() > answered.start()) else "response"
        return ""


def tables(page: Page, endpoint: Endpoint) -> Iterator[Table]:
    """The tables that are about *endpoint*."""
    return tables_between(page, endpoint.place.line + 1, own_last(page, endpoint))


def tables_between(page: Page, first: int, last: int) -> Iterator[Table]:
    """The tables on these lines."""
    start = number = first
    while number < last:
        if _is_row(page, number) and _is_rule(page, number + 1):
            columns = _columns(page, number)
            end = next((line for line in range(number + 2, last + 1) if not _is_row(page, line)), last + 1)
            rows = tuple(_row(page, line, columns) for line in range(number + 2, end))
            yield Table(number, columns[0], page.text(start, number - 1), rows)
            start = number = end
        else:
            number += 1


def lists(page: Page, endpoint: Endpoint) -> Iterator[Table]:
    """Lists such as "- `limit` (integer, optional): how many" behind a line that says they are parameters or fields.

    And parameters in one line: "Query parameters: `limit` (integer), `after` (string)."
    """
    last = own_last(page, endpoint)
    for number in range(endpoint.place.line + 1, last + 1):
        label = re.sub("<!--.*?-->", "", page.lines[number - 1]).strip()
        if found := _IN_LINE.match(label):
            rows = [Row(number, name, {"type": said.lower()}) for name, said in _NAMED.findall(found[1])]
            yield Table(number, "parameter", label, tuple(rows))
        subject = "parameter" if _LABEL.match(label) else "field" if _BODY.match(label) else ""
        if not subject:
            continue
        first = number + 1 if number < last and page.lines[number].strip() else number + 2
        end = next((line for line in range(first, last + 1) if not _ITEM.match(page.lines[line - 1])), last + 1)
        if end > first:
            yield Table(first, subject, label, tuple(_item(page, line) for line in range(first, end)))


def _item(page: Page, line: int) -> Row:
    found = _ITEM.match(page.lines[line - 1])
    assert found is not None
    said = (found[3] or "").lower()
    required = "yes" if "required" in said else "no" if "optional" in said else ""
    return Row(line, found[1] or found[2], {"type": said, "required": required})


def successes(page: Page, endpoint: Endpoint) -> dict[int, int]:
    """The statuses of success that a section names, each with its first line."""
    found: dict[int, int] = {}
    for number in range(endpoint.place.line + 1, own_last(page, endpoint) + 1):
        for match in _SUCCESS.finditer(page.lines[number - 1]):
            found.setdefault(int(next(group for group in match.groups() if group)), number)
    return found


def success_beside(page: Page, endpoint: Endpoint) -> set[int]:
    """The statuses of success that the row of an endpoint names, in a table of endpoints with a column for them."""
    line = endpoint.place.line
    head = next((number for number in range(line, 1, -1) if not _is_row(page, number - 1)), 1)
    cells = _row(page, line, _columns(page, head)).cells
    said = [cell for name, cell in cells.items() if _STATUS.match(name) and _STATUSES.match(cell)]
    return {int(status) for cell in said for status in re.findall(r"\b2\d\d\b", cell)}


def failures(page: Page, endpoint: Endpoint) -> dict[int, int]:
    """The statuses of failure that a list or a table of a section promises, each with its first line."""
    found: dict[int, int] = {}
    for number in range(endpoint.place.line + 1, own_last(page, endpoint) + 1):
        match = _FAILURE.match(page.lines[number - 1])
        if match:
            found.setdefault(int(match[1]), number)
    return found


def levels(shape: Shape) -> list[Shape]:
    """Every object in a shape, the outermost first."""
    found = [shape] if shape.kind == "object" else []
    for part in (*shape.parts, *(member.shape for member in shape.members)):
        found += levels(part)
    return found


def is_known(shape: Shape) -> bool:
    """Whether no part of a shape that may have keys is unknown."""
    if shape.kind in {"any", "map"}:
        return False
    return all(is_known(part) or part.kind == "any" for part in shape.parts) and all(
        is_known(member.shape) or member.shape.kind == "any" for member in shape.members
    )


def _is_row(page: Page, number: int) -> bool:
    return number <= len(page.lines) and page.lines[number - 1].lstrip().startswith("|")


def _is_rule(page: Page, number: int) -> bool:
    """Whether the line parts the names of columns from the rows."""
    return number <= len(page.lines) and re.match(r"^[\s|:-]+$", page.lines[number - 1]) is not None


def _columns(page: Page, number: int) -> list[str]:
    return [cell.strip("`* ").lower() for cell in _cells(page.lines[number - 1])]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _row(page: Page, line: int, columns: list[str]) -> Row:
    cells = _cells(page.lines[line - 1])
    name = re.sub(r"\s*\(.*\)$|\*+$|\?$", "", cells[0].strip("`* "))
    return Row(line, name.strip("`* "), dict(zip(columns, cells, strict=False)))
