"""Start: what copier has copied becomes a project of its own."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from parts import manifest, removal
from parts.draft import Draft
from scaffold import lock
from scaffold.naming import Names, renamed

HERE = Path(__file__).resolve().parents[1]
PAGES = HERE / "pages"
DESCRIPTION = "PROJECT_DESCRIPTION"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person who starts a project has said."""

    names: Names
    database: str = "sqlite"
    without: Sequence[str] = ()
    """The parts that are left out."""


def start(root: Path, answers: Answers) -> None:
    """Turn the copy in *root* into a project. Raises PartsError before anything is written."""
    draft = Draft(root)
    removal.apply(draft, manifest.read(HERE / "template.toml"))
    if answers.database == "postgresql":
        removal.apply(draft, manifest.read(HERE / "postgresql.toml"))
    going = manifest.with_dependants(answers.without, manifest.read_all())
    removal.remove(draft, going)
    draft.set("requirements-dev.txt", lock.without(draft.read("requirements-dev.txt"), "copier"))
    for file, text in _pages(answers.names.description):
        draft.set(file, text)
    for file in _texts(draft):
        draft.set(file, renamed(draft.read(file), answers.names))
    draft.write()
    _write_rules(root)
    if going:
        removal.finish(root)


def _write_rules(root: Path) -> None:
    """Generate the pages of the rules anew: in this repository they lead to its pages about patterns."""
    command = [sys.executable, root / "tools/plumb/bin/plumb", "rules", "--write", "docs/rules"]
    subprocess.run(command, cwd=root, check=True)


def _pages(description: str) -> Iterator[tuple[str, str]]:
    """The pages that speak of the project, in place of those that speak of this repository."""
    for path in sorted(path for path in PAGES.rglob("*") if path.is_file()):
        text = path.read_text("utf-8").replace(DESCRIPTION, description.rstrip("."))
        yield path.relative_to(PAGES).as_posix(), text


def _texts(draft: Draft) -> Iterator[str]:
    """Every text that may name this repository; copier's answers have to."""
    for path in sorted(path for path in draft.root.rglob("*") if path.is_file() and not path.is_symlink()):
        file = path.relative_to(draft.root).as_posix()
        ours = not file.startswith((".git/", ".venv/", ".copier-answers"))
        if ours and draft.exists(file) and b"\0" not in path.read_bytes():
            yield file
