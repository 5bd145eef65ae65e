"""Demo users, held to the rules that the application holds real ones to."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from src.models.achievement import AchievementDefinition
from src.rules import Rules
from src.schemas.enums import AchievementCategory, CompletedBy
from src.services import demo
from src.services.snapshots import Rows

NOW = datetime(2025, 1, 31, tzinfo=UTC)
RULES = Rules()
CATALOGUE = [
    AchievementDefinition(id="tasks_5", name="", message="", category=AchievementCategory.TASKS, threshold=5),
    AchievementDefinition(id="tasks_9999", name="", message="", category=AchievementCategory.TASKS, threshold=9999),
]


def make(number: int, tasks: int = 100) -> Rows:
    return demo.user(number, tasks=tasks, rules=RULES, catalogue=CATALOGUE, now=NOW)


USERS = [pytest.param(make(number), id=str(number)) for number in range(1, 11)]


def test_same_number_is_the_same_user() -> None:
    assert make(3) == make(3)
    assert make(3)["users"] != make(4)["users"]


@pytest.mark.parametrize("rows", USERS)
def test_counts_are_within_the_limits_of_the_tier(rows: Rows) -> None:
    limits = RULES.limits(rows["users"][0]["tier"])
    assert len(rows["tasks"]) == 100
    assert sum(not task["archived"] and task["completed_at"] is None for task in rows["tasks"]) <= limits.max_tasks
    assert sum(not note["archived"] for note in rows["notes"]) <= limits.max_notes
    assert max(Counter(step["task_id"] for step in rows["subtasks"]).values()) <= limits.max_subtasks


@pytest.mark.parametrize("rows", USERS)
def test_task_is_completed_as_its_steps_allow(rows: Rows) -> None:
    for task in rows["tasks"]:
        steps = [step for step in rows["subtasks"] if step["task_id"] == task["id"]]
        assert [step["order_index"] for step in steps] == list(range(len(steps)))
        closed = bool(steps) and all(step["completed_at"] for step in steps)
        assert closed == (bool(steps) and task["completed_at"] is not None)
        assert (task["completed_by"] is CompletedBy.MANUAL) == (task["completed_at"] is not None and not steps)


@pytest.mark.parametrize("rows", USERS)
def test_time_runs_forwards_and_ends_today(rows: Rows) -> None:
    since = rows["users"][0]["created_at"]
    for table, record in ((table, record) for table, records in rows.items() for record in records):
        assert since <= record["created_at"] <= record["updated_at"] <= NOW, table
    for task in rows["tasks"]:
        spent = [focus for focus in rows["focus_sessions"] if focus["task_id"] == task["id"]]
        seconds = sum((focus["ended_at"] - focus["started_at"]).total_seconds() for focus in spent)
        assert seconds == task["focus_time_seconds"]


@pytest.mark.parametrize("rows", USERS)
def test_statistics_achievements_and_credits_follow_from_the_rest(rows: Rows) -> None:
    (stats,) = rows["user_stats"]
    assert stats["lifetime_tasks_completed"] == sum(task["completed_at"] is not None for task in rows["tasks"])
    assert stats["notes_converted"] == sum(note["converted_at"] is not None for note in rows["notes"])
    assert [unlocked["achievement_id"] for unlocked in rows["user_achievements"]] == ["tasks_5"]
    amounts = [entry["amount"] for entry in rows["credit_entries"]]
    assert sum(amounts) == sum(entry["remaining"] or 0 for entry in rows["credit_entries"])
    assert rows["credit_entries"][-1]["balance_after"] == sum(amounts)


def test_user_without_tasks_is_complete() -> None:
    rows = make(1, tasks=0)
    assert (rows["tasks"], rows["user_stats"][0]["lifetime_tasks_completed"]) == ([], 0)
