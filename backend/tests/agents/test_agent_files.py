"""What is special in the files for agents: front matter, hooks that exist, a law that is enforced, advice as given."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from plumb import catalog
from tests.checkout import ROOT

AGENTS = (ROOT / "AGENTS.md").read_text("utf-8")
CODES = {rule.code for rule in catalog.everything()}
LOCKED = (ROOT / "requirements-dev.txt").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
EVENTS = {"PreToolUse", "PostToolUse"}
TOOLS = {"Edit", "MultiEdit", "NotebookEdit", "Write"}
DEFINED = sorted([*ROOT.glob(".claude/agents/*.md"), *ROOT.glob(".claude/skills/*/SKILL.md")])
LONGEST_NAME, LONGEST_DESCRIPTION = 64, 1024


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = AGENTS.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def is_there(enforcer: str) -> bool:
    """Whether a rule of plumb, a test, a target of make or a tool of the lock has this name."""
    if re.fullmatch(r"PB\d+", enforcer):
        return enforcer in CODES
    if enforcer.startswith("make "):
        return re.search(rf"^(?:[\w -]+ )?{enforcer[5:]}[ :]", MAKEFILE, re.MULTILINE) is not None
    return (ROOT / enforcer).is_file() if "/" in enforcer else f"\n{enforcer}==" in LOCKED


@pytest.mark.parametrize("row", rows("The law"), ids=lambda row: row[0])
def test_every_rule_of_the_law_is_done_right_somewhere_and_enforced(row: list[str]) -> None:
    _, _, example, enforcers = row
    assert code(example)
    assert [path for path in code(example) if not (ROOT / path).exists()] == []
    names = [name.strip("`") for name in enforcers.split(", ")]
    assert [name for name in names if not is_there(name)] == []
    assert [name for name in names if name.startswith("PB")]


def test_the_law_has_every_family_of_rules_in_its_order() -> None:
    families = [sorted({name[:3] for name in re.findall(r"PB\d+", row[3])}) for row in rows("The law")]
    assert families == [[f"PB{number}"] for number in range(1, 10)]
    assert [row[0] for row in rows("The law")] == [str(number) for number in range(1, 10)]


@pytest.mark.parametrize("row", rows("Where this differs from what the FastAPI and SQLModel packages teach agents"))
def test_packages_really_teach_what_this_project_does_otherwise(row: list[str]) -> None:
    taught = "\n".join(page.read_text("utf-8") for package in ("fastapi", "sqlmodel") for page in skills(package))
    assert len(row) == 3
    assert [words for words in code(row[0]) if words not in taught] == []


def skills(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return list((Path(spec.origin).parent / ".agents" / "skills").rglob("*.md"))


@pytest.mark.parametrize("path", DEFINED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_front_matter_is_valid(path: Path) -> None:
    opened, matter, body = path.read_text("utf-8").split("---\n", 2)
    fields: dict[str, Any] = yaml.safe_load(matter)
    is_skill = path.name == "SKILL.md"
    assert opened == ""
    assert set(fields) == ({"name", "description"} if is_skill else {"name", "description", "model"})
    assert fields["name"] == (path.parent.name if is_skill else path.stem)
    assert re.fullmatch(rf"[a-z0-9-]{{1,{LONGEST_NAME}}}", fields["name"])
    assert 0 < len(fields["description"]) <= LONGEST_DESCRIPTION
    assert body.strip()


def test_hooks_point_at_scripts_that_exist() -> None:
    hooks: dict[str, Any] = json.loads((ROOT / ".claude/settings.json").read_text("utf-8"))["hooks"]
    assert set(hooks) == EVENTS
    for entries in hooks.values():
        assert [set(entry["matcher"].split("|")) for entry in entries] == [TOOLS]
        for hook in entries[0]["hooks"]:
            script = re.fullmatch(r'python3 "\$CLAUDE_PROJECT_DIR/(\S+\.py)"', hook["command"])
            assert script
            assert (ROOT / script[1]).is_file()
            assert hook["type"] == "command"


def test_claude_reads_the_page_for_all_agents() -> None:
    assert (ROOT / "CLAUDE.md").read_text("utf-8") == "@AGENTS.md\n"
