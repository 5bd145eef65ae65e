"""A relationship that no plan has loaded fails at once and by name."""

from uuid import UUID

import pytest
from fastapi import APIRouter
from sqlmodel import select

from src.api.deps import ReaderDep
from src.models.task import Task
from src.schemas.base import DataResponse
from src.schemas.task import TaskDetail
from tests.answers import error_of
from tests.factories.tasks import make_task
from tests.harness import served

router = APIRouter(prefix="/trial")


@router.get("/forgotten-plan/{task_id}")
async def get_without_plan(session: ReaderDep, task_id: UUID) -> DataResponse[TaskDetail]:
    task = await session.exec(select(Task).where(Task.id == task_id))
    return DataResponse[TaskDetail].of(task.one())


async def test_forgotten_plan_is_a_500_that_names_the_relationship_in_the_log(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(database_url) as trial:
        trial.app.include_router(router)
        ada = await trial.sign_in("ada")
        task = await make_task(ada, title="private title")
        error_of(await ada.get(f"/trial/forgotten-plan/{task['id']}"), 500, "INTERNAL_ERROR")
        await trial.empty()
    assert "data.subtasks" in caplog.text
    assert "lazy='raise'" in caplog.text
    assert "private title" not in caplog.text
