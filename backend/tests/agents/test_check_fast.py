"""`python dev.py check-fast` knows which modules changed: it checks the types of no others."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import checkout

SERVICE = "backend/src/services/users.py"


@pytest.fixture
def edited(project: Path) -> Iterator[Path]:
    """Return the copy of the project with an edit of each kind, which are all undone afterwards."""
    for path in (SERVICE, "dev.py", "README.md", "bench/migration_locks.py"):
        with (project / path).open("a", encoding="utf-8") as file:
            file.write("\n")
    for path in ("backend/src/new.py", "backend/tests/integration/migrations/fixtures/bad/new.py", "new.py"):
        (project / path).write_text("", "utf-8")
    (project / "backend/src/seed.py").unlink()
    yield project
    checkout.git(project, "reset", "--quiet", "--hard", "main")
    checkout.git(project, "clean", "-fdq")


def asked(project: Path, expression: str) -> Any:
    """Return what *expression* is in the copy's own `dev.py`."""
    program = f"import dev, json; print(json.dumps({expression}))"
    return json.loads(subprocess.check_output([sys.executable, "-c", program], cwd=project, text=True))


def changed(project: Path, base: str = "HEAD") -> list[str] | None:
    return asked(project, f"dev.changed_modules({base!r})")


def test_changed_and_new_modules_with_types_are_found(edited: Path) -> None:
    assert changed(edited) == ["backend/src/new.py", SERVICE, "dev.py"]


def test_without_a_change_there_is_nothing(project: Path) -> None:
    assert changed(project) == []


def test_settings_that_changed_concern_all_modules(edited: Path) -> None:
    with (edited / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert changed(edited) is None


def test_branch_counts_from_where_it_left_main(edited: Path) -> None:
    start = asked(edited, "dev.branch_point()")
    checkout.git(edited, "checkout", "--quiet", "-b", "work")
    checkout.commit(edited, "work")
    assert changed(edited) == []
    assert asked(edited, "dev.branch_point()") == start
    assert changed(edited, start) == ["backend/src/new.py", SERVICE, "dev.py"]
    checkout.git(edited, "checkout", "--quiet", "main")


def test_without_a_main_branch_there_is_head(project: Path) -> None:
    checkout.git(project, "branch", "--move", "main", "trunk")
    assert asked(project, "dev.branch_point()") == "HEAD"
    checkout.git(project, "branch", "--move", "trunk", "main")


def test_only_the_types_of_changed_modules_are_checked(project: Path) -> None:
    service = project / SERVICE
    before = service.read_text("utf-8")
    service.write_text(before.replace("user.sqlmodel_update(data.changes())", "user.update(data.changes())"), "utf-8")
    argv = [sys.executable, "dev.py", "check-fast"]
    done = subprocess.run(argv, cwd=project, capture_output=True, text=True, check=False)
    service.write_text(before, "utf-8")
    assert done.returncode == 1
    assert 'Cannot access attribute "update" for class "User"' in done.stdout
    verdicts = [line.split()[:2] for line in done.stdout.partition("summary\n")[2].splitlines()]
    assert verdicts[0] == ["FAIL", "types"]
    assert [name for _, name in verdicts] == ["types", "format", "lint", "arrows", "pages", "revisions", "rules"]


def test_without_a_repository_the_remedy_is_told(project: Path) -> None:
    (project / ".git").rename(project / "git")
    done = subprocess.run(
        [sys.executable, "dev.py", "check-fast"], cwd=project, capture_output=True, text=True, check=False
    )
    (project / "git").rename(project / ".git")
    assert done.returncode == 1
    assert "python dev.py check-fast --all" in done.stderr
    assert "Traceback" not in done.stderr


def test_argument_that_it_does_not_know_is_refused(project: Path) -> None:
    argv = [sys.executable, "dev.py", "check-fast", "backend/src"]
    done = subprocess.run(argv, cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "--all" in done.stderr
