"""The classifier of API changes: what breaks a client is named, what does not passes."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract import document
from tests.contract.breaking import Change, compare, unannounced

Document = dict[str, Any]
GOALS, GOAL = "/api/v1/goals", "/api/v1/goals/{goal_id}"


def changes(edit: Callable[[Document], object]) -> list[Change]:
    old = document.current()
    new = copy.deepcopy(old)
    edit(new)
    return compare(old, new)


def schema(doc: Document, name: str) -> dict[str, Any]:
    return doc["components"]["schemas"][name]


def require(doc: Document, name: str, field: str) -> None:
    schema(doc, name).setdefault("required", []).append(field)


BREAKING: dict[str, tuple[Callable[[Document], object], str]] = {
    "path": (lambda doc: doc["paths"].pop(GOALS), "GET /api/v1/goals: operation removed"),
    "method": (lambda doc: doc["paths"][GOAL].pop("delete"), "DELETE /api/v1/goals/{goal_id}: operation removed"),
    "field": (lambda doc: schema(doc, "GoalRead")["properties"].pop("title"), "`title` removed"),
    "optional field": (lambda doc: schema(doc, "GoalRead")["required"].remove("title"), "`title` is optional now"),
    "nullable": (
        lambda doc: schema(doc, "GoalRead")["properties"].update(
            title={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        "can be null now",
    ),
    "status": (lambda doc: doc["paths"][GOAL]["get"]["responses"].pop("404"), "status 404 removed"),
    "enum": (lambda doc: schema(doc, "GoalStatus")["enum"].remove("active"), "enum value active removed"),
    "required input": (
        lambda doc: (
            schema(doc, "GoalCreate")["properties"].update(x={"type": "string"}),
            require(doc, "GoalCreate", "x"),
        ),
        "`x` added and required",
    ),
    "now required": (lambda doc: require(doc, "GoalCreate", "due_at"), "`due_at` is required now"),
    "input gone": (lambda doc: schema(doc, "GoalCreate")["properties"].pop("due_at"), "`due_at` removed"),
    "limit": (
        lambda doc: schema(doc, "GoalCreate")["properties"]["title"].update(maxLength=100),
        "maxLength changed from 200 to 100",
    ),
    "type": (lambda doc: schema(doc, "GoalRead")["properties"].update(title={"type": "integer"}), "can be integer now"),
    "code": (
        lambda doc: doc["paths"][GOAL]["patch"]["responses"]["409"]["content"]["application/json"]["examples"].pop(
            "IDEMPOTENCY_KEY_REUSED"
        ),
        "error code IDEMPOTENCY_KEY_REUSED removed from 409",
    ),
    "parameter": (
        lambda doc: doc["paths"][GOALS]["get"]["parameters"][0].update(required=True),
        "is required now",
    ),
    "operation id": (lambda doc: doc["paths"][GOALS]["get"].update(operationId="x"), "operation id changed to x"),
}

HARMLESS: dict[str, Callable[[Document], object]] = {
    "path": lambda doc: doc["paths"].update({"/api/v1/new": {"get": doc["paths"][GOALS]["get"]}}),
    "answer field": lambda doc: schema(doc, "GoalRead")["properties"].update(x={"type": "string"}),
    "optional input": lambda doc: schema(doc, "GoalCreate")["properties"].update(x={"type": "string"}),
    "wider limit": lambda doc: schema(doc, "GoalCreate")["properties"]["title"].update(maxLength=300),
    "enum value": lambda doc: schema(doc, "GoalStatus")["enum"].append("paused"),
    "status": lambda doc: doc["paths"][GOALS]["get"]["responses"].update({"418": {"due_at": "teapot"}}),
}


@pytest.mark.parametrize("name", BREAKING)
def test_breaking_change_is_named(name: str) -> None:
    edit, text = BREAKING[name]
    found = [f"{change.where}: {change.text}" for change in changes(edit) if change.breaking]
    assert any(text in line for line in found), found


@pytest.mark.parametrize("name", HARMLESS)
def test_addition_passes(name: str) -> None:
    found = changes(HARMLESS[name])
    assert found
    assert [change for change in found if change.breaking] == []


def test_same_document_has_no_changes() -> None:
    assert changes(lambda _: None) == []


def test_breaking_change_asks_for_a_changelog_line_and_a_version() -> None:
    old = document.current()
    broken = [Change("GET /api/v1/goals 200 `title`", "is no longer string", breaking=True)]
    assert unannounced(broken, old, old, "") == [
        "CHANGELOG.md: say what changes for clients of `GET /api/v1/goals`.",
        f"src/main.py: VERSION is still {old['info']['version']}, a breaking change needs a step of it.",
    ]
    stepped = {**old, "info": {**old["info"], "version": "99.0.0"}}
    assert unannounced(broken, old, stepped, "`GET /api/v1/goals`: titles are gone") == []
