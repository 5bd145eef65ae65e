"""What a rule reports: a draft with a place, a place done right, and the finding made of both."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Place(NamedTuple):
    """A span in a file: lines count from 1, columns (in characters) too, the end column is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Related(NamedTuple):
    """Another place that explains a finding: the query behind a read, the class that was caught."""

    place: Place
    message: str


class Edit(NamedTuple):
    """Replaces the text of *place* by *text*; an empty span inserts."""

    place: Place
    text: str


class Report(NamedTuple):
    """What a rule yields for a violation; the runner adds the rule's code, name and severity.

    `keys` name what the finding is about, the most telling first (an enum, a model, an exception):
    the nearest `Good` that shares a key is shown as "done right at".
    """

    place: Place
    message: str
    fix: str
    keys: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    safe: bool = False
    related: tuple[Related, ...] = ()
    severity: Severity | None = None


class Good(NamedTuple):
    """What a rule yields for a place that satisfies it and may serve as the example for a violation."""

    place: Place
    keys: tuple[str, ...] = ()


class Finding(NamedTuple):
    """A violation, complete but for the place done right, which is looked up when it is printed."""

    code: str
    name: str
    severity: Severity
    place: Place
    message: str
    fix: str
    keys: tuple[str, ...]
    edits: tuple[Edit, ...]
    safe: bool
    related: tuple[Related, ...]
    source: str
    fingerprint: str

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        return (self.place.path, self.place.line, self.place.column, self.code, self.message)


class Example(NamedTuple):
    """A place in the same code base that satisfies the rule, with its first line."""

    path: str
    line: int
    source: str
