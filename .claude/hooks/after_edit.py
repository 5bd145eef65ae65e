"""Checks the one file that was edited, in about a second, and refuses what is not right with the correction.

Types are left to `python dev.py check-fast`, which takes longer than an edit may.
"""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from edits import ROOT, edited_file, refuse

BIN = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin")
CHECKED = ("backend/src", "backend/tests", "backend/migrations")
SHOWN_CHARACTERS = 4000
FOUND = 1


class Check(NamedTuple):
    """One check: what it runs and where, and what puts right what it finds."""

    name: str
    argv: list[str | Path]
    remedy: str
    cwd: Path = ROOT
    about: str = ""
    """The file that findings have to be about, where more is checked than the one that was edited."""


def checks(path: str) -> Iterator[Check]:
    """Yield the checks that concern a file."""
    if path.endswith((".py", ".md")):
        remedy = f"`python dev.py format {path}` does this"
        yield Check("format", [BIN / "ruff", "format", "--diff", "--quiet", "--force-exclude", path], remedy)
    if path.endswith(".py"):
        # An import is written before its use, in an edit of its own: F401 can wait for check-fast.
        ruff = [BIN / "ruff", "check", "--quiet", "--force-exclude", "--ignore", "F401", path]
        yield Check("lint", ruff, f"`python dev.py format {path}` repairs what is marked [*]")
    if fnmatch(path, "backend/*.py"):
        # All of it: what is done right elsewhere is part of a finding, and a warm run takes no longer.
        plumb = [BIN / "plumb", "check", *CHECKED]
        yield Check("rules", plumb, "`plumb explain CODE` says why, with an example", about=path)
    if path == "backend/docs/API.md":
        plumb = [BIN / "plumb", "check", "--select", "PB1", "backend/src"]
        yield Check("rules", plumb, "`python dev.py docs` writes the facts and answers of the page")
    if fnmatch(path, "backend/src/*.py"):
        arrows = [BIN / "lint-imports", "--config", ROOT / "pyproject.toml"]
        yield Check("arrows", arrows, "AGENTS.md shows which layer may import which", ROOT / "backend")
    if fnmatch(path, "backend/migrations/versions/*.py"):
        lint = [BIN / "python", "-m", "migrations.lint"]
        yield Check("revisions", lint, "docs/migrations.md has the safe form of each step", ROOT / "backend")


def complaint(check: Check) -> str | None:
    """Run a check and return what it found, with the remedy; None where it found nothing."""
    done = subprocess.run(check.argv, cwd=check.cwd, capture_output=True, text=True, check=False)
    if not done.returncode:
        return None
    found = done.stdout.strip() or done.stderr.strip()
    if check.about and done.returncode == FOUND:
        found = "\n\n".join(block for block in found.split("\n\n") if f"--> {check.about}:" in block)
    return f"[{check.name}] {check.remedy}\n{found[:SHOWN_CHARACTERS]}" if found else None


def main() -> None:
    """Answer one event."""
    path = edited_file()
    if path is None or not (ROOT / path).is_file():
        return
    due = list(checks(path))
    if due and not BIN.is_dir():
        refuse(f"{path} was not checked, because there is no .venv: run `python dev.py setup`.")
    with ThreadPoolExecutor() as pool:
        complaints = [found for found in pool.map(complaint, due) if found]
    if complaints:
        refuse("\n\n".join([f"{path} is not right yet.", *complaints]))


if __name__ == "__main__":
    main()
