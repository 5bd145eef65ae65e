"""Which folder is the project, where nothing but its code says so."""

from pathlib import Path

import pytest

from plumb import config
from plumb.testing import write


def test_without_a_mark_the_project_is_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"app/routes/tasks.py": "", "app/main.py": ""})
    monkeypatch.chdir(tmp_path)
    assert config.find_root(tmp_path / "app/routes/tasks.py") == tmp_path


def test_without_a_mark_elsewhere_the_project_holds_the_outermost_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"one/app/__init__.py": "", "one/app/routes/__init__.py": "", "one/app/routes/tasks.py": ""})
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "two")
    monkeypatch.setenv("HOME", str(tmp_path / "one"))
    assert config.find_root(tmp_path / "one/app/routes/tasks.py") == tmp_path / "one"
    monkeypatch.chdir(tmp_path)
    assert config.find_root(tmp_path / "one/app/routes/tasks.py") == tmp_path / "one"
