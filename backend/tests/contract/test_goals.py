"""What a client of goals may rely on."""

from typing import Any

from tests.contract import document
from tests.contract.facts import operations
from tests.factories.goals import FILTERS, NULLABLE, REQUIRED, VALID

DOCUMENT = document.current()
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
OPERATIONS = {name: operation for name, operation in operations(DOCUMENT) if operation["tags"] == ["goals"]}


def test_operations_and_their_successes() -> None:
    successes = {name: [s for s in operation["responses"] if s < "300"] for name, operation in OPERATIONS.items()}
    assert successes == {
        "GET /api/v1/goals": ["200"],
        "POST /api/v1/goals": ["201"],
        "GET /api/v1/goals/{goal_id}": ["200"],
        "PATCH /api/v1/goals/{goal_id}": ["200"],
        "DELETE /api/v1/goals/{goal_id}": ["204"],
    }


def test_listing_takes_these_parameters() -> None:
    names = [parameter["name"] for parameter in OPERATIONS["GET /api/v1/goals"]["parameters"]]
    assert names == ["offset", "limit", *FILTERS]


def test_new_goal_has_these_fields() -> None:
    assert list(SCHEMAS["GoalCreate"]["properties"]) == list(VALID)
    assert SCHEMAS["GoalCreate"].get("required", []) == REQUIRED


def test_change_of_a_goal_has_these_fields() -> None:
    assert list(SCHEMAS["GoalUpdate"]["properties"]) == [*VALID, "version"]
    assert SCHEMAS["GoalUpdate"]["required"] == ["version"]


def test_answered_goal_has_these_fields() -> None:
    assert list(SCHEMAS["GoalRead"]["properties"]) == ["id", "user_id", *VALID, "version", "created_at", "updated_at"]


def test_these_fields_may_be_null_and_no_other() -> None:
    kinds = {field: schema.get("anyOf", []) for field, schema in SCHEMAS["GoalRead"]["properties"].items()}
    assert [field for field, kind in kinds.items() if {"type": "null"} in kind] == NULLABLE
