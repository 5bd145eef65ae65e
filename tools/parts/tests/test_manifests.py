"""The manifests are whole, each for itself and all together: nothing of a part is forgotten, no order matters."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from parts import manifest, removal
from parts.draft import Draft
from parts.manifest import Part

ROOT = Path(__file__).resolve().parents[3]
PARTS = manifest.read_all()
SOURCES = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "backend/src").rglob("*.py"))]
ENTRANCES = ("main", "__main__", "jobs", "seed", "models.__init__")
"""What is started or read by name; everything else is there because one of these needs it."""

OPEN_DOORS = {"backend/src/services/subscriptions.py"}
"""What a part offers to whoever sells it: without the webhook, a project's own code goes in there."""


def without(parts: Sequence[Part], root: Path = ROOT) -> Draft:
    """The project without *parts*, unwritten, as they leave one after the other."""
    draft = Draft(root)
    for part in parts:
        removal.apply(draft, part)
        draft.delete(f"{removal.MANIFESTS}/{part.name}.toml")
    return draft


def text(draft: Draft) -> dict[str, str | None]:
    """What became of every file."""
    return {file: draft.read(file) if draft.exists(file) else None for file in draft.changes()}


def files(part: Part) -> list[str]:
    return [*part.delete, *(f"backend/migrations/versions/{name}" for name in part.revisions)]


@pytest.mark.parametrize("part", PARTS.values(), ids=list(PARTS))
def test_every_file_of_a_part_is_there(part: Part) -> None:
    assert [file for file in files(part) if not (ROOT / file).is_file()] == []


def test_no_file_is_of_two_parts() -> None:
    listed = [file for part in PARTS.values() for file in files(part)]
    assert sorted(listed) == sorted(set(listed))


@pytest.mark.parametrize("name", PARTS)
def test_nothing_is_left_that_only_the_part_has_needed(name: str) -> None:
    draft = without(manifest.with_dependants([name], PARTS))
    left = [file for file in SOURCES if draft.exists(file)]
    assert unneeded(draft, left) - unneeded_today() <= OPEN_DOORS


def test_what_nothing_imports_is_noticed() -> None:
    draft = Draft(ROOT)
    draft.set("backend/src/api/router.py", draft.read("backend/src/api/router.py").replace("goals,", ""))
    found = unneeded(draft, SOURCES) - unneeded_today()
    assert found >= {"backend/src/api/goals.py", "backend/src/services/goals.py"}


def independent() -> list[tuple[str, str]]:
    """Pairs of which neither takes the other along."""
    taken = {name: {part.name for part in manifest.with_dependants([name], PARTS)} for name in PARTS}
    return [
        (one, other) for one, other in combinations(PARTS, 2) if other not in taken[one] and one not in taken[other]
    ]


@pytest.mark.parametrize(("one", "other"), independent())
def test_either_of_two_parts_can_leave_first(one: str, other: str) -> None:
    first, second = (manifest.with_dependants([name], PARTS) for name in (one, other))
    there = without([*first, *(part for part in second if part not in first)])
    back = without([*second, *(part for part in first if part not in second)])
    assert text(there) == text(back)


def test_any_order_ends_in_the_same_project(tmp_path: Path) -> None:
    """Also where the code is formatted after each removal, as `remove-part` does."""
    before, after = ("demo", "ai"), ("tasks",)
    nouns = ("achievements", "focus", "notes", "tombstones")
    trees = [
        left_behind(tmp_path / str(turn), [*before, *order, *after]) for turn, order in enumerate((nouns, nouns[::-1]))
    ]
    assert trees[0] == trees[1]


def left_behind(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Every file that the parts touch, after they have left a copy in *folder* one by one."""
    touched = set(without([PARTS[name] for name in names]).changes())
    for file in (*touched, "pyproject.toml"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    for name in names:
        without([PARTS[name]], folder).write()
        ruff = Path(sys.executable).with_name("ruff")
        for step in (["check", "--quiet", "--fix", "--select=F401,I", "."], ["format", "--quiet", "."]):
            subprocess.run([ruff, *step], cwd=folder, check=True)
    return {file: (folder / file).read_text("utf-8") for file in sorted(touched) if (folder / file).exists()}


def unneeded(draft: Draft, sources: Sequence[str]) -> set[str]:
    """The files of *sources* that no entrance leads to."""
    modules = {file: set(_imports(draft.read(file))) for file in sources}
    waiting = [f"src.{name}" for name in ENTRANCES]
    needed: set[str] = set()
    while waiting:
        file = f"backend/{waiting.pop().replace('.', '/')}.py"
        if file in modules and file not in needed:
            needed.add(file)
            waiting += modules[file]
    return {file for file in sources if file not in needed and not file.endswith("__init__.py")}


@cache
def unneeded_today() -> set[str]:
    """What is there for resources to come."""
    return unneeded(Draft(ROOT), SOURCES)


def _imports(code: str) -> Iterator[str]:
    """The modules of which *code* uses something: an import without a use is taken out when a part has left."""
    tree = ast.parse(code)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                if (name.asname or name.name) in used:
                    yield from (node.module, f"{node.module}.{name.name}")
