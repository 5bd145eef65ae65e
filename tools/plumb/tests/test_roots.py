"""Which folder is the project, where nothing but its code says so."""

from pathlib import Path

import pytest

from plumb.roots import find_root, find_roots
from plumb.testing import write

ITSELF = "from app.models import Task\n"


@pytest.mark.parametrize("mark", [".git", "pyproject.toml", "setup.py", "alembic.ini"])
def test_the_project_is_the_marked_folder(tmp_path: Path, mark: str) -> None:
    write(tmp_path, {f"{mark}": "", "service/app/main.py": ""})
    assert find_root(tmp_path / "service/app") == tmp_path


def test_the_nearest_settings_go_before_a_repository(tmp_path: Path) -> None:
    write(tmp_path, {".git": "", "service/pyproject.toml": "[tool.plumb]\n", "service/app/main.py": ""})
    assert find_root(tmp_path / "service/app/main.py") == tmp_path / "service"


def test_projects_side_by_side_in_a_repository_are_several(tmp_path: Path) -> None:
    write(tmp_path, {".git": "", "one/app/models.py": "", "one/app/main.py": ITSELF, "three/shop/main.py": ""})
    write(tmp_path, {"two/app/models.py": "", "two/tests/test_models.py": ITSELF})
    for name in ("one", "two", "three"):
        assert find_root(tmp_path / name) == tmp_path / name
    assert find_root(tmp_path / "two/tests/test_models.py") == tmp_path / "two"
    assert find_root(tmp_path) == tmp_path


def test_tests_with_the_folders_of_the_code_are_no_project_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, {".git": "", "src/app/models.py": "", "src/app/main.py": ITSELF})
    write(tmp_path, {"tests/app/test_models.py": ITSELF})
    assert find_roots([tmp_path / "src", tmp_path / "tests"]) == {tmp_path: [tmp_path / "src", tmp_path / "tests"]}


def test_without_a_mark_the_project_is_the_folder_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"one/app/models.py": "", "one/app/main.py": ITSELF, "two/app/models.py": ""})
    monkeypatch.chdir(tmp_path)
    assert find_root(tmp_path / "one") == tmp_path / "one"


def test_without_a_mark_the_project_holds_the_outermost_package(tmp_path: Path) -> None:
    write(tmp_path, {"one/app/__init__.py": "", "one/app/routes/__init__.py": "", "one/app/routes/tasks.py": ""})
    assert find_root(tmp_path / "one/app/routes/tasks.py") == tmp_path / "one"


@pytest.mark.parametrize(
    "text", [ITSELF, "from app import models\n", "import app.models\n", "from app import (models)"]
)
def test_without_a_mark_the_project_holds_what_imports_itself_by_its_folder(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"one/app/models.py": "", "one/app/routes/tasks.py": text})
    assert find_root(tmp_path / "one/app") == tmp_path / "one"


def test_without_a_mark_a_folder_that_is_called_like_a_library_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"fastapi/main.py": "from fastapi import FastAPI\nfrom fastapi.routing import APIRouter\n"})
    assert find_root(tmp_path / "fastapi") == tmp_path / "fastapi"


def test_without_a_mark_several_paths_are_one_project(tmp_path: Path) -> None:
    write(tmp_path, {"one/app/models.py": "", "one/tests/test_models.py": ""})
    app, tests = tmp_path / "one/app", tmp_path / "one/tests"
    assert find_roots([app, tests]) == {tmp_path / "one": [app, tests]}
