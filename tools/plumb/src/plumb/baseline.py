"""A file of accepted findings, told apart by rule, file and text of the line, so that moving code changes nothing."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from plumb.config import ConfigError
from plumb.findings import Finding

VERSION = 1


class Entry(NamedTuple):
    code: str
    path: str
    source: str
    fingerprint: str


class Compared(NamedTuple):
    """The findings that are new, and the entries that no longer occur."""

    new: list[Finding]
    stale: list[Entry]


def read(file: Path) -> list[Entry]:
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["version"] != VERSION:
            raise ConfigError(f"{file}: a baseline of version {stored['version']}, this plumb reads {VERSION}")
        return [Entry(**entry) for entry in stored["findings"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{file}: not a baseline: {error}") from error


def compare(findings: Iterable[Finding], entries: Iterable[Entry], checked: Iterable[str]) -> Compared:
    """An entry of a file that was not checked in this run is neither used nor stale."""
    accepted = {entry.fingerprint: entry for entry in entries}
    inside = frozenset(checked)
    new: list[Finding] = []
    met: set[str] = set()
    for finding in findings:
        if finding.fingerprint in accepted and finding.code != "PB001":
            met.add(finding.fingerprint)
        else:
            new.append(finding)
    stale = [
        entry
        for entry in accepted.values()
        if entry.fingerprint not in met and (entry.path in inside or not entry.path.endswith(".py"))
    ]
    return Compared(new, stale)


def update(file: Path, findings: Iterable[Finding], checked: Iterable[str]) -> list[Entry]:
    """Write the baseline and return its entries: all findings the first time, afterwards only what was there before."""
    current = [_entry(finding) for finding in findings if finding.code != "PB001"]
    if file.exists():
        before = read(file)
        stale = frozenset(compare(findings, before, checked).stale)
        current = [entry for entry in before if entry not in stale]
    stored = {"version": VERSION, "findings": [entry._asdict() for entry in sorted(current, key=_order)]}
    file.write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return current


def _entry(finding: Finding) -> Entry:
    return Entry(finding.code, finding.place.path, finding.source.strip(), finding.fingerprint)


def _order(entry: Entry) -> tuple[str, str, str, str]:
    return (entry.path, entry.code, entry.source, entry.fingerprint)
