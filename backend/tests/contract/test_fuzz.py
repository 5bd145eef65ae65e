"""Generated requests: nothing is a 5xx, nothing invalid or without a token passes, everything is as documented.

The requests are few and the same each time; `python dev.py fuzz` makes more, and new ones.
"""

import os
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, checks

from src.errors import ErrorResponse
from tests.contract import document
from tests.contract.facts import operations
from tests.process import serving
from tests.servers import START_SECONDS

DOCUMENT = document.current()
checks.load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
MORE = os.environ.get("FUZZ_EXAMPLES")
BOUNDED = settings(
    max_examples=int(MORE or 3),
    derandomize=MORE is None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
CHECKS: list[Any] = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "ignored_auth",
    ]
)
NOT_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?!\.?\d*Z)[\"+-]")


class Server:
    """The application in a process of its own, and a user who is signed in."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        login = f"{self.url}/api/v1/auth/dev/login"
        answer = httpx2.post(login, json={"email": "fuzz@example.com"}, timeout=START_SECONDS)
        self.headers = {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Server]:
    with serving(database_url, rate_limit_enabled="false") as port:
        yield Server(port)


def check(case: Case, response: Any) -> None:
    """Hold one answer to what every answer promises."""
    body = response.content
    assert response.headers["x-request-id"], "no request id"
    assert not NOT_UTC.search(body.decode()), "an instant that does not end in Z"
    if response.status_code == 204:
        assert body == b"", "204 has a body"
    if response.status_code >= 400 and "/health/" not in case.path:
        error = ErrorResponse.model_validate_json(body).error
        assert [error.request_id] == response.headers["x-request-id"]


def requests() -> Iterator[tuple[str, GenerationMode]]:
    """Yield every operation with valid input, and with invalid input where it takes any."""
    for name, operation in operations(DOCUMENT):
        yield name, GenerationMode.POSITIVE
        if "requestBody" in operation or operation.get("parameters"):
            yield name, GenerationMode.NEGATIVE


@pytest.mark.parametrize(("name", "mode"), list(requests()))
def test_generated_requests_are_answered_as_documented(server: Server, name: str, mode: GenerationMode) -> None:
    method, _, path = name.partition(" ")

    @given(case=SCHEMA[path][method].as_strategy(generation_mode=mode))
    @BOUNDED
    def send(case: Case) -> None:
        response = case.call(base_url=server.url, headers=server.headers)
        case.validate_response(response, checks=CHECKS)
        check(case, response)

    send()


def test_sequences_of_requests_are_answered_as_documented(server: Server) -> None:
    """What one operation makes, others read, change and delete, in any order."""

    class Sequence(SCHEMA.as_state_machine()):
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            del case
            return {"base_url": server.url, "headers": server.headers}

        def validate_response(self, response: Any, case: Case, *_: Any, **__: Any) -> None:
            case.validate_response(response, checks=CHECKS)
            check(case, response)

    Sequence.run(settings=settings(BOUNDED, max_examples=int(MORE or 10), stateful_step_count=8))
