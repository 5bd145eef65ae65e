"""The built-in assistant answers the same question in the same way, and usefully."""

from datetime import UTC, datetime
from uuid import uuid4

from src.integrations.ai import Question, TaskBrief
from src.integrations.ai_offline import STEPS, OfflineAI
from src.schemas.enums import ActionType, TaskPriority

NOW = datetime(2025, 1, 31, 12, tzinfo=UTC)
OFFERED = [ActionType.START_FOCUS, ActionType.COMPLETE_TASK]


def task(title: str, *, description: str = "", priority: str = "medium", due: datetime | None = None) -> TaskBrief:
    return TaskBrief(uuid4(), title, description, TaskPriority(priority), due)


async def test_list_in_the_description_becomes_the_steps() -> None:
    listed = task("Party", description="To do:\n- invite\n* bake\n 1. decorate\n2) invite\n- invite\nBye")
    assert await OfflineAI().suggest_subtasks(listed, at_most=3) == ["invite", "bake", "decorate"]


async def test_task_without_a_list_gets_as_many_different_steps_as_a_tier_may_have() -> None:
    titles = await OfflineAI().suggest_subtasks(task("x" * 200), at_most=10)
    assert len(set(titles)) == len(STEPS) == 10
    assert max(len(title) for title in titles) <= 200


async def test_what_is_due_comes_first_then_what_matters() -> None:
    tasks = [
        task("someday"),
        task("important", priority="high"),
        task("late", due=datetime(2025, 1, 30, tzinfo=UTC), priority="low"),
        task("soon", due=datetime(2025, 2, 1, tzinfo=UTC), priority="high"),
    ]
    firsts = []
    while tasks:
        reply = await OfflineAI().chat(Question("What next?", tasks, NOW))
        assert [action.type for action in reply.actions] == OFFERED
        first = next(each for each in tasks if each.id == reply.actions[0].task_id)
        firsts.append((first.title, "overdue" in reply.text))
        tasks.remove(first)
    assert firsts == [("late", True), ("soon", False), ("important", False), ("someday", False)]


async def test_without_tasks_the_message_is_made_one() -> None:
    reply = await OfflineAI().chat(Question("Call  the\ndentist", [], NOW))
    assert [(action.type, action.data) for action in reply.actions] == [
        (ActionType.CREATE_TASK, {"title": "Call the dentist"})
    ]
