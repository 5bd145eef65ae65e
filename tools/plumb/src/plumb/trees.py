"""The trees that are in memory: of files that wait to be checked, while there is room, and of those used last."""

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumb.source import SourceFile

SMALL = 3_500_000
"""Bytes: of a project of up to about 90,000 lines most trees are kept, those of a larger one are read again."""
WAITING_LINES = 60_000
RECENT_LINES = 15_000
"""In all processes together."""


class Trees:
    """*size* is that of all files, in bytes."""

    def __init__(self, size: int) -> None:
        self.most_waiting = WAITING_LINES if size <= SMALL else 0
        self.waiting: dict[str, SourceFile] = {}
        self.recent: OrderedDict[str, SourceFile] = OrderedDict()
        self.share = 1
        self.waiting_lines = 0
        self.recent_lines = 0
        self.checked: set[str] = set()

    @property
    def are_kept(self) -> bool:
        """Whether files that wait to be checked keep their trees."""
        return self.most_waiting > 0

    def get(self, path: str) -> "SourceFile | None":
        found = self.waiting.get(path)
        if found is None and path in self.recent:
            self.recent.move_to_end(path)
            found = self.recent[path]
        return found

    def use(self, source: "SourceFile") -> None:
        """Keep a tree that may be asked for again soon, in the place of those that were not for the longest time."""
        self.recent[source.path] = source
        self.recent_lines += _size(source)
        while (
            self.waiting_lines + self.recent_lines > (self.most_waiting + RECENT_LINES) // self.share
            and len(self.recent) > 1
        ):
            self.recent_lines -= _size(self.recent.popitem(last=False)[1])

    def wait(self, source: "SourceFile") -> None:
        """Keep the tree of a file until it has been checked: files are checked in the order they are first read."""
        lines = _size(source)
        room = self.waiting_lines + lines <= self.most_waiting // self.share
        if room and source.path not in self.checked and self.recent.pop(source.path, None) is not None:
            self.recent_lines -= lines
            self.waiting_lines += lines
            self.waiting[source.path] = source

    def release(self, path: str) -> None:
        """Make room for the files to come once this one has been checked."""
        self.checked.add(path)
        found = self.waiting.pop(path, None)
        if found is not None:
            self.waiting_lines -= _size(found)
            self.use(found)


def _size(source: "SourceFile") -> int:
    return len(source.lines.lines)
