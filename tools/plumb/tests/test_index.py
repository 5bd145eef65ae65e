"""What the index says of classes, enums, models, routes and sessions."""

from pathlib import Path

import pytest

from plumb import testing
from plumb.index.enums import enum_of
from plumb.index.models import all_models, model_of, target_of
from plumb.index.modules import ClassInfo, External
from plumb.index.routes import all_routes, full_paths, is_public
from plumb.index.sessions import expires_on_commit, factories
from plumb.project import Project


def open_files(root: Path, *libraries: Path, **files: str) -> Project:
    testing.write(root, {f"{name}.py": text for name, text in files.items()})
    return testing.open_project(root, *libraries)


def class_named(project: Project, name: str, path: str = "app.py") -> ClassInfo:
    return next(known for known in project.module(path).classes() if known.name == name)


def test_subclasses_are_known_unknown_or_none(tmp_path: Path) -> None:
    project = open_files(
        tmp_path,
        app="from vendor import Base\nclass A(LookupError): ...\nclass B(A, Base): ...\nclass C(ValueError): ...\n",
    )
    is_subclass = project.hierarchy.is_subclass
    a, b, c = (class_named(project, name) for name in "ABC")
    assert is_subclass(b, a) is True
    assert is_subclass(b, External("builtins.Exception")) is True
    assert is_subclass(c, a) is False
    assert is_subclass(b, c) is None
    assert is_subclass(External("asyncio.TimeoutError"), External("builtins.OSError")) is True
    assert is_subclass(External("vendor.Base"), c) is None


def test_bases_that_are_computed_are_unknown(tmp_path: Path) -> None:
    project = open_files(
        tmp_path, app="MIXINS = ()\nclass Made(*MIXINS, ValueError): ...\nclass Plain(KeyError): ...\n"
    )
    made, plain = (class_named(project, name) for name in ("Made", "Plain"))
    assert project.hierarchy.is_subclass(made, plain) is None
    assert project.hierarchy.is_subclass(made, External("builtins.Exception")) is True


def test_installed_libraries_are_read_as_text(tmp_path: Path) -> None:
    testing.write(
        tmp_path / "lib",
        {
            "vendor/__init__.py": "raise RuntimeError('never imported')\nfrom .errors import *\n",
            "vendor/errors.py": "import httpx\nclass Root(Exception): ...\nclass Lost(Root, httpx.ReadTimeout): ...\n",
        },
    )
    project = open_files(tmp_path / "src", tmp_path / "lib", app="x = 1\n")
    lost = External("vendor.Lost")
    assert project.hierarchy.is_subclass(lost, External("vendor.errors.Root")) is True
    assert project.hierarchy.is_subclass(lost, External("httpx.TimeoutException")) is True
    assert project.hierarchy.is_subclass(lost, External("builtins.OSError")) is False


def test_enums_have_names_and_values(tmp_path: Path) -> None:
    project = open_files(
        tmp_path,
        app="""
from enum import Enum, IntEnum, StrEnum, auto
PREFIX = "x"
class Plain(str, Enum):
    A = "a"
    B = PREFIX
    ALIAS = A
    _ignore_ = ["c"]
    def method(self): ...
class Auto(StrEnum):
    ONE = auto()
class Number(IntEnum):
    ONE = auto()
    TWO = auto()
class Odd(Enum):
    A = make()
class Empty(StrEnum): ...
""",
    )
    plain, auto, number, odd, empty = (
        enum_of(project, class_named(project, name)) for name in ("Plain", "Auto", "Number", "Odd", "Empty")
    )
    assert plain is not None
    assert (plain.names, plain.values, plain.differs) == (("A", "B"), ("a", "x"), True)
    assert auto is not None
    assert auto.values == ("one",)
    assert number is not None
    assert ([member.value for member in number.members], number.differs) == ([1, 2], False)
    assert odd is not None
    assert odd.values is None
    assert empty is None


MODELS = """
from typing import Annotated, List, Optional
from sqlalchemy import Column, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlmodel import Field, Relationship, SQLModel

EAGER = {"lazy": "selectin"}

def related(back: str, **options):
    return Relationship(back_populates=back, sa_relationship_kwargs={"lazy": "raise", **options})

def key():
    return mapped_column(primary_key=True)

class Record(SQLModel):
    id: int = Field(primary_key=True)

class Task(Record, table=True):
    __tablename__ = "tasks"
    title: str
    parts: list["Part"] = related("task")
    owner: Optional["User"] = Relationship(sa_relationship_kwargs=EAGER)

class Part(Record, table=True):
    task: Task = related("parts", lazy="joined")

class TaskRead(Record):
    title: str

class Base(DeclarativeBase): ...

class Stamped:
    created_at: Mapped[str] = mapped_column(String)

class User(Stamped, Base):
    __tablename__ = "users"
    id: Mapped[int] = key()
    posts: Mapped[List["Post"]] = relationship(back_populates="author", lazy=MODE)

class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id = Column(ForeignKey("users.id"))
    author: Mapped["User | None"] = relationship(back_populates="posts")
"""


