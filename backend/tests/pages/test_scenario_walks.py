"""The walk along a scenario is strict: a page that lies about an edit, a command, or what it prints is found out."""

from pathlib import Path

import pytest

from tests import checkout
from tests.scenarios import walk

GREETING = "backend/migrations/versions/2024_01_15_1030_greet.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with one revision, drafted on another day than the pages say."""
    (tmp_path / GREETING).parent.mkdir(parents=True)
    (tmp_path / GREETING).write_text("one\ntwo\n", "utf-8")
    checkout.git(tmp_path, "init", "--quiet")
    return tmp_path


def take(project: Path, page: str) -> None:
    for step in walk.steps(page):
        step.take(project)


def console(*lines: str, marks: str = "") -> str:
    return "\n".join([f"```console{marks}", *lines, "```\n"])


@pytest.mark.parametrize(
    "page",
    [
        console("$ echo 1; echo 2", "1", "2"),
        console("$ echo 1; echo 2; echo 3", "...", "3"),
        console("$ echo 1; echo 2; echo 3", "1", "...", "3"),
        console("$ echo 1", "1", "$ echo 2", "2"),
        console("$ echo passed in 1.25s", "passed in 70.1s"),
        console("$ echo 'passed in 114.02s (0:01:54)'", "passed in 9.1s"),
        console("$ echo '  ok   types   12.5 s'", "  ok   types 3.1 s"),
        console("$ echo 5f0c2a7e-0000-4000-8000-000000000012", "deadbeef-0000-4000-8000-000000000000"),
        console("$ echo 2024_01_15_1030_greet", "2025_11_27_0902_greet"),
        console(
            "$ echo '--> a.py:10:5'; echo '   10 | x = 1'; echo '      | ^'", "--> a.py:9:5", "   9 | x = 1", "     | ^"
        ),
        console("$ echo out; echo err >&2", "out", "err"),
        console("$ echo no; exit 3", "no", marks=" refused"),
        console("$ pwd", "~"),
    ],
)
def test_what_happens_as_it_is_told_is_accepted(project: Path, page: str) -> None:
    take(project, page)


@pytest.mark.parametrize(
    "page",
    [
        console("$ echo 1; echo 2", "1"),
        console("$ echo 1", "1", "2"),
        console("$ echo 1; echo 2; echo 3", "...", "2"),
        console("$ echo 1; echo 2; echo 3", "2", "..."),
        console("$ echo 1; echo 3", "1", "...", "2", "...", "3"),
        console("$ echo 1 passed", "2 passed"),
        console("$ echo a.b", "axb"),
        console("$ echo '--> a.py:10:5'", "--> b.py:10:5"),
        console("$ echo '   10 | x = 1'", "   10 | x = 2"),
        console("$ exit 3"),
        console("$ exit 0", marks=" refused"),
        console("$ false", "$ true", marks=" refused"),
        console("echo 1"),
        "```text\nsomething\n```\n",
        f"```python file={GREETING}\none\n```\n",
    ],
)
def test_page_that_lies_is_found_out(project: Path, page: str) -> None:
    with pytest.raises(walk.Astray, match=r"line 1|begins with"):
        take(project, page)


def test_walk_is_the_same_in_ci_as_at_a_terminal(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    take(project, console("$ echo ${CI-nothing}", "nothing"))


def test_line_of_the_page_is_named(project: Path) -> None:
    with pytest.raises(walk.Astray, match="line 4: `echo 1` prints something else"):
        take(project, "# A page\n\n\n" + console("$ echo 1", "2"))


def test_edit_is_made_in_the_revision_that_was_drafted_today(project: Path) -> None:
    page = "backend/migrations/versions/2025_11_27_0902_greet.py"
    take(project, f"```diff\n--- a/{page}\n+++ b/{page}\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n```\n")
    assert (project / GREETING).read_text("utf-8") == "one\nthree\n"


def test_edit_of_a_line_that_is_not_there_is_found_out(project: Path) -> None:
    with pytest.raises(AssertionError, match="patch does not apply"):
        take(project, f"```diff\n--- a/{GREETING}\n+++ b/{GREETING}\n@@ -1,2 +1,2 @@\n one\n-ten\n+three\n```\n")


def test_new_file_is_written_whole(project: Path) -> None:
    take(project, "```python file=backend/tests/test_new.py\nx = 1\n```\n")
    assert (project / "backend/tests/test_new.py").read_text("utf-8") == "x = 1\n"
