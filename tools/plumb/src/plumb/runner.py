"""Runs the rules over a project: each file once, from the cache where nothing it depends on has changed."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from plumb import suppress
from plumb.builtin import UNREADABLE, UNUSED_NOQA
from plumb.cache import Remembered, digest
from plumb.catalog import is_selected
from plumb.config import ConfigError
from plumb.discovery import matches
from plumb.findings import Finding, Good, Place, Report, Severity
from plumb.outcomes import Outcomes
from plumb.parsing import Unreadable
from plumb.project import Project
from plumb.rule import Rule
from plumb.similar import Examples
from plumb.source import SourceFile
from plumb.text import Lines

TOO_DEEP = "is nested too deeply to be followed"


class Result(NamedTuple):
    findings: list[Finding]
    examples: Examples
    files: int
    broken: bool


class Runner:
    def __init__(self, project: Project, rules: Iterable[Rule]) -> None:
        self.project = project
        self.rules = tuple(rules)
        self.file_rules = [rule for rule in self.rules if rule.project_check is None]
        self.texts: dict[str, Lines] = {}
        self.outcomes = Outcomes(project, self.file_rules)

    def run(self, checked: Iterable[str]) -> Result:
        """Check these files of the project; the rules about the whole project run in any case."""
        wanted = list(checked)
        findings: list[Finding] = []
        good: list[tuple[str, Good]] = []
        for path in wanted:
            outcome = self.outcomes.of_file(path) or self.outcome(path)
            findings += outcome.findings
            good += outcome.good
        inside = frozenset(wanted)
        for outcome in self.project_wide():
            good += outcome.good
            findings += [found for found in outcome.findings if self._concerns(found.place.path, inside)]
        kept = self._suppressed(findings, wanted)
        kept += [self._unreadable(path) for path in wanted if path in self.project.broken]
        ordered = sorted(_once(kept), key=lambda finding: finding.order)
        return Result(_numbered(ordered), Examples(good), len(wanted), bool(inside & self.project.broken.keys()))

    def outcome(self, path: str) -> Remembered:
        """Check a file, and leave the outcome for later runs."""
        found: list[Finding] = []
        good: list[tuple[str, Good]] = []
        with self.project.tracker.recording() as seen:
            try:
                found, good = self._check(path)
            except RecursionError:
                self.project.broken[path] = Unreadable(TOO_DEEP)
        if path in self.project.broken:
            return Remembered((), (), ())
        return self.outcomes.keep_file(path, seen, found, good)

    def _check(self, path: str) -> tuple[list[Finding], list[tuple[str, Good]]]:
        source = self.project.source(path)
        if source is None:
            return [], []
        self.texts = {path: source.lines}
        found: list[Finding] = []
        good: list[tuple[str, Good]] = []
        for rule in self.file_rules:
            if rule.kinds and source.kind not in rule.kinds:
                continue
            if rule.needles and not any(map(source.text.__contains__, rule.needles)):
                continue
            for outcome in self._outcomes(rule, source):
                self._note_places(outcome, path)
                if isinstance(outcome, Good):
                    good.append((rule.code, outcome))
                else:
                    found.append(self._finding(rule, outcome))
        self.project.release(path)
        return found, good

    def _note_places(self, outcome: Report | Good, path: str) -> None:
        """What is kept of this file also depends on where the places in other files are."""
        related = outcome.related if isinstance(outcome, Report) else ()
        for place in (outcome.place, *(one.place for one in related)):
            if place.path in self.project.locator.paths:
                if place.path != path:
                    self.project.touch_places(place.path)
            else:
                self.project.touch_text(place.path)

    def _outcomes(self, rule: Rule, source: SourceFile) -> Iterator[Report | Good]:
        if rule.file_check is not None:
            yield from rule.file_check(source)
        if rule.node_check is not None:
            for node in source.nodes(*rule.nodes):
                yield from rule.node_check(node, source)

    def project_wide(self) -> list[Remembered]:
        """The outcomes of the rules about the whole project."""
        return [
            self.outcomes.of_rule(rule.code) or self._about(rule)
            for rule in self.rules
            if rule.project_check is not None
        ]

    def _concerns(self, path: str, checked: frozenset[str]) -> bool:
        """Whether a file is checked, or is a page or SQL file in whose folder some files are, or no Python at all."""
        if path.endswith(".py"):
            return path in checked
        folder = "".join(f"{part}/" for part in PurePosixPath(path).parts[:-1] if part != "docs")
        beside = [one for one in self.project.paths if one.startswith(folder)]
        return not beside or not checked.isdisjoint(beside)

    def _about(self, rule: Rule) -> Remembered:
        with self.project.tracker.recording() as seen:
            outcomes = self._about_project(rule)
            for outcome in outcomes:
                self._note_places(outcome, "")
            found = [self._finding(rule, outcome) for outcome in outcomes if isinstance(outcome, Report)]
        good = [(rule.code, outcome) for outcome in outcomes if isinstance(outcome, Good)]
        return self.outcomes.keep_rule(rule.code, seen, found, good)

    def _about_project(self, rule: Rule) -> list[Report | Good]:
        try:
            return list(rule.project_check(self.project)) if rule.project_check is not None else []
        except RecursionError as error:
            raise ConfigError(f"{rule.code} cannot be decided, something {TOO_DEEP}; `--ignore {rule.code}`") from error

    def _finding(self, rule: Rule, report: Report) -> Finding:
        configured = self.project.config.severity_of(rule.code)
        severity = Severity(configured) if configured else report.severity or rule.severity
        return self._complete(rule, severity, report)

    def _complete(self, rule: Rule, severity: Severity, report: Report) -> Finding:
        lines = self._lines(report.place.path)
        source = lines[report.place.line - 1] if report.place.line <= len(lines) else ""
        return Finding(
            rule.code,
            rule.name,
            severity,
            report.place,
            report.message,
            report.fix,
            report.keys,
            report.edits,
            report.safe,
            report.related,
            source.rstrip(),
            digest(f"{rule.code} {report.place.path} {' '.join(source.split())}".encode()),
        )

    def _lines(self, path: str) -> list[str]:
        if path not in self.texts:
            self.project.touch_text(path)
            source = self.project.trees.get(path)
            self.texts = {path: source.lines if source is not None else Lines(self._text(path))}
        return self.texts[path].lines

    def _text(self, path: str) -> str:
        try:
            return self.project.raw(path).decode(errors="replace")
        except OSError:
            return ""

    def _unreadable(self, path: str) -> Finding:
        problem = self.project.broken[path]
        place = Place(path, problem.line, problem.column, problem.line, problem.column)
        report = Report(place, f"this file {problem.reason}", problem.remedy.replace("{}", path))
        return self._complete(UNREADABLE, UNREADABLE.severity, report)

    def _suppressed(self, findings: list[Finding], checked: Iterable[str]) -> list[Finding]:
        """The findings that no comment and no per-file setting silences, and the comments that silence nothing."""
        ignores = self.project.config.per_file_ignores
        kept: list[Finding] = []
        used: set[tuple[str, int, str]] = set()
        noqa: dict[str, list[suppress.Noqa]] = {}
        for finding in findings:
            path = finding.place.path
            if path not in noqa:
                noqa[path] = self._noqa(path)
            comment = next((found for found in noqa[path] if _silences(found, finding)), None)
            if comment is not None:
                used.add((path, comment.line, finding.code))
            elif not any(
                finding.code.startswith(code) and matches(path, (glob,))
                for glob, codes in ignores.items()
                for code in codes
            ):
                kept.append(finding)
        return kept + list(self._unused(checked, used))

    def _unused(self, checked: Iterable[str], used: set[tuple[str, int, str]]) -> Iterator[Finding]:
        if not is_selected(self.project.config, UNUSED_NOQA.code):
            return
        running = {rule.code for rule in self.rules}
        for path in checked:
            for comment in self._noqa(path):
                idle = [code for code in comment.codes if (path, comment.line, code) not in used and code in running]
                if idle:
                    place = Place(path, comment.line, comment.column, comment.line, comment.end_column)
                    message = f"the comment silences {', '.join(idle)}, which finds nothing here"
                    report = Report(place, message, f"Remove {', '.join(idle)} from the comment.")
                    yield self._complete(UNUSED_NOQA, UNUSED_NOQA.severity, report)

    def _noqa(self, path: str) -> list[suppress.Noqa]:
        key = f"noqa {self.project.digests.of_file(path)}"
        known: list[suppress.Noqa] | None = self.project.cache.get(key)
        if known is None:
            known = suppress.comments(self._text(path), python=path.endswith(".py"))
            self.project.cache.put(key, known)
        return known


def _silences(comment: suppress.Noqa, finding: Finding) -> bool:
    return finding.code in comment.codes and comment.line in (finding.place.line, finding.place.end_line)


def _once(findings: list[Finding]) -> Iterator[Finding]:
    """Of what a rule says of one place in the code, the first: several routes may lead to it."""
    seen: set[tuple[str, Place]] = set()
    for finding in sorted(dict.fromkeys(findings), key=lambda one: one.order):
        mark = (finding.code, finding.place)
        if mark not in seen or not finding.place.path.endswith(".py"):
            seen.add(mark)
            yield finding


def _numbered(findings: list[Finding]) -> list[Finding]:
    """Equal lines in one file get fingerprints of their own, so that a baseline counts them."""
    seen: dict[str, int] = {}
    result: list[Finding] = []
    for finding in findings:
        count = seen.get(finding.fingerprint, 0)
        seen[finding.fingerprint] = count + 1
        result.append(
            finding._replace(fingerprint=digest(f"{finding.fingerprint} {count}".encode())) if count else finding
        )
    return result
