"""What every route has to have: an envelope, bounded listings, bounded integers, strict bodies."""

import inspect
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any

import pytest
from fastapi.params import Depends
from pydantic import BaseModel, TypeAdapter, ValidationError

from src import api
from src.schemas import base
from tests.contract import document
from tests.contract.facts import operations

DOCUMENT = document.current()
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
VERSIONED = {name: operation for name, operation in operations(DOCUMENT) if "/api/v1/" in name}
ENVELOPES = ("DataResponse_", "PaginatedResponse_", "TaskCompletionResponse")
LISTINGS = [
    name
    for name, operation in VERSIONED.items()
    if "PaginatedResponse_" in str(operation["responses"].get("200", {}).get("content"))
]


def successes(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {status: answer for status, answer in operation["responses"].items() if status < "300"}


@pytest.mark.parametrize("name", VERSIONED)
def test_success_is_an_envelope_or_nothing(name: str) -> None:
    for status, answer in successes(VERSIONED[name]).items():
        schemas = {media: str(content["schema"].get("$ref")) for media, content in answer.get("content", {}).items()}
        schemas.pop("text/event-stream", None)
        names = [reference.rpartition("/")[2] for reference in schemas.values()]
        assert [found for found in names if not found.startswith(ENVELOPES)] == []
        assert bool(answer.get("content")) is (status != "204")


@pytest.mark.parametrize("name", LISTINGS)
def test_listing_is_bounded(name: str) -> None:
    parameters = {parameter["name"]: parameter["schema"] for parameter in VERSIONED[name]["parameters"]}
    limit, offset = parameters["limit"], parameters["offset"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 100, 25)
    assert (offset["minimum"], offset["default"]) == (0, 0)


def test_there_are_listings() -> None:
    assert "GET /api/v1/goals" in LISTINGS


def integers(part: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every integer that a request may hold, with its place."""
    if isinstance(part, list):
        for number, item in enumerate(part):
            yield from integers(item, f"{path}.{number}")
    elif isinstance(part, dict):
        if part.get("type") == "integer":
            yield path, part
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            yield from integers(SCHEMAS[name], name)
        for key, value in part.items():
            yield from integers(value, f"{path}.{key}")


def accepted() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, operation in operations(DOCUMENT):
        found |= dict(integers(operation.get("parameters", []), name))
        found |= dict(integers(operation.get("requestBody", {}), name))
    return found


def test_every_integer_of_a_request_fits_64_bits() -> None:
    found = accepted()
    assert found
    bounds = {path: (part.get("minimum"), part.get("maximum")) for path, part in found.items()}
    assert [path for path, bound in bounds.items() if None in bound and path not in BOUNDED_BY_A_SETTING] == []
    # The document holds bounds as floats, so that 2**63 - 1 is written as 2**63.
    assert [path for path, bound in bounds.items() if max(abs(end or 0) for end in bound) > 2**63] == []


BOUNDED_BY_A_SETTING = {"POST /api/v1/webhooks/payments.content.application/json.schema.oneOf.0.properties.amount"}


def inputs(parent: type[BaseModel] = base.Input) -> Iterator[type[BaseModel]]:
    for child in parent.__subclasses__():
        if child.__module__ != "src.schemas.payment":  # What others send us may grow.
            yield child
        yield from inputs(child)


@pytest.mark.parametrize("model", list(inputs()), ids=lambda model: model.__name__)
def test_unknown_field_is_refused(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError, match=r"no_such_field\n  Extra inputs are not permitted"):
        model.model_validate({"no_such_field": 1})


def instants() -> Iterator[tuple[str, Any]]:
    """Yield every field that is an instant, of what is accepted and of what is answered."""
    for model in {*inputs(), *inputs(base.Schema)}:
        for name, field in model.model_fields.items():
            if "date-time" in str(model.model_json_schema()["properties"].get(name)):
                yield f"{model.__name__}.{name}", field


INSTANTS = dict(sorted(instants(), key=lambda found: found[0]))


@pytest.mark.parametrize("name", INSTANTS)
def test_every_instant_has_a_zone(name: str) -> None:
    field = INSTANTS[name]
    kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    with pytest.raises(ValidationError, match="timezone_aware"):
        TypeAdapter(kind).validate_python(datetime(2024, 1, 15))  # noqa: DTZ001 the zone is what is missing


def test_every_request_body_is_such_an_input() -> None:
    names = {model.__name__ for model in inputs()}
    bodies = {
        str(operation["requestBody"]["content"]).partition("#/components/schemas/")[2].partition("'")[0]
        for operation in VERSIONED.values()
        if "requestBody" in operation and "webhooks" not in operation["tags"]
    }
    assert bodies <= names


def test_every_route_says_what_it_does() -> None:
    assert [name for name, operation in operations(DOCUMENT) if not operation.get("description")] == []


def dependencies() -> dict[str, Any]:
    """Return the function behind each alias that a route may take, by its name."""
    modules = [import_module(f"{api.__name__}.{module.name}") for module in iter_modules(api.__path__)]
    return {
        name: marker.dependency
        for module in modules
        for name, alias in vars(module).items()
        for marker in getattr(alias, "__metadata__", ())
        if isinstance(marker, Depends)
    }


DEPENDENCIES = dependencies()


def test_there_are_dependencies() -> None:
    assert {"SessionDep", "CurrentUser"} <= DEPENDENCIES.keys()


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_dependency_costs_no_thread(name: str) -> None:
    """FastAPI would call a plain function in a thread, for every request, and wait for it."""
    asynchronous = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    assert any(is_one(DEPENDENCIES[name]) for is_one in asynchronous)
