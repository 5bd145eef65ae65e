"""The facts of the API as Markdown: what the OpenAPI document says, in the words of a reader."""

import json
import re
from collections.abc import Iterator
from typing import Any

from src.errors import AppError
from src.schemas.enums import ErrorCode

Document = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


def operations(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its heading, for example `GET /api/v1/tasks`."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def operation_facts(document: Document, operation: dict[str, Any]) -> str:
    """Return parameters, body, answers and errors of one operation."""
    parts = [
        "Needs an access token." if operation.get("security") else "Needs no access token.",
        _parameters(operation.get("parameters", [])),
        _body(document, operation.get("requestBody")),
        *_answers(operation["responses"]),
        _errors(operation["responses"]),
    ]
    return "\n\n".join(part for part in parts if part)


def shapes(document: Document) -> str:
    """Return one table per schema that a body or an answer is made of, envelopes and enums left out."""
    tables = []
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and not name.startswith(("DataResponse_", "PaginatedResponse_")):
            about = f"{schema['description']}\n\n" if "description" in schema else ""
            tables.append(f"#### {name}\n\n{about}{_fields(schema)}")
    return "\n\n".join(tables)


def enums(document: Document) -> str:
    """Return every enum with its values, under a heading that its name links to."""
    schemas = document["components"]["schemas"].items()
    found = {name: schema["enum"] for name, schema in schemas if "enum" in schema and name != "ErrorCode"}
    return "\n\n".join(f"#### {name}\n\n{_values(values)}" for name, values in found.items())


def error_codes() -> str:
    """Return the closed list of codes with their statuses and usual messages."""
    by_code = {error.code: error for error in reversed(list(_tree(AppError)))}
    rows = sorted((by_code[code].status, code.value, by_code[code].message) for code in ErrorCode)
    return "\n".join(["| status | code | message |", "|---|---|---|", *(f"| {s} | `{c}` | {m} |" for s, c, m in rows)])


def _tree(error: type[AppError]) -> Iterator[type[AppError]]:
    yield error
    for child in error.__subclasses__():
        yield from _tree(child)


def type_of(schema: dict[str, Any]) -> str:
    """Say a schema in words: `string (uuid)`, `integer 1..720 or null`, `[TaskRead]`."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _envelope(name)
    if "anyOf" in schema:
        return " or ".join(type_of(option) for option in schema["anyOf"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return _values(schema["enum"])
    if schema.get("type") == "array":
        return f"[{type_of(schema['items'])}]{_bounds(schema, 'minItems', 'maxItems', ' items')}"
    return _scalar(schema)


def _scalar(schema: dict[str, Any]) -> str:
    kind = str(schema.get("type", "any"))
    if kind == "string":
        form = f" ({schema['format']})" if "format" in schema else ""
        return f"string{form}{_bounds(schema, 'minLength', 'maxLength', ' characters')}"
    return f"{kind}{_bounds(schema, 'minimum', 'maximum', '')}"


def _bounds(schema: dict[str, Any], lowest: str, highest: str, unit: str) -> str:
    low, high = schema.get(lowest), schema.get(highest)
    if high is not None and high >= 2**53:
        high = None
    if low is None and high is None:
        return ""
    if high is None:
        return f" from {low:.0f}{unit}"
    return f" {low or 0:.0f}..{high:.0f}{unit}"


def _envelope(name: str) -> str:
    """Turn `DataResponse_list_SubtaskRead__` into `{"data": [SubtaskRead]}`."""
    if page := re.fullmatch(r"PaginatedResponse_(\w+)_", name):
        return f'`{{"data": [{page[1]}], "pagination": Pagination}}`'
    if data := re.fullmatch(r"DataResponse_(\w+)_", name):
        inner = re.sub(r"list_(\w+)_", r"[\1]", data[1])
        inner = re.sub(r"(?:Union_)?(\w+)_NoneType_?", r"\1 or null", inner)
        return f'`{{"data": {inner}}}`'
    return f"[{name}](#{'error-codes' if name == 'ErrorCode' else name.lower()})"


def _parameters(parameters: list[dict[str, Any]]) -> str:
    if not parameters:
        return ""
    lines = ["| parameter | in | type | default | |", "|---|---|---|---|---|"]
    for parameter in parameters:
        schema = parameter["schema"]
        default = "required" if parameter["required"] else f"`{_literal(schema.get('default'))}`"
        kind = type_of(schema).removesuffix(" or null")
        about = parameter.get("description", "")
        lines.append(f"| `{parameter['name']}` | {parameter['in']} | {kind} | {default} | {about} |")
    return "\n".join(lines)


def _body(document: Document, body: dict[str, Any] | None) -> str:
    if body is None:
        return ""
    schema = body["content"]["application/json"]["schema"]
    if "$ref" not in schema:
        return f"Body: {type_of(schema)}"
    name = schema["$ref"].rsplit("/", 1)[1]
    return f"Body: [{name}](#{name.lower()})\n\n{_fields(document['components']['schemas'][name])}"


def _fields(schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    lines = ["| field | type | | |", "|---|---|---|---|"]
    for name, field in schema["properties"].items():
        presence = "" if name in required else "may be left out"
        if "default" in field:
            presence = f"default `{_literal(field['default'])}`"
        lines.append(f"| `{name}` | {type_of(field)} | {presence} | {_about(field)} |")
    return "\n".join(lines)


def _about(field: dict[str, Any]) -> str:
    inner = next((option["description"] for option in field.get("anyOf", ()) if "description" in option), "")
    return str(field.get("description", inner))


def _answers(responses: dict[str, Any]) -> Iterator[str]:
    for status, answer in responses.items():
        if status.startswith("2"):
            yield f"Answers `{status}`: {_content(answer)}"


def _content(answer: dict[str, Any]) -> str:
    if not answer.get("content"):
        return "no body."
    media, content = next(iter(answer["content"].items()))
    kind = type_of(content["schema"]) if content.get("schema") else ""
    return kind if media == "application/json" else f"`{media}` {kind}".strip()


def _errors(responses: dict[str, Any]) -> str:
    lines = ["| status | code |", "|---|---|"]
    for status, answer in sorted(responses.items()):
        examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
        if not status.startswith("2") and examples:
            lines.append(f"| {status} | {_values(list(examples))} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _values(values: list[Any]) -> str:
    return " · ".join(f"`{value}`" for value in values)


def _literal(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)
