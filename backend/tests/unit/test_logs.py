"""The log's two forms: lines for people, objects for machines."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from src import logs
from src.middleware.request_id import current_request_id


@pytest.fixture(autouse=True)
def request_id() -> Iterator[None]:
    token = current_request_id.set("4fd1c6f0")
    yield
    current_request_id.reset(token)


def logged(formatter: logging.Formatter) -> str:
    """Return what a formatter makes of a failure."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    logger = logging.Logger("test")  # noqa: LOG001 a logger outside the tree disturbs no other
    logger.addHandler(handler)
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logger.exception("broke %s", "it", extra={"fields": {"status": 500}})
    return output.getvalue()


def test_plain_line_has_time_level_and_request_id() -> None:
    first, *traceback = logged(logs.PlainFormatter()).splitlines()
    instant, _, rest = first.partition(" ")
    assert instant.endswith("Z")
    assert rest == "ERROR test [4fd1c6f0] broke it"
    assert traceback[-1] == "ZeroDivisionError: division by zero"


def test_structured_record_is_one_line_with_its_fields() -> None:
    (line,) = logged(logs.JsonFormatter()).splitlines()
    entry = json.loads(line)
    assert entry.pop("time").endswith("Z")
    assert "by zero" in entry.pop("exception")
    assert entry == {
        "level": "error",
        "logger": "test",
        "message": "broke it",
        "request_id": "4fd1c6f0",
        "status": 500,
    }
