"""The hooks of `.claude/settings.json`, run as the agent's tool runs them: an event goes in, a verdict comes out."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import checkout

REFUSED, UNREADABLE = 2, 1
LOCKS_A_TABLE = "backend/tests/integration/migrations/fixtures/bad/adding_required_field.py"
SERVICE = "backend/src/services/users.py"
GENERATED = {
    "docs/rules/PB201.md": "python dev.py rules-docs",
    "backend/docs/openapi.json": "python dev.py docs",
    "backend/migrations/released.json": "python dev.py migrate-release",
    "requirements.txt": "python dev.py lock",
    "requirements-dev.txt": "python dev.py lock",
    "frontend/package-lock.json": "npm install --package-lock-only",
    "frontend/generated/client.gen.ts": "python dev.py client",
    ".venv/pyvenv.cfg": "python dev.py setup",
}


SWALLOWED = '''"""Outages."""

from src.errors import AIServiceError, AIServiceUnavailableError


def outcome(text: str) -> int:
    try:
        return int(text)
    except AIServiceError:
        return 502
    except AIServiceUnavailableError:
        return 503
'''


class Case(NamedTuple):
    """An edit that is not right: the check that finds it, and words of its remedy."""

    name: str
    path: str
    old: str
    new: str
    check: str
    remedy: str


CASES = [
    Case("layout", SERVICE, "(data.changes())", "( data.changes() )", "format", f"python dev.py format {SERVICE}"),
    Case("lint", SERVICE, "(data.changes())", "(eval('{}'))", "lint", "S307"),
    Case("syntax", SERVICE, "(data.changes())", "(data.changes()", "lint", "invalid-syntax"),
    Case(
        "layers",
        SERVICE,
        "from src.db import",
        "from src.api.deps import Now\nfrom src.db import",
        "arrows",
        "AGENTS.md",
    ),
    Case("page", "README.md", "# Plumb\n", "# Plumb\n\n```python\nx = {  1 }\n```\n", "format", "python dev.py format"),
    Case("API page", "backend/docs/API.md", "### GET /api/v1/users/me", "### GET /me", "rules", "python dev.py docs"),
]


class Tool:
    """The agent's tool: tells the hooks of *root* what it edits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings: dict[str, Any] = json.loads((root / ".claude" / "settings.json").read_text("utf-8"))["hooks"]

    def tells(self, moment: str, event: str) -> subprocess.CompletedProcess[str]:
        """Run the one hook of a moment with *event* on its standard input."""
        command = self.settings[moment][0]["hooks"][0]["command"]
        environment = {**os.environ, "CLAUDE_PROJECT_DIR": str(self.root)}
        argv = ["sh", "-c", command]
        return subprocess.run(argv, cwd="/", env=environment, input=event, capture_output=True, text=True, check=False)

    def before(self, path: str | Path) -> subprocess.CompletedProcess[str]:
        return self.tells("PreToolUse", self.event("PreToolUse", path))

    def after(self, path: str | Path) -> subprocess.CompletedProcess[str]:
        return self.tells("PostToolUse", self.event("PostToolUse", path))

    def event(self, moment: str, path: str | Path) -> str:
        edit = {"file_path": str(self.root / path), "old_string": "a", "new_string": "b"}
        known = {"session_id": "1", "transcript_path": "/tmp/1.jsonl", "cwd": str(self.root)}  # noqa: S108 never opened
        return json.dumps({**known, "hook_event_name": moment, "tool_name": "Edit", "tool_input": edit})


@pytest.fixture(scope="module")
def tool(project: Path) -> Tool:
    return Tool(project)


@contextmanager
def edited(path: Path, old: str, new: str) -> Iterator[None]:
    """Replace the one place that says *old*; afterwards the file is as it was."""
    before = path.read_text("utf-8")
    assert before.count(old) == 1
    path.write_text(before.replace(old, new), "utf-8")
    yield
    path.write_text(before, "utf-8")


@contextmanager
def written(path: Path, text: str) -> Iterator[None]:
    """Write a new file; afterwards it is gone."""
    path.write_text(text, "utf-8")
    yield
    path.unlink()


