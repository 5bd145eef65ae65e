"""What is kept between runs: nothing is parsed twice, and nothing stale is answered."""

import ast
import io
import json
import pickle
from pathlib import Path

import pytest

from plumb import cache, testing
from plumb.cache import Cache, Remembered
from plumb.cli import main
from plumb.index.models import model_named
from plumb.runner import Runner

ERRORS = "class Base(Exception): ...\nclass Child({parent}): ...\n"
SERVICE = """from app.errors import Base, Child
def run():
    try:
        return 1
    except Base:
        return 2
    except Child:
        return 3
"""
LATE_COMMIT = """from sqlalchemy.ext.asyncio import async_sessionmaker
Sessions = async_sessionmaker()
async def get_session():
    async with Sessions() as session:
        yield session
        await session.commit()
"""
ROUTE = """from fastapi import FastAPI
app = FastAPI()


@app.get("/tasks")
async def tasks() -> list[int]:
    return []
"""
PORT = """from abc import ABC, abstractmethod
class Tasks(ABC):
    @abstractmethod
    async def find(self, key: int): ...
"""
PORT_IN_USE = """from app.ports import Tasks
async def read(tasks: Tasks, key: int):
    return await tasks.find(key)
"""
USE = """from fastapi import Depends
from app.db import get_session
SessionDep = Depends(get_session)
"""
MODELS = """from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
class Base(DeclarativeBase): ...
class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    notes: Mapped[list["Note"]] = relationship()
    def label(self):
        value = {label}
    def other(self):
        value = {other}
class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
"""
READER = """from sqlalchemy import select
from app.models import Task
async def read(session):
    task = (await session.scalars(select(Task))).one()
    await session.commit()
    return task.id, task.label()
"""
HELPER = """from sqlalchemy import select
from app.models import Task
async def load(session, full):
    return (await session.scalars(select(Task))).one()
"""
CALLER = """from app.helper import load
async def read(session):
    return (await load(session, {full})).id
"""
SESSIONS = """from sqlalchemy.ext.asyncio import async_sessionmaker
Sessions = async_sessionmaker(expire_on_commit={expires})
"""


class Parsed:
    """Notes every text of a file that is parsed."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def parse(self, text: str) -> ast.Module:
        self.texts.append(text)
        return ast.parse(text)

    def taken(self) -> list[str]:
        texts, self.texts = self.texts, []
        return texts


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Parsed:
    counter = Parsed()
    monkeypatch.setattr("plumb.parsing._parse", counter.parse)
    return counter


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the files that are checked again, until it is cleared."""
    check = Runner.outcome
    paths: list[str] = []

    def outcome(runner: Runner, path: str) -> Remembered:
        paths.append(path)
        return check(runner, path)

    monkeypatch.setattr(Runner, "outcome", outcome)
    return paths


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    write("pyproject.toml", "[tool.plumb]\n")
    write("app/errors.py", ERRORS.format(parent="Base"))
    write("app/service.py", SERVICE)
    write("app/other.py", "x = 1\n")
    return tmp_path


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(text)


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(["check", "--output-format", "json", *arguments])
    return [f"{one['code']} {one['path']}" for one in json.loads(capsys.readouterr().out)]


@pytest.mark.usefixtures("project")
def test_each_file_is_parsed_once_cold_and_not_at_all_warm(capsys: pytest.CaptureFixture[str], parsed: Parsed) -> None:
    first = found(capsys)
    assert sorted(parsed.taken()) == sorted([ERRORS.format(parent="Base"), SERVICE, "x = 1\n"])
    assert found(capsys) == first == ["PB601 app/service.py"]
    assert parsed.taken() == []


@pytest.mark.usefixtures("project")
def test_only_a_changed_file_is_parsed_again(capsys: pytest.CaptureFixture[str], parsed: Parsed) -> None:
    found(capsys)
    parsed.taken()
    write("app/other.py", "x = 2\n")
    found(capsys)
    assert parsed.taken() == ["x = 2\n"]


@pytest.mark.usefixtures("project")
def test_what_depends_on_a_changed_file_is_checked_anew(capsys: pytest.CaptureFixture[str]) -> None:
    assert found(capsys) == ["PB601 app/service.py"]
    write("app/errors.py", ERRORS.format(parent="Exception"))
    assert found(capsys) == []
    write("app/errors.py", ERRORS.format(parent="Base"))
    assert found(capsys) == ["PB601 app/service.py"]


