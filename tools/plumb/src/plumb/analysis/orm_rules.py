"""How the rules about reads turn what the flow has found into reports."""

from collections.abc import Iterator

from plumb.analysis.orm.functions import misreads_of
from plumb.findings import Report, Severity
from plumb.source import SourceFile

ASYNC_WORDS = ("await ", "async def")


def reports(code: str, file: SourceFile) -> Iterator[Report]:
    """The misreads of one rule in the functions of a file, and in what they call."""
    for misread in misreads_of(file):
        if misread.code == code:
            yield Report(
                misread.place,
                misread.message,
                misread.fix,
                misread.keys,
                related=misread.related,
                severity=None if misread.certain else Severity.WARNING,
            )
