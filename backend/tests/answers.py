"""What every answer must look like."""

from typing import Any

import httpx2

from src.errors import ErrorResponse


def error_of(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Return the error of an answer that fails as it should: in the envelope, under the id of its request."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = ErrorResponse.model_validate_json(answer.text, strict=True).error
    assert error.code == code, answer.text
    assert error.request_id == answer.headers["X-Request-ID"]
    return answer.json()["error"]


def fields_of(answer: httpx2.Response) -> list[str]:
    """Return the fields that a 422 complains about."""
    return [detail["field"] for detail in error_of(answer, 422, "VALIDATION_ERROR")["details"]]


def data_of(answer: httpx2.Response) -> Any:
    """Return the data of an answer that succeeds."""
    assert answer.is_success, answer.text
    return answer.json()["data"]
