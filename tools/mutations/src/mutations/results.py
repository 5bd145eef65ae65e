"""What is known of the mutants: kept line by line, so that a run that was interrupted goes on where it was."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from mutations.workspace import tracked

STAGES = ("plumb", "construction", "tests", "suite")
READ = {
    "plumb": ("backend/", "tools/plumb/src/", "pyproject.toml"),
    "construction": ("backend/", "pyproject.toml"),
    "tests": ("backend/", "pyproject.toml"),
    "suite": ("backend/", "pyproject.toml"),
}
"""What a stage depends on: when any of it changes, what the stage has found is no longer known."""


class Result(NamedTuple):
    """What a stage said of a mutant: who caught it, or nothing."""

    mutant: str
    stage: str
    state: str
    """A digest of everything that the stage read."""
    caught: str
    seconds: float


class Results:
    """A file of results. Only those of the present state of the repository count."""

    def __init__(self, file: Path, root: Path) -> None:
        self.file = file
        self.states = states(root)
        self._known: dict[tuple[str, str], Result] = {}
        if file.exists():
            for line in file.read_text("utf-8").splitlines():
                self._take(Result(**json.loads(line)))

    def get(self, mutant: str, stage: str) -> Result | None:
        return self._known.get((mutant, stage))

    def add(self, mutant: str, stage: str, caught: str, seconds: float) -> None:
        result = Result(mutant, stage, self.states[stage], caught, round(seconds, 1))
        self._take(result)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(result._asdict()) + "\n")

    def _take(self, result: Result) -> None:
        if result.state == self.states.get(result.stage):
            self._known[result.mutant, result.stage] = result


def states(root: Path) -> dict[str, str]:
    """A digest for each stage."""
    digests = {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in tracked(root)}
    return {
        stage: hashlib.sha256(
            "".join(f"{path} {digest}\n" for path, digest in digests.items() if path.startswith(read)).encode()
        ).hexdigest()[:16]
        for stage, read in READ.items()
    }
