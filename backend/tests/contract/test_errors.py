"""The error tree: written down as it is, each code in the closed list, each leaf complete."""

import inspect
from collections.abc import Iterator

from src import errors
from src.errors import AppError, responses
from src.schemas.enums import ErrorCode


def tree(error: type[AppError], depth: int = 0) -> Iterator[tuple[int, type[AppError]]]:
    yield depth, error
    for child in error.__subclasses__():
        yield from (found for found in tree(child, depth + 1) if found[1].__module__ == "src.errors")


def test_docstring_is_the_tree() -> None:
    lines = [
        f"{'  ' * depth}{error.__name__}".ljust(30) + f"{error.status} {error.code}" for depth, error in tree(AppError)
    ]
    assert (inspect.getdoc(errors) or "").split("\n\n", 1)[1] == "\n".join(lines)


def test_every_code_belongs_to_an_error_and_has_one_status() -> None:
    statuses = {(error.code, error.status) for _, error in tree(AppError)}
    assert sorted(code for code, _ in statuses) == sorted(ErrorCode)
    assert {type(code) for code, _ in statuses} == {ErrorCode}


def test_every_error_has_a_sentence_of_its_own() -> None:
    messages = {error.code: error.message for _, error in tree(AppError)}
    assert [message for message in messages.values() if not message.endswith(".")] == []


def test_documented_response_names_every_code_of_its_status() -> None:
    documented = responses(errors.Conflict, errors.IdempotencyKeyReused, errors.NotFound)
    assert list(documented) == [409, 404]
    assert set(documented[409]["content"]["application/json"]["examples"]) == {"CONFLICT", "IDEMPOTENCY_KEY_REUSED"}
