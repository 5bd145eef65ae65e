"""What the tests of jobs begin with, and how they run one: as a process, or in this one by the application's clock."""

import asyncio
import os
import sys
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import SQLModel, func, select

from src.models.user import User
from src.schemas.enums import UserTier
from src.services.upkeep import JOBS, Progress
from tests.harness import Served
from tests.servers import BACKEND


async def make_users(app: Served, count: int, tier: UserTier = UserTier.PRO) -> list[UUID]:
    made = [User(email=f"{uuid4()}@example.com", name="Ada", tier=tier) for _ in range(count)]
    await add(app, *made)
    return sorted(user.id for user in made)


async def add(app: Served, *rows: SQLModel) -> None:
    async with app.database.transaction() as session:
        session.add_all(rows)


async def count(app: Served, table: type[Any], *where: Any) -> int:
    async with app.database.reader() as session:
        return (await session.exec(select(func.count()).select_from(table).where(*where))).one()


async def run(app: Served, name: str) -> Progress:
    """Run a job in this process, by the application's clock."""
    steps = [step async for step in JOBS[name].run(app.database, app.resources.rules, app.clock.now)]
    return Progress(sum(step.done for step in steps), sum(step.failed for step in steps))


async def start(app: Served, *arguments: str, **variables: str) -> asyncio.subprocess.Process:
    url = app.database.engine.url.render_as_string(hide_password=False)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "src.jobs",
        *arguments,
        cwd=BACKEND,
        env={**os.environ, "DATABASE_URL": url, "ENVIRONMENT": "test", **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def finished(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()
