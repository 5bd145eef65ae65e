"""The plugin for pytest, in a pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
MODELS = """
import asyncio
import pytest
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

class Base(AsyncAttrs, DeclarativeBase): ...

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    tasks: Mapped[list["Task"]] = relationship()

class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

def run(use, **options):
    async def whole():
        engine = create_async_engine("sqlite+aiosqlite://")
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine, **options) as session:
            session.add(User(id=1, tasks=[Task(id=1)]))
            await session.commit()
            session.expunge_all()
            await use(session)
        await engine.dispose()
    asyncio.run(whole())
"""


def pytest_run(folder: Path, text: str, *options: str) -> str:
    """The output of pytest over one test file with the plugin and nothing else."""
    (folder / "test_inner.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "plumb.pytest_plugin", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    return done.stdout + done.stderr


def use(body: str) -> str:
    """A test that runs *body* with a session."""
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    return f"{MODELS}\ndef test_it():\n    async def use(session):\n{lines}    run(use)\n"


def test_a_lazy_load_names_relationship_touch_and_query(tmp_path: Path) -> None:
    text = use("user = (await session.scalars(select(User))).one()\nprint(user.tasks)")
    query, touch = (
        number for number, line in enumerate(text.split("\n"), 1) if "select(User)" in line or "print" in line
    )
    told = (
        f"lazy load of User.tasks at test_inner.py:{touch}; the query that did not load it is at test_inner.py:{query}"
    )
    output = pytest_run(tmp_path, text, "--plumb-loads")
    assert told in output
    assert "1 failed" in output


def test_a_swallowed_lazy_load_fails_the_test_all_the_same(tmp_path: Path) -> None:
    body = "user = (await session.scalars(select(User))).one()\ntry:\n    user.tasks\nexcept Exception:\n    pass"
    assert "1 passed" in pytest_run(tmp_path, use(body))
    output = pytest_run(tmp_path, use(body), "--plumb-loads")
    assert "lazy load of User.tasks" in output
    assert "1 failed" in output


def test_expired_columns_are_loads_too(tmp_path: Path) -> None:
    body = "user = (await session.scalars(select(User))).one()\nawait session.commit()\nprint(user.id)"
    assert "lazy load of User.(expired columns)" in pytest_run(tmp_path, use(body), "--plumb-loads")


def test_loads_that_were_asked_for_are_left_alone(tmp_path: Path) -> None:
    body = (
        "user = (await session.scalars(select(User).options(selectinload(User.tasks)))).one()\nprint(user.tasks)\n"
        "await session.refresh(user)\nawait session.refresh(user, ['tasks'])\nsession.expire(user)\n"
        "await user.awaitable_attrs.tasks\nsession.expire(user)\nawait session.run_sync(lambda _: user.tasks)"
    )
    assert "1 passed" in pytest_run(tmp_path, use(body), "--plumb-loads")


MOCKS = """
from unittest.mock import MagicMock

def test_it():
    result = MagicMock()
    result.scalars.return_value.all.return_value = [1]
    result.scalars.return_value.unique.return_value.all.return_value = [1]
    assert result.scalars().all() == [1]
"""


def test_an_answer_that_nothing_asked_for_is_told(tmp_path: Path) -> None:
    output = pytest_run(tmp_path, MOCKS, "--plumb-mocks")
    assert output.count("was given an answer that nothing asked for") == 1
    assert "scalars().unique().all at test_inner.py:7" in output
    assert "1 passed, 1 warning" in output


def test_without_its_switches_the_plugin_does_nothing(tmp_path: Path) -> None:
    assert "PB804" not in pytest_run(tmp_path, MOCKS)


def test_the_plugin_is_harmless_without_sqlalchemy(tmp_path: Path) -> None:
    (tmp_path / "sqlalchemy.py").write_text("raise ImportError('not installed')")
    (tmp_path / "conftest.py").write_text("")
    assert "1 passed" in pytest_run(tmp_path, MOCKS, "--plumb-loads", "-p", "conftest")
