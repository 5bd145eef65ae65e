"""A scenario is a page that is walked: its edits are made in a copy of the project, its commands are run, in its order.

- A `diff` block is applied with `git apply --recount`. A block marked `file=PATH` is a whole new file.
- A `console` block is commands behind `$ ` and what they print; a line `...` stands for lines that are left out. Each
  command succeeds, but in a block marked `refused` each of them fails.
- Any other block is for the reader alone and is marked `drawing`.

What differs from run to run, or with a change that does not concern the page, is alike: durations, identifiers,
instants, the dates in the names of revisions, the number of tests that were not chosen, the numbers of lines.
"""

import difflib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import checkout

FENCE = re.compile(r"^```(?P<language>\w*)(?P<marks>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
VARYING = (
    (re.compile(r" *\b\d+\.\d+ ?s\b(?: \(\d+:\d\d:\d\d\))?"), " 0.0s"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "REQUEST"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?"), "INSTANT"),
    (re.compile(r"\b\d{4}_\d\d_\d\d_\d{4}_"), "DATE_"),
    (re.compile(r"\b\d+ deselected\b"), "N deselected"),
    (re.compile(r"(?<=\.py|\.md):\d+(?::\d+)?\b"), ":LINE"),
    (re.compile(r"^ *\d* \|", re.MULTILINE), "LINE |"),
)
VERSIONS = "backend/migrations/versions/"
REVISION = re.compile(rf"{VERSIONS}[\d_]+(\w+\.py)")
ALIKE = ("PYTEST_", "COV_", "COLUMNS", "CI", "BUILD_NUMBER")
"""Beginnings of variables of the outer test run that a person at a terminal does not have: at the last two pytest
prints its summary in full instead of a line a test."""


class Astray(AssertionError):
    """The page says something else than what happens; says the line of the page, and both."""


@dataclass(frozen=True, slots=True)
class Step:
    """A block of the page: an edit, or commands with their outputs."""

    line: int
    language: str
    marks: str
    text: str

    def take(self, project: Path) -> None:
        """Do what the block says. Raises Astray where that does not go as the page tells."""
        if path := re.search(r"file=(\S+)", self.marks):
            self._write(project / path[1])
        elif self.language == "diff":
            checkout.git(project, "apply", "--recount", "-", given=_with_todays_names(project, self.text))
        elif self.language == "console":
            for command, printed in _commands(self.text):
                self._run(project, command, printed)
        elif "drawing" not in self.marks:
            raise Astray(f"line {self.line}: say behind ``` what the block is: {__doc__}")

    def _write(self, path: Path) -> None:
        if path.exists():
            raise Astray(f"line {self.line}: {path.name} is there already: show a diff")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, "utf-8")

    def _run(self, project: Path, command: str, printed: str) -> None:
        argv = ["sh", "-c", command]
        done = subprocess.run(
            argv, cwd=project, env=_at_a_terminal(project), capture_output=True, text=True, check=False
        )
        shown = f"{done.stdout}{done.stderr}".replace(str(project), "~")
        if bool(done.returncode) is not ("refused" in self.marks):
            raise Astray(f"line {self.line}: `{command}` ended with exit code {done.returncode}:\n{shown}")
        if not _matches(printed, shown):
            compared = "\n".join(
                difflib.unified_diff(_lines(printed), _lines(shown), "the page", "what happens", lineterm="")
            )
            raise Astray(f"line {self.line}: `{command}` prints something else:\n{compared}")


def steps(page: str) -> Iterator[Step]:
    """Yield the blocks of a page, in its order."""
    for match in FENCE.finditer(page):
        yield Step(page.count("\n", 0, match.start()) + 1, match["language"], match["marks"], match["text"])


def _with_todays_names(project: Path, diff: str) -> str:
    """Give each revision in *diff* that was drafted on the way the name that it got."""
    names = {re.sub(r"^[\d_]+", "", path.name): path.name for path in project.glob(f"{VERSIONS}*.py")}
    return REVISION.sub(lambda match: f"{VERSIONS}{names[match[1]]}" if match[1] in names else match[0], diff)


def _commands(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command with the lines that it prints."""
    first, *rest = re.split(r"^\$ ", block, flags=re.MULTILINE)
    if first or not rest:
        raise Astray(f"a console block begins with `$ ` and a command:\n{block}")
    for part in rest:
        command, _, printed = part.partition("\n")
        yield command, printed


def _at_a_terminal(project: Path) -> dict[str, str]:
    environment = checkout.environment(project)
    return {name: value for name, value in environment.items() if not name.startswith(ALIKE)}


def _matches(printed: str, shown: str) -> bool:
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in _lines(printed))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(shown))) is not None


def _lines(text: str) -> list[str]:
    for varying, name in VARYING:
        text = varying.sub(name, text)
    return [line.rstrip() for line in text.strip().splitlines() if line.strip()]
