"""The OpenAPI document is valid, complete and honest about errors."""

from typing import Any

import openapi_spec_validator
import pytest

from src.schemas.enums import ErrorCode
from tests.contract import document
from tests.contract.facts import operations

DOCUMENT = document.current()
OPERATIONS = dict(operations(DOCUMENT))
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]


def test_document_is_valid() -> None:
    openapi_spec_validator.validate(DOCUMENT)


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert sorted(ids) == sorted(set(ids))


def test_framework_error_shape_is_nowhere() -> None:
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(SCHEMAS)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "/api/v1/" in name])
def test_every_failure_has_the_envelope_and_its_codes(name: str) -> None:
    failures = {status: answer for status, answer in OPERATIONS[name]["responses"].items() if status >= "400"}
    assert failures.keys() >= {"500", "503"}
    for answer in failures.values():
        content = answer["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}
        assert set(content["examples"]) <= set(ErrorCode)
        assert content["examples"]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "/api/v1/" in name])
def test_errors_of_an_input_are_documented_where_there_is_one(name: str) -> None:
    operation = OPERATIONS[name]
    has_body = "requestBody" in operation
    has_parameters = any(parameter["in"] != "header" for parameter in operation.get("parameters", []))
    documented = {status: status in operation["responses"] for status in ("413", "415", "422")}
    takes_any_media_type = "webhooks" in operation["tags"]
    expected = {"413": has_body, "415": has_body and not takes_any_media_type, "422": has_body | has_parameters}
    assert documented == expected


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.get("security")])
def test_route_with_a_token_documents_401(name: str) -> None:
    examples = OPERATIONS[name]["responses"]["401"]["content"]["application/json"]["examples"]
    assert set(examples) >= {"UNAUTHORIZED", "TOKEN_EXPIRED"}


def test_codes_that_no_operation_gives_are_the_ones_the_page_names() -> None:
    given = {
        code
        for operation in OPERATIONS.values()
        for answer in operation["responses"].values()
        for media in answer.get("content", {}).values()
        for code in media.get("examples", {})
    }
    assert set(ErrorCode) - given == {"METHOD_NOT_ALLOWED", "FORBIDDEN", "TIER_REQUIRED"}


def answered() -> set[str]:
    """Return the names of all schemas that a success can contain."""
    seen: set[str] = set()
    pending = [answer for op in OPERATIONS.values() for status, answer in op["responses"].items() if status < "300"]
    while pending:
        part: Any = pending.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
            if name and name not in seen:
                seen.add(name)
                pending.append(SCHEMAS[name])
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
    return seen


@pytest.mark.parametrize("name", sorted(name for name in answered() if "properties" in SCHEMAS[name]))
def test_every_field_of_an_answer_is_always_there(name: str) -> None:
    schema = SCHEMAS[name]
    assert sorted(schema.get("required", [])) == sorted(schema["properties"])
    assert [field for field, definition in schema["properties"].items() if "default" in definition] == []