def silent(answer: subprocess.CompletedProcess[str]) -> bool:
    return (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.parametrize("path", sorted(GENERATED))
def test_generated_file_is_refused_and_its_command_is_named(tool: Tool, path: str) -> None:
    answer = tool.before(path)
    assert answer.returncode == REFUSED
    assert answer.stderr.startswith(f"{path} ")
    assert GENERATED[path] in answer.stderr


def test_released_revision_is_refused(tool: Tool) -> None:
    for revision in checkout.ROOT.glob("backend/migrations/versions/*.py"):
        answer = tool.before(revision.relative_to(checkout.ROOT))
        assert answer.returncode == REFUSED, revision
        assert 'python dev.py migration "what changes"' in answer.stderr


@pytest.mark.parametrize(
    "path", [SERVICE, "README.md", "backend/docs/API.md", "backend/migrations/versions/2099_01_01_0000_add_x.py"]
)
def test_file_that_is_written_by_hand_may_be_edited(tool: Tool, path: str) -> None:
    assert silent(tool.before(path))


def test_good_edit_is_passed_over_in_silence(tool: Tool) -> None:
    with edited(tool.root / SERVICE, "    user.sqlmodel_update(", "    # What was sent.\n    user.sqlmodel_update("):
        assert silent(tool.after(SERVICE))


def test_bad_edit_is_refused_with_the_five_parts_that_the_agent_is_shown(tool: Tool) -> None:
    path = "backend/src/models/goal.py"
    with edited(
        tool.root / path, " = Field(default=GoalStatus.ACTIVE, sa_type=enum_type(GoalStatus))", " = GoalStatus.ACTIVE"
    ):
        answer = tool.after(path)
    assert answer.returncode == REFUSED
    agent = (checkout.ROOT / ".claude/agents/backend-agent.md").read_text("utf-8")
    assert alike(agent.partition("```text drawing\n")[2].partition("```")[0]) in alike(answer.stderr)


def alike(text: str) -> str:
    """Line numbers move, and with them the margin beside a snippet; what is done right where depends on the parts."""
    text = re.sub(r"(?<=done right at backend/src/models/).+", "MODEL", text)
    return re.sub(r" *\d+", " 0", text)


def test_finding_in_another_file_is_left_to_the_edit_of_that_file(tool: Tool) -> None:
    with written(tool.root / "backend/src/services/outages.py", SWALLOWED):
        assert silent(tool.after(SERVICE))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_edit_is_refused_with_the_remedy(tool: Tool, case: Case) -> None:
    with edited(tool.root / case.path, case.old, case.new):
        answer = tool.after(case.path)
    assert answer.returncode == REFUSED
    assert answer.stderr.startswith(f"{case.path} is not right yet.")
    assert f"[{case.check}] " in answer.stderr
    assert case.remedy in answer.stderr


def test_revision_that_would_lock_a_table_is_refused(tool: Tool) -> None:
    text = (checkout.ROOT / LOCKS_A_TABLE).read_text("utf-8")
    head = max(tool.root.glob("backend/migrations/versions/*.py")).read_text("utf-8")
    number = re.findall(r'^revision: str = "(\w+)"', head, re.MULTILINE)[0]
    path = "backend/migrations/versions/2099_01_01_0000_add_height.py"
    text = text.replace('down_revision = "shelves"', f'down_revision = "{number}"').replace('"shelves"', '"users"')
    with written(tool.root / path, text):
        answer = tool.after(path)
    assert answer.returncode == REFUSED
    assert "[revisions] docs/migrations.md" in answer.stderr
    assert "adding-required-field" in answer.stderr


def test_import_may_come_before_its_use(tool: Tool) -> None:
    with edited(tool.root / SERVICE, "from uuid import UUID\n", "from uuid import UUID, uuid4\n"):
        assert silent(tool.after(SERVICE))


@pytest.mark.parametrize("moment", ["PreToolUse", "PostToolUse"])
@pytest.mark.parametrize("event", ["", "{", "[]", "{}", '{"tool_input": {}}', '{"tool_input": {"file_path": 1}}'])
def test_event_that_cannot_be_read_is_told_and_blocks_nothing(tool: Tool, moment: str, event: str) -> None:
    answer = tool.tells(moment, event)
    assert answer.returncode == UNREADABLE
    assert answer.stderr.startswith("no edit was checked")
    assert "Traceback" not in answer.stderr


def test_file_outside_of_the_project_is_none_of_its_business(tool: Tool, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("x=={", "utf-8")
    (tmp_path / "bad.py").write_text("x=={", "utf-8")
    assert silent(tool.before(tmp_path / "requirements.txt"))
    assert silent(tool.after(tmp_path / "bad.py"))


def test_file_that_was_deleted_meanwhile_is_passed_over(tool: Tool) -> None:
    assert silent(tool.after("backend/src/services/gone.py"))


def test_without_an_environment_the_agent_is_told_to_set_it_up(tool: Tool, tmp_path: Path) -> None:
    shutil.copytree(tool.root / ".claude", tmp_path / ".claude")
    (tmp_path / "made.py").write_text("x = 1\n", "utf-8")
    bare = Tool(tmp_path)
    assert silent(bare.before("made.py"))
    answer = bare.after("made.py")
    assert answer.returncode == REFUSED
    assert "python dev.py setup" in answer.stderr