@pytest.mark.usefixtures("project")
def test_a_run_over_one_file_keeps_what_is_known_of_the_others(
    capsys: pytest.CaptureFixture[str], parsed: Parsed
) -> None:
    found(capsys)
    found(capsys, "app/other.py")
    parsed.taken()
    assert found(capsys) == ["PB601 app/service.py"]
    assert parsed.taken() == []


@pytest.mark.usefixtures("project")
def test_a_new_module_counts_for_names_that_were_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    Path("app/errors.py").unlink()
    assert found(capsys) == []
    write("app/errors.py", ERRORS.format(parent="Base"))
    assert found(capsys) == ["PB601 app/service.py"]


def test_a_damaged_cache_is_an_empty_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found(capsys)
    (project / ".plumb_cache/facts").write_bytes(b"\x80\x05nonsense")
    assert found(capsys) == ["PB601 app/service.py"]


def test_a_cache_brings_no_code(tmp_path: Path) -> None:
    stream = io.BytesIO()
    pickle.dump((cache.own_version(), {"key": print}), stream)
    (tmp_path / "facts").write_bytes(stream.getvalue())
    assert Cache(tmp_path / "facts").old == {}


def test_what_another_version_has_found_out_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Cache(tmp_path / "facts")
    kept.put("key", "found")
    kept.save(complete=True)
    assert Cache(tmp_path / "facts").get("key") == "found"
    monkeypatch.setattr(cache, "own_version", lambda: "later")
    assert Cache(tmp_path / "facts").get("key") is None


@pytest.mark.usefixtures("project")
def test_without_the_cache_nothing_is_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found(capsys, "--no-cache")
    assert not (project / ".plumb_cache").exists()


def test_a_record_that_cannot_be_read_is_a_miss(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "cache")
    kept.put("key", {"of": "today"})
    kept.new["key"] = pickle.dumps(complex)
    assert kept.get("key") is None


@pytest.mark.usefixtures("project")
def test_an_edit_that_only_moves_what_others_read_leaves_them_alone(
    capsys: pytest.CaptureFixture[str], parsed: Parsed
) -> None:
    moved = ERRORS.format(parent="Base").replace("\n", "\n\n\n")
    write("app/errors.py", ERRORS.format(parent="Base"))
    write("app/other.py", "from app.errors import Base\n\n\nclass Another(Base): ...\n")
    found(capsys)
    parsed.taken()
    write("app/errors.py", moved)
    assert found(capsys) == ["PB601 app/service.py"]
    assert parsed.taken() == [moved]


@pytest.mark.usefixtures("project")
def test_a_declaration_concerns_those_who_have_asked_for_its_name(
    capsys: pytest.CaptureFixture[str], checked: list[str]
) -> None:
    write("app/errors.py", f"{ERRORS.format(parent='Base')}class Lost(Exception): ...\n")
    write("app/other.py", SERVICE.replace("Base", "Lost").replace("Child", "KeyError"))
    assert found(capsys) == ["PB601 app/service.py"]
    checked.clear()
    write("app/errors.py", f"{ERRORS.format(parent='Base')}class Lost(Base): ...\n")
    assert found(capsys) == ["PB601 app/service.py"]
    assert checked == ["app/errors.py", "app/other.py"]
    checked.clear()
    write("app/errors.py", f"{ERRORS.format(parent='Exception')}class Lost(Base): ...\n")
    assert found(capsys) == []
    assert checked == ["app/errors.py", "app/service.py"]


def test_equal_classes_of_two_files_are_two(tmp_path: Path) -> None:
    looks: set[str] = set()
    for name in ("first", "second"):
        testing.write(tmp_path / name, {f"app/{name}.py": MODELS.format(label="1", other="1")})
        project = testing.open_project(tmp_path / name)
        with project.tracker.recording() as seen:
            assert model_named(project, "Note") is not None
        looks |= {project.digests.of(note) for note in seen}
    assert len(looks) == 2