def test_models_have_columns_of_their_own_and_of_their_bases(tmp_path: Path) -> None:
    project = open_files(tmp_path, app=MODELS)
    models = {model.name: model for model in all_models(project)}
    assert list(models) == ["Task", "Part", "User", "Post"]
    assert [column.name for column in models["Task"].columns] == ["id", "title"]
    assert sorted(column.name for column in models["User"].columns) == ["created_at", "id"]
    assert [column.name for column in models["Post"].columns] == ["id", "author_id"]
    assert [models[name].table for name in ("Task", "Part", "User")] == ["tasks", "part", "users"]
    assert model_of(project, class_named(project, "TaskRead")) is None
    assert model_of(project, class_named(project, "Base")) is None


@pytest.mark.parametrize(
    ("model", "name", "lazy", "many", "target"),
    [
        ("Task", "parts", "raise", True, "Part"),
        ("Task", "owner", "selectin", False, "User"),
        ("Part", "task", "joined", False, "Task"),
        ("User", "posts", "?", True, "Post"),
        ("Post", "author", "select", False, "User"),
    ],
)
def test_relationships_have_an_effective_mode(
    tmp_path: Path, model: str, name: str, lazy: str, target: str, *, many: bool
) -> None:
    project = open_files(tmp_path, app=MODELS)
    found = model_of(project, class_named(project, model))
    assert found is not None
    attribute = found.attributes[name]
    relationship = attribute.relationship
    assert relationship is not None
    assert (relationship.lazy, relationship.many) == (lazy, many)
    reached = target_of(project, attribute)
    assert reached is not None
    assert reached.name == target


def test_routes_are_served_under_every_prefix(tmp_path: Path) -> None:
    project = open_files(
        tmp_path,
        app="""
from fastapi import FastAPI
import tasks
from settings import settings
def create_app(admin: bool) -> FastAPI:
    app = FastAPI()
    app.include_router(tasks.router, prefix=settings.PREFIX)
    app.include_router(tasks.router, prefix="/v2", include_in_schema=False)
    return app
app = create_app(False)
@app.get("/health", include_in_schema=False)
def health(): ...
""",
        settings="class Settings:\n    PREFIX: str = '/v1'\nsettings = Settings()\n",
        tasks="""
from http import HTTPStatus
from fastapi import APIRouter, status
router = APIRouter(prefix="/tasks")
inner = APIRouter()
router.include_router(inner, prefix=f"/{unknown}")
@router.get("")
@router.post("/new", status_code=status.HTTP_201_CREATED)
async def serve() -> dict: ...
@inner.delete("/{id}", status_code=HTTPStatus.NO_CONTENT)
def remove(id: int): ...
router.add_api_route("/added", remove, methods=["PUT", "PATCH"])
""",
    )
    served = {
        (route.methods, full_paths(project, route), route.status, is_public(project, route))
        for route in all_routes(project)
    }
    assert served == {
        (("GET",), ("/health",), 200, False),
        (("GET",), ("/v1/tasks", "/v2/tasks"), 200, True),
        (("POST",), ("/v1/tasks/new", "/v2/tasks/new"), 201, True),
        (("DELETE",), ("/v1/tasks/{?}/{id}", "/v2/tasks/{?}/{id}"), 204, True),
        (("PUT", "PATCH"), ("/v1/tasks/added", "/v2/tasks/added"), 200, True),
    }


def test_routers_are_included_in_loops_and_by_the_functions_that_make_them(tmp_path: Path) -> None:
    project = open_files(
        tmp_path,
        users="from fastapi import APIRouter\nrouter = APIRouter(prefix='/users')\n@router.get('/me')\ndef me(): ...\n",
        tasks="from fastapi import APIRouter\nrouter = APIRouter(prefix='/tasks')\n@router.get('')\ndef find(): ...\n",
        notes="from fastapi import APIRouter\nrouter = APIRouter(prefix='/notes')\n@router.get('')\ndef find(): ...\n",
        app="""
from fastapi import APIRouter, FastAPI
import notes, tasks, users
NOUNS = [users, tasks]
def api() -> APIRouter:
    router = APIRouter(prefix="/v1")
    for noun in NOUNS:
        router.include_router(noun.router)
    return router
app = FastAPI()
app.include_router(api())
for child in (notes.router,):
    app.include_router(child, prefix="/v2")
""",
    )
    served = {path for route in all_routes(project) for path in full_paths(project, route)}
    assert served == {"/v1/users/me", "/v1/tasks", "/v2/notes"}


@pytest.mark.parametrize(
    ("arguments", "expires"),
    [
        ("engine", True),
        ("engine, expire_on_commit=False", False),
        ("engine, expire_on_commit=KEEP", False),
        ("**options", None),
    ],
)
def test_session_factories_say_whether_a_commit_expires(
    tmp_path: Path, arguments: str, *, expires: bool | None
) -> None:
    imported = "from sqlalchemy.ext.asyncio import async_sessionmaker\nKEEP = False\n"
    project = open_files(tmp_path, app=f"{imported}Maker = async_sessionmaker({arguments})\n")
    assert len(factories(project)) == 1
    assert expires_on_commit(project, "app.py") is expires


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("backend/tests/unit/test_a.py", "test"),
        ("tests/conftest.py", "test"),
        ("test_slice.py", "test"),
        ("migrations/versions/1_a.py", "migration"),
        ("backend/alembic/env.py", "migration"),
        ("app/contest.py", "app"),
        ("app/testing.py", "app"),
    ],
)
def test_files_are_told_apart_by_their_path(tmp_path: Path, path: str, kind: str) -> None:
    assert testing.open_project(tmp_path).kind(path) == kind
