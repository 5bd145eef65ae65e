"""Chooses the place in the same code base that does right what a finding does wrong."""

from collections import defaultdict
from collections.abc import Iterable

from plumb.findings import Finding, Good

Rank = tuple[int, int, int, str, int]


class Examples:
    """The good places of a project, by rule."""

    def __init__(self, places: Iterable[tuple[str, Good]]) -> None:
        self.by_code: dict[str, list[Good]] = defaultdict(list)
        for code, good in places:
            self.by_code[code].append(good)

    def nearest(self, finding: Finding) -> Good | None:
        """Same enum, model or exception first, then the same file, then the fewest folders away."""
        candidates = self.by_code.get(finding.code, ())
        return min(candidates, key=lambda good: _rank(finding, good), default=None)


def _rank(finding: Finding, good: Good) -> Rank:
    shared = next((index for index, key in enumerate(finding.keys) if key in good.keys), len(finding.keys))
    near = abs(finding.place.line - good.place.line) if good.place.path == finding.place.path else 0
    return (shared, _distance(finding.place.path, good.place.path), near, good.place.path, good.place.line)


def _distance(first: str, second: str) -> int:
    """How many steps lead from one file to the other through the folder tree."""
    one, other = first.split("/"), second.split("/")
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    return len(one) + len(other) - 2 * shared
