"""Removal: a part leaves the project, with its files and with its lines in files that it shares."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from parts import edits, manifest, page, revisions
from parts.draft import Draft, PartsError
from parts.manifest import Edits, Part

FOLDER = "tools/parts"
MANIFESTS = f"{FOLDER}/manifests"
OWN = f"{FOLDER}/own.toml"
RELEASED = "backend/migrations/released.json"
EDITS: dict[str, Callable[..., str]] = {
    "definitions": edits.without_definition,
    "arguments": edits.without_argument,
    "lines": edits.without_line,
    "every_line": edits.without_every_line,
    "paragraphs": edits.without_paragraph,
    "sections": edits.without_section,
}
STEPS = ("format", "migrate-release", "docs")
"""The commands of dev.py that finish a removal: they take out imports that nothing uses any more, record the
migrations, and write what is generated from the code."""


def remove(draft: Draft, parts: Sequence[Part]) -> None:
    """Take *parts* out, in this order, with their manifests. Raises PartsError for one that does not fit the files.

    Where none is left, the tool that removes parts goes too.
    """
    for part in parts:
        apply(draft, part)
        draft.delete(f"{MANIFESTS}/{part.name}.toml")
    if any(part.revisions for part in parts) and draft.exists(RELEASED):
        draft.delete(RELEASED)
    left = [part for part in manifest.read_all(draft.root / MANIFESTS).values() if part not in parts]
    if left:
        draft.set(page.FILE, page.rendered(left))
    elif parts:
        apply(draft, manifest.read(draft.root / OWN))
        _delete_folder(draft, FOLDER)


def apply(draft: Draft, part: Part) -> None:
    """Make the deletions and edits of one manifest."""
    for file in part.delete:
        draft.delete(file)
    for others, edits_beside in part.beside.items():
        if all(draft.exists(f"{MANIFESTS}/{other}.toml") for other in others):
            _edit(draft, edits_beside)
    _edit(draft, part.edits)
    revisions.leave_out(draft, part.revisions)


def finish(root: Path) -> None:
    """Run what completes a removal. Raises PartsError where a step fails."""
    for step in STEPS:
        if subprocess.run([sys.executable, "dev.py", step], cwd=root, check=False).returncode:
            raise PartsError(f"`python dev.py {step}` failed in {root}.")


def _edit(draft: Draft, wanted: Edits) -> None:
    for kind, files in wanted.removals.items():
        for file, entries in files.items():
            for entry in entries:
                draft.set(file, EDITS[kind](draft.read(file), entry, file=file))
    for each in wanted.replacements:
        draft.set(each.file, edits.replaced(draft.read(each.file), each.find, each.replace, file=each.file))


def _delete_folder(draft: Draft, folder: str) -> None:
    for path in sorted((draft.root / folder).rglob("*")):
        file = path.relative_to(draft.root).as_posix()
        if path.is_file() and "__pycache__" not in file and draft.exists(file):
            draft.delete(file)