@pytest.mark.usefixtures("project")
def test_what_was_implemented_may_be_gone(capsys: pytest.CaptureFixture[str]) -> None:
    write("app/ports.py", PORT)
    write("app/uses.py", PORT_IN_USE)
    assert found(capsys, "--select", "PB201") == []
    write("app/ports.py", "")
    assert found(capsys, "--select", "PB201") == []


@pytest.mark.usefixtures("project")
def test_an_edit_of_a_body_concerns_those_who_have_followed_it(
    capsys: pytest.CaptureFixture[str], checked: list[str]
) -> None:
    write("app/models.py", MODELS.format(label="self.id", other="1"))
    write("app/reader.py", READER)
    assert found(capsys, "--select", "PB201") == []
    checked.clear()
    write("app/models.py", MODELS.format(label="self.id", other="self.notes"))
    assert found(capsys, "--select", "PB201") == []
    assert checked == ["app/models.py"]
    write("app/models.py", MODELS.format(label="self.notes", other="1"))
    assert found(capsys, "--select", "PB201") == ["PB201 app/models.py"]
    assert checked == ["app/models.py", "app/models.py", "app/reader.py"]


@pytest.mark.usefixtures("project")
def test_what_was_found_out_in_one_run_through_a_function_concerns_the_next(
    capsys: pytest.CaptureFixture[str], checked: list[str]
) -> None:
    write("app/models.py", MODELS.format(label="1", other="1"))
    write("app/helper.py", HELPER)
    write("app/first.py", CALLER.format(full=True))
    write("app/second.py", CALLER.format(full=False))
    assert found(capsys, "--select", "PB201") == []
    checked.clear()
    write("app/models.py", MODELS.format(label="1", other="1").replace("class Note", "class Page"))
    assert found(capsys, "--select", "PB201") == []
    assert checked == ["app/first.py", "app/helper.py", "app/models.py", "app/second.py"]


@pytest.mark.usefixtures("project")
def test_what_holds_for_the_whole_project_concerns_others_only_when_it_changes(
    capsys: pytest.CaptureFixture[str], checked: list[str]
) -> None:
    write("app/models.py", MODELS.format(label="1", other="1"))
    write("app/reader.py", READER)
    write("app/sessions.py", SESSIONS.format(expires="False"))
    assert found(capsys, "--select", "PB203") == []
    checked.clear()
    write("app/sessions.py", f"{SESSIONS.format(expires='False')}class Another: ...\n")
    assert found(capsys, "--select", "PB203") == []
    assert checked == ["app/sessions.py"]
    write("app/sessions.py", SESSIONS.format(expires="True"))
    assert found(capsys, "--select", "PB203") == ["PB203 app/reader.py"]
    assert checked == ["app/sessions.py", "app/reader.py", "app/sessions.py"]


@pytest.mark.usefixtures("project")
def test_a_place_that_a_finding_names_in_another_file_follows_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    write("app/db.py", LATE_COMMIT)
    write("app/deps.py", USE)
    assert related(capsys) == [3]
    write("app/deps.py", f"# moved\n{USE}")
    assert related(capsys) == [4]


@pytest.mark.usefixtures("project")
def test_what_is_said_of_the_whole_project_follows_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    write("app/routes.py", ROUTE)
    assert found(capsys, "--select", "PB101,PB102") == []
    write("API.md", "### GET /tasks\n")
    assert found(capsys, "--select", "PB101,PB102") == []
    write("API.md", "### GET /users\n")
    assert found(capsys, "--select", "PB101,PB102") == ["PB102 API.md", "PB101 app/routes.py"]
    write("API.md", "\n### GET /users\n")
    write("app/routes.py", f"# moved\n{ROUTE}")
    assert places(capsys, "PB101,PB102") == [("API.md", 2), ("app/routes.py", 6)]
    Path("API.md").unlink()
    assert found(capsys, "--select", "PB101,PB102") == []


def places(capsys: pytest.CaptureFixture[str], code: str) -> list[tuple[str, int]]:
    main(["check", "--select", code, "--output-format", "json"])
    return [(one["path"], one["line"]) for one in json.loads(capsys.readouterr().out)]


def related(capsys: pytest.CaptureFixture[str]) -> list[int]:
    main(["check", "--select", "PB207", "--output-format", "json"])
    return [one["line"] for finding in json.loads(capsys.readouterr().out) for one in finding["related"]]
