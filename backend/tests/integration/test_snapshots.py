"""Snapshots in a database: what an older release has stored can still be recovered."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2

from src.clock import utc_now
from src.models.tombstone import Tombstone
from src.schemas.enums import TombstoneEntityType
from tests.harness import Served

TASK_ID, SUBTASK_ID = "5f0c2a7e-0000-4000-8000-000000000001", "5f0c2a7e-0000-4000-8000-000000000002"

FIRST_FORMAT: dict[str, Any] = {
    "tasks": [
        {
            "id": TASK_ID,
            "created_at": "2025-01-31T23:59:59.123456Z",
            "updated_at": "2025-02-01T00:00:00Z",
            "version": 7,
            "title": "Größe",
            "description": "a\nb",
            "priority": "high",
            "due_date": "2025-03-01T00:00:00.000001Z",
            "estimated_duration": 90,
            "completed_at": None,
            "completed_by": None,
            "archived": False,
        }
    ],
    "subtasks": [
        {
            "id": SUBTASK_ID,
            "created_at": "2025-01-31T23:59:59Z",
            "updated_at": "2025-01-31T23:59:59Z",
            "task_id": TASK_ID,
            "title": "step",
            "completed_at": "2025-02-01T00:00:00Z",
            "order_index": 0,
            "source": "ai",
        }
    ],
}
"""What the first release stored, with fewer columns than there are today. Never edited: such rows exist."""


async def bury(app: Served, user_id: str, rows: dict[str, Any]) -> str:
    """Put a tombstone there as that release did and return the path of its recovery."""
    owned = {"tasks": [{**rows["tasks"][0], "user_id": user_id}], "subtasks": rows["subtasks"]}
    tombstone = Tombstone(
        user_id=UUID(user_id),
        entity_type=TombstoneEntityType.TASK,
        entity_id=UUID(TASK_ID),
        deleted_at=utc_now(),
        recoverable_until=utc_now() + timedelta(days=1),
        snapshot={"format": 0, "rows": owned},
    )
    async with app.database.transaction() as session:
        session.add(tombstone)
    return f"/api/v1/tombstones/{tombstone.id}/recover"


async def test_snapshot_of_the_first_format_is_recovered_with_defaults_for_new_columns(
    app: Served, ada: httpx2.AsyncClient
) -> None:
    user_id = (await ada.get("/api/v1/users/me")).json()["data"]["id"]
    answer = await ada.post(await bury(app, user_id, FIRST_FORMAT))
    assert answer.json() == {"data": {"entity_type": "task", "entity_id": TASK_ID}}
    (task,), (subtask,) = FIRST_FORMAT.values()
    assert (await ada.get(f"/api/v1/tasks/{TASK_ID}")).json()["data"] == {
        **task,
        "user_id": user_id,
        "focus_time_seconds": 0,
        "completed": False,
        "subtask_count": 1,
        "subtask_completed_count": 1,
        "subtasks": [{**subtask, "completed": True}],
    }
