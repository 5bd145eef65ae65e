"""The plugin for pytest, in a pytest of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from plumb.cli import main
from plumb.rule import Rule
from plumb.run_time.rules import AT_RUN_TIME, LAZY_LOAD, UNUSED_ANSWER

SOURCE = Path(__file__).parents[1] / "src"
MODELS = """
import asyncio
import pytest
from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.orm import immediateload, joinedload, selectinload, subqueryload

class Base(AsyncAttrs, DeclarativeBase): ...

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="ada")
    tasks: Mapped[list["Task"]] = relationship(back_populates="user", cascade="all, delete-orphan")

    @property
    def task_count(self):
        return len(self.tasks)

class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="tasks")
    notes: Mapped[list["Note"]] = relationship()

class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))

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
USER = "user = (await session.scalars(select(User))).one()"


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
        f"PB210 lazy load of User.tasks at test_inner.py:{touch}; "
        f"the query that did not load it is at test_inner.py:{query}\n"
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


def test_the_query_that_is_named_is_the_one_that_brought_the_object(tmp_path: Path) -> None:
    body = (
        "user = (await session.scalars(select(User).where(User.id == 1))).one()\n"
        "await session.scalars(select(User).where(User.id == 2))\nprint(user.tasks)"
    )
    text = use(body)
    query = next(number for number, line in enumerate(text.split("\n"), 1) if "User.id == 1" in line)
    assert f"did not load it is at test_inner.py:{query}\n" in pytest_run(tmp_path, text, "--plumb-loads")


def test_an_object_that_came_with_another_names_the_query_of_both(tmp_path: Path) -> None:
    body = (
        "user = (await session.scalars(select(User).options(selectinload(User.tasks)))).one()\n"
        "print(user.tasks[0].notes)"
    )
    text = use(body)
    query = next(number for number, line in enumerate(text.split("\n"), 1) if "selectinload(User.tasks)" in line)
    output = pytest_run(tmp_path, text, "--plumb-loads")
    assert "PB210 lazy load of Task.notes at" in output
    assert f"did not load it is at test_inner.py:{query}\n" in output


def test_a_new_object_names_the_line_that_made_it(tmp_path: Path) -> None:
    text = use("user = User(id=7)\nsession.add(user)\nawait session.flush()\nprint(user.tasks)")
    made = next(number for number, line in enumerate(text.split("\n"), 1) if "User(id=7)" in line)
    output = pytest_run(tmp_path, text, "--plumb-loads")
    assert f"the object is new, made at test_inner.py:{made}\n" in output


def test_a_load_that_works_inside_a_greenlet_is_told(tmp_path: Path) -> None:
    body = (
        "user = (await session.scalars(select(User))).one()\n"
        "event.listen(session.sync_session, 'before_flush', lambda *_: user.tasks)\n"
        "session.add(User(id=2))\nawait session.flush()"
    )
    assert "1 passed" in pytest_run(tmp_path, use(body))
    text = use(body)
    touch = next(number for number, line in enumerate(text.split("\n"), 1) if "before_flush" in line)
    output = pytest_run(tmp_path, text, "--plumb-loads")
    assert f"PB210 lazy load of User.tasks at test_inner.py:{touch}" in output
    assert "1 failed" in output


def test_expired_columns_are_loads_too(tmp_path: Path) -> None:
    body = "user = (await session.scalars(select(User))).one()\nawait session.commit()\nprint(user.id)"
    output = pytest_run(tmp_path, use(body), "--plumb-loads")
    assert "PB210 lazy load of User.id/name at" in output


@pytest.mark.parametrize(
    "body",
    [
        "user = (await session.scalars(select(User).options(selectinload(User.tasks)))).one()\nprint(user.tasks)",
        "users = await session.scalars(select(User).options(joinedload(User.tasks)))\nusers.unique().one().tasks",
        "user = (await session.scalars(select(User).options(subqueryload(User.tasks)))).one()\nprint(user.tasks)",
        "user = (await session.scalars(select(User).options(immediateload(User.tasks)))).one()\nprint(user.tasks)",
        f"{USER}\nawait session.refresh(user)\nawait session.refresh(user, ['tasks'])\nprint(user.tasks)",
        f"{USER}\nsession.expire(user)\nprint(await user.awaitable_attrs.tasks)",
        f"{USER}\nprint(await user.awaitable_attrs.task_count)",
        f"{USER}\nawait session.run_sync(lambda _: user.tasks)",
        f"{USER}\nawait session.delete(user)\nawait session.flush()",
        f"{USER}\nawait session.merge(User(id=1, name='other'))",
    ],
    ids=[
        *("selectin", "joined", "subquery", "immediate", "refresh", "awaitable", "awaitable property", "run_sync"),
        *("cascade of a delete", "merge"),
    ],
)
def test_loads_that_were_asked_for_are_left_alone(tmp_path: Path, body: str) -> None:
    assert "1 passed" in pytest_run(tmp_path, use(body), "--plumb-loads")


def test_a_synchronous_session_may_load(tmp_path: Path) -> None:
    text = (
        f"{MODELS}\nfrom sqlalchemy import create_engine\nfrom sqlalchemy.orm import Session\ndef test_it():\n"
        "    engine = create_engine('sqlite://')\n    Base.metadata.create_all(engine)\n"
        "    with Session(engine) as session:\n        session.add(User(id=1, name='a', tasks=[Task(id=1)]))\n"
        "        session.commit()\n        assert len(session.get(User, 1).tasks) == 1\n"
    )
    assert "1 passed" in pytest_run(tmp_path, text, "--plumb-loads")


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


def documented(rule: Rule, heading: str) -> str:
    example = re.search(r"```python\n(.*?)```", rule.section(heading), re.DOTALL)
    assert example is not None
    return example[1]


def run_documented(rule: Rule, heading: str, tmp_path: Path) -> str:
    """What pytest says of an example in the documentation of a rule."""
    code = documented(rule, heading)
    if rule is UNUSED_ANSWER:
        return pytest_run(tmp_path, f"from unittest.mock import MagicMock\n{code}", "--plumb-mocks")
    body = code.partition(":\n")[2].replace("\n    ", "\n").strip()
    return pytest_run(tmp_path, use(body), "--plumb-loads")


def test_the_documented_lazy_load_is_told_and_its_correction_is_not(tmp_path: Path) -> None:
    assert "PB210 lazy load of User.tasks" in run_documented(LAZY_LOAD, "Example", tmp_path)
    assert "1 passed" in run_documented(LAZY_LOAD, "Use instead", tmp_path)


def test_the_documented_answer_is_told_and_its_correction_is_not(tmp_path: Path) -> None:
    assert "PB804 mock.scalars().unique().all" in run_documented(UNUSED_ANSWER, "Example", tmp_path)
    assert "PB804" not in run_documented(UNUSED_ANSWER, "Use instead", tmp_path)


@pytest.mark.parametrize("rule", AT_RUN_TIME, ids=lambda rule: rule.code)
def test_a_rule_of_the_run_has_a_page_and_cannot_be_selected(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", rule.code]) == 0
    assert "## Known limits" in capsys.readouterr().out
    assert main(["check", "--select", rule.code]) == 2
    assert f"{rule.code} is found while tests run" in capsys.readouterr().err
