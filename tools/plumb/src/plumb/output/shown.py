"""A finding as it is printed: paths as seen from here, the snippet marked, the place done right looked up."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from plumb.findings import Edit, Example, Finding, Place, Related
from plumb.similar import Examples


class Shown(NamedTuple):
    """`finding` has the paths of the project; `path`, `related` and `edits` have them as seen from here."""

    finding: Finding
    path: str
    snippet: str
    similar: Example | None
    related: tuple[Related, ...]
    edits: tuple[Edit, ...]


class Surroundings:
    """Reads the lines around findings of the project at *root*, and shows paths as seen from the working folder."""

    def __init__(self, root: Path, examples: Examples) -> None:
        self.root = root
        self.examples = examples
        self.texts: dict[str, list[str]] = {}

    def show(self, findings: Iterable[Finding]) -> list[Shown]:
        return [self._show(finding) for finding in findings]

    def display(self, path: str) -> str:
        return Path(os.path.relpath(self.root / path)).as_posix()

    def similar(self, finding: Finding) -> Example | None:
        good = self.examples.nearest(finding)
        if good is None:
            return None
        return Example(
            self.display(good.place.path), good.place.line, self.line(good.place.path, good.place.line).strip()
        )

    def snippet(self, place: Place) -> str:
        """The line of *place* with its number, and the place marked under it."""
        text = self.line(place.path, place.line)
        end = place.end_column if place.end_line == place.line else len(text.rstrip()) + 1
        margin = str(place.line)
        lead = "".join("\t" if letter == "\t" else " " for letter in text[: place.column - 1])
        mark = "^" * max(end - place.column, 1)
        return f"{margin} | {text.rstrip()}\n{' ' * len(margin)} | {lead}{mark}"

    def line(self, path: str, number: int) -> str:
        if path not in self.texts:
            try:
                self.texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace").split("\n")
            except OSError:
                self.texts[path] = []
        lines = self.texts[path]
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def _show(self, finding: Finding) -> Shown:
        return Shown(
            finding,
            self.display(finding.place.path),
            self.snippet(finding.place),
            self.similar(finding),
            tuple(note._replace(place=self._from_here(note.place)) for note in finding.related),
            tuple(edit._replace(place=self._from_here(edit.place)) for edit in finding.edits),
        )

    def _from_here(self, place: Place) -> Place:
        return place._replace(path=self.display(place.path))
