"""Real answers, recorded by operation and status, and what of the API's promises they have not shown yet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.contract.facts import Document, operations

ERROR = {"$ref": "#/components/schemas/ErrorResponse"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `source` names the database that was behind it."""

    operation: str
    status: int
    body: Any
    source: str


@dataclass
class Recorder:
    """Sends requests and remembers the answers."""

    document: Document
    source: str = ""
    answers: list[Answer] = field(default_factory=list)

    async def __call__(self, client: httpx2.AsyncClient, method: str, path: str, **options: Any) -> Any:
        """Send a request below `/api/v1`, or at the root for a path that starts with `//`; return the body."""
        url = path[1:] if path.startswith("//") else f"/api/v1{path}"
        answer = await client.request(method, url, **options)
        body = _body(answer)
        self.answers.append(Answer(self._operation(method, url), answer.status_code, body, self.source))
        return body

    def _operation(self, method: str, url: str) -> str:
        path = url.partition("?")[0]
        for name, _ in operations(self.document):
            template = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(name))
            if re.fullmatch(template, f"{method} {path}"):
                return name
        raise LookupError(f"no operation {method} {path}")


def unseen_answers(document: Document, answers: list[Answer]) -> list[str]:
    """Return every documented status, and every documented code of an error, that no answer had."""
    statuses = {(answer.operation, str(answer.status)) for answer in answers}
    codes = {(a.operation, str(a.status), a.body["error"]["code"]) for a in answers if _is_error(a)}
    gaps = []
    for name, operation in operations(document):
        for status, documented in operation["responses"].items():
            if (name, status) not in statuses:
                gaps.append(f"{name} {status}")
            examples = documented.get("content", {}).get("application/json", {}).get("examples", {})
            gaps += [f"{name} {status} {code}" for code in examples if (name, status, code) not in codes]
    return gaps


def undocumented_answers(document: Document, answers: list[Answer]) -> list[str]:
    """Return every answer whose status, or whose error code, its operation does not document."""
    known = dict(operations(document))
    gaps = set()
    for answer in answers:
        documented = known[answer.operation]["responses"].get(str(answer.status))
        if documented is None:
            gaps.add(f"{answer.operation} {answer.status}")
        elif _is_error(answer):
            examples = documented.get("content", {}).get("application/json", {}).get("examples", {})
            code = answer.body["error"]["code"]
            if code not in examples:
                gaps.add(f"{answer.operation} {answer.status} {code}")
    return sorted(gaps)


def unseen_values(document: Document, answers: list[Answer]) -> list[str]:
    """Return every nullable field that was never null or never not, every enum value and every list never filled."""
    wanted, seen = set[str](), set[str]()
    for name, operation in operations(document):
        for status, documented in operation["responses"].items():
            schema = next((c["schema"] for c in documented.get("content", {}).values() if c.get("schema")), None)
            if schema is not None and schema != ERROR:
                wanted |= set(_promises(document, schema))
                bodies = (a.body for a in answers if (a.operation, str(a.status)) == (name, status))
                seen |= {sight for body in bodies for sight in _sights(document, schema, body)}
    return sorted(wanted - seen)


def _body(answer: httpx2.Response) -> Any:
    if answer.content and answer.headers["content-type"] == "application/json":
        return answer.json()
    return answer.text or None


def _is_error(answer: Answer) -> bool:
    return isinstance(answer.body, dict) and "error" in answer.body


def _promises(document: Document, schema: dict[str, Any], place: str = "body") -> Iterator[str]:
    """What a schema says that an answer may show: `TaskRead.due_date is null`, `TaskPriority low`, `... has items`."""
    name, schema = _resolved(document, schema, place)
    yield from (f"{name} {value}" for value in schema.get("enum", ()))
    for option in schema.get("anyOf", ()):
        yield f"{name} is {'null' if option.get('type') == 'null' else 'not null'}"
        yield from _promises(document, option, name)
    if "items" in schema:
        yield f"{name} has items"
        yield from _promises(document, schema["items"], name)
    for field_name, inner in schema.get("properties", {}).items():
        yield from _promises(document, inner, f"{name}.{field_name}")


def _sights(document: Document, schema: dict[str, Any], value: Any, place: str = "body") -> Iterator[str]:
    """What a value shows of the promises of its schema."""
    name, schema = _resolved(document, schema, place)
    if "enum" in schema:
        yield f"{name} {value}"
    for option in schema.get("anyOf", ()):
        if (option.get("type") == "null") == (value is None):
            yield f"{name} is {'null' if value is None else 'not null'}"
            yield from _sights(document, option, value, name)
    if "items" in schema and value:
        yield f"{name} has items"
        for item in value:
            yield from _sights(document, schema["items"], item, name)
    for field_name, inner in schema.get("properties", {}).items():
        yield from _sights(document, inner, (value or {}).get(field_name), f"{name}.{field_name}")


def _resolved(document: Document, schema: dict[str, Any], place: str) -> tuple[str, dict[str, Any]]:
    if "$ref" not in schema:
        return place, schema
    name = schema["$ref"].rsplit("/", 1)[1]
    return name, document["components"]["schemas"][name]
