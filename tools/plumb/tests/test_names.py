"""What names stand for: imports, re-exports, aliases, source roots, and what stays unknown."""

from pathlib import Path

import pytest

from plumb import testing
from plumb.index.modules import ClassInfo, External, FieldInfo, Module, Symbol, ValueInfo
from plumb.project import Project

FILES = {
    "backend/src/__init__.py": "",
    "backend/src/errors/__init__.py": "from .base import AppError as Root\nfrom src.errors.tasks import *\n",
    "backend/src/errors/base.py": "class AppError(Exception):\n    class Inner: ...\n",
    "backend/src/errors/tasks.py": "__all__ = ['NotFound']\nclass NotFound: ...\nclass Hidden: ...\n",
    "backend/src/enums.py": "from enum import Enum as E\nclass Kind(E):\n    A = 'a'\nalias = Kind\n",
    "backend/src/cycle.py": "from src.cycle import loop\nfrom .cycle import loop as again\n",
    "backend/src/redis.py": "from redis import Redis\n",
    "backend/src/optional.py": "try:\n    from fast import dumps\nexcept ImportError:\n    dumps = None\n",
    "backend/src/use.py": """
from __future__ import annotations
import sqlalchemy as sa
import src.errors.base
import src.errors as errors
from typing import TYPE_CHECKING
from . import enums
from .enums import alias
from src.errors import Hidden, NotFound, Root
from src.optional import dumps
if TYPE_CHECKING:
    from src.errors.base import AppError
CONSTANT = 3
def function(NotFound):
    from src.errors.base import AppError as Local
    class Own: ...
    return Local
""",
    "scripts/tool.py": "from helper import Thing\n",
    "scripts/helper.py": "class Thing: ...\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    testing.write(tmp_path, FILES)
    return testing.open_project(tmp_path)


def look(project: Project, dotted: str, scope: str = "", path: str = "backend/src/use.py") -> Symbol | None:
    return project.names.resolve(project.module(path), dotted, scope)


@pytest.mark.parametrize(
    ("dotted", "key"),
    [
        ("Root", "backend/src/errors/base.py::AppError"),
        ("NotFound", "backend/src/errors/tasks.py::NotFound"),
        ("AppError", "backend/src/errors/base.py::AppError"),
        ("src.errors.base.AppError", "backend/src/errors/base.py::AppError"),
        ("src.errors.base.AppError.Inner", "backend/src/errors/base.py::AppError.Inner"),
        ("errors.Root", "backend/src/errors/base.py::AppError"),
        ("errors.tasks.Hidden", "backend/src/errors/tasks.py::Hidden"),
        ("enums.Kind", "backend/src/enums.py::Kind"),
        ("alias", "backend/src/enums.py::Kind"),
    ],
)
def test_names_lead_to_the_class_behind_them(project: Project, dotted: str, key: str) -> None:
    found = look(project, dotted)
    assert isinstance(found, ClassInfo)
    assert found.key == key


@pytest.mark.parametrize(
    ("dotted", "key"),
    [
        ("sa.orm.relationship", "sqlalchemy.orm.relationship"),
        ("enums.E", "enum.Enum"),
        ("ValueError", "builtins.ValueError"),
        ("dumps", "fast.dumps"),
    ],
)
def test_names_outside_the_project_are_spelled_as_imported(project: Project, dotted: str, key: str) -> None:
    assert look(project, dotted) == External(key)


@pytest.mark.parametrize("dotted", ["Hidden", "unknown", "errors.nothing", "CONSTANT.real", "src.nowhere"])
def test_what_cannot_be_known_is_none(project: Project, dotted: str) -> None:
    assert look(project, dotted) is None


def test_members_values_and_modules_are_told_apart(project: Project) -> None:
    member = look(project, "alias.A")
    assert isinstance(member, FieldInfo)
    assert member.key == "backend/src/enums.py::Kind.A"
    assert isinstance(look(project, "CONSTANT"), ValueInfo)
    assert isinstance(look(project, "errors"), Module)


def test_functions_have_names_of_their_own(project: Project) -> None:
    local = look(project, "Local", "function")
    assert isinstance(local, ClassInfo)
    assert local.name == "AppError"
    assert look(project, "Local") is None
    own = look(project, "Own", "function")
    assert isinstance(own, ClassInfo)
    assert own.key == "backend/src/use.py::function.Own"


def test_a_circle_of_imports_ends(project: Project) -> None:
    assert look(project, "loop", path="backend/src/cycle.py") is None
    assert look(project, "again", path="backend/src/cycle.py") is None


def test_a_module_named_like_a_library_does_not_hide_it(project: Project) -> None:
    assert look(project, "Redis", path="backend/src/redis.py") == External("redis.Redis")


def test_a_script_sees_its_neighbours(project: Project) -> None:
    found = look(project, "Thing", path="scripts/tool.py")
    assert isinstance(found, ClassInfo)
    assert found.key == "scripts/helper.py::Thing"


def test_a_file_resolves_what_its_functions_do_not_shadow(project: Project) -> None:
    source = project.source("backend/src/use.py")
    assert source is not None
    function = next(node for node in source.tree.body if getattr(node, "name", "") == "function")
    assert source.is_local(function, "NotFound") is False
    inner = function.body[0]  # pyright: ignore[reportAttributeAccessIssue] It is a function.
    assert source.is_local(inner, "NotFound") is True
    assert source.is_local(inner, "Local") is False
