"""What was found before: an outcome holds as long as plumb, the settings and all that was read for it are the same."""

from collections.abc import Iterable

from plumb.cache import Remembered, digest
from plumb.findings import Finding, Good
from plumb.project import Project
from plumb.rule import Rule


class Outcomes:
    """*rules* are those about single files; a rule about the whole project has an outcome of its own."""

    def __init__(self, project: Project, rules: Iterable[Rule]) -> None:
        self.project = project
        self.known: dict[str, Remembered] = {}
        codes = [rule.code for rule in rules]
        self.file_setup = digest(repr((codes, project.setup)).encode())

    def of_file(self, path: str) -> Remembered | None:
        """The outcome for a file, if it still holds."""
        return self._valid(self._of_file(path))

    def of_rule(self, code: str) -> Remembered | None:
        """The outcome of a rule about the whole project, if it still holds."""
        return self._valid(self._of_rule(code))

    def keep_file(self, path: str, seen: set[str], found: list[Finding], good: list[tuple[str, Good]]) -> Remembered:
        """Keep the outcome for a file with all that was *seen* on the way."""
        return self._keep(self._of_file(path), seen, found, good)

    def keep_rule(self, code: str, seen: set[str], found: list[Finding], good: list[tuple[str, Good]]) -> Remembered:
        """Keep the outcome of a rule about the whole project."""
        return self._keep(self._of_rule(code), seen, found, good)

    def _of_file(self, path: str) -> str:
        return f"found {path} {self.file_setup} {self.project.digests.of_file(path)}"

    def _of_rule(self, code: str) -> str:
        """What is found against a revision of git holds for this run alone."""
        against = f" {id(self)}" if self.project.diff_base is not None else ""
        return f"found {code} {self.project.setup}{against}"

    def _valid(self, key: str) -> Remembered | None:
        if key not in self.known:
            kept: Remembered | None = self.project.cache.get(key)
            if kept is None or not self.project.digests.hold(kept.dependencies):
                return None
            self.known[key] = kept
        return self.known[key]

    def _keep(self, key: str, seen: set[str], found: list[Finding], good: list[tuple[str, Good]]) -> Remembered:
        outcome = self.known[key] = Remembered(self.project.digests.of_all(seen), tuple(found), tuple(good))
        self.project.cache.put(key, outcome)
        return outcome
