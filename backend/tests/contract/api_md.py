"""`docs/API.md`: sentences by hand, facts and answers by machine, both in their places.

A section `### GET /api/v1/tasks` holds the sentences, one block of facts, and examples. An example is a request in an
`http` fence; behind it stands its real answer. `<!-- keep: task_id = data.id -->` names a value of the answer for later
examples, which write it as `{task_id}`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.contract import facts
from tests.contract.facts import Document

PAGE = Path(__file__).parents[2] / "docs" / "API.md"
HEADING = re.compile(r"^### (?P<name>(?:GET|POST|PUT|PATCH|DELETE) /\S*)$", re.MULTILINE)
BLOCK = r"<!-- {0} -->\n.*?<!-- /{0} -->"
EXAMPLE = re.compile(
    r"```http\n(?P<request>.*?)```\n+(?:<!-- keep: (?P<keep>.*?) -->\n+)?"
    r"<!-- answer -->\n(?P<answer>.*?)<!-- /answer -->",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Example:
    """A request of the page: `METHOD path`, then headers as `Name: value`, an empty line, the body."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    keep: dict[str, str]


class PageError(Exception):
    """The page does not match the API; says which section is at fault and what to do."""


def with_facts(page: str, document: Document) -> str:
    """Return the page with every generated block as the document has it. Raises PageError for a missing section."""
    _check_sections(page, document)
    known = dict(facts.operations(document))
    for name, operation in known.items():
        page = _replace(page, f"facts: {name}", facts.operation_facts(document, operation))
    page = _replace(page, "error codes", facts.error_codes())
    page = _replace(page, "shapes", facts.shapes(document))
    return _replace(page, "enums", facts.enums(document))


def sections(page: str) -> dict[str, list[str]]:
    """Return the lines of the page under the heading they belong to."""
    found: dict[str, list[str]] = {"": []}
    name = ""
    for line in page.splitlines():
        if line.startswith("#"):
            name = line.lstrip("# ")
        found.setdefault(name, []).append(line)
    return found


def examples(page: str) -> Iterator[Example]:
    """Yield the requests of the page in its order."""
    for match in EXAMPLE.finditer(page):
        head, _, body = match["request"].strip().partition("\n\n")
        first, *lines = head.splitlines()
        method, _, path = first.partition(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        keep = dict(pair.split(" = ") for pair in (match["keep"] or "").split(", ") if pair)
        yield Example(method, path, headers, body, keep)


def with_answers(page: str, answers: list[str]) -> str:
    """Return the page with the answers of its examples, in order."""
    pending = iter(answers)

    def put(match: re.Match[str]) -> str:
        return match[0].replace(f"<!-- answer -->\n{match['answer']}", f"<!-- answer -->\n{next(pending)}\n")

    return EXAMPLE.sub(put, page)


def _check_sections(page: str, document: Document) -> None:
    written = [match["name"] for match in HEADING.finditer(page)]
    served = [name for name, _ in facts.operations(document)]
    faults = [
        f"{name}: served, but not in docs/API.md. Write a section `### {name}`."
        for name in served
        if name not in written
    ]
    faults += [f"{name}: in docs/API.md, but not served. Remove its section." for name in written if name not in served]
    faults += [f"{name}: has two sections." for name in set(written) if written.count(name) > 1]
    if faults:
        raise PageError("\n".join(faults))


def _replace(page: str, name: str, content: str) -> str:
    block = re.compile(BLOCK.format(re.escape(name)), re.DOTALL)
    if len(block.findall(page)) != 1:
        raise PageError(f"docs/API.md needs exactly one block `<!-- {name} -->` ... `<!-- /{name} -->`.")
    return block.sub(lambda _: f"<!-- {name} -->\n\n{content}\n\n<!-- /{name} -->", page)
