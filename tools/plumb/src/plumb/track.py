"""Notes what a check has read, so that its outcome can be kept until that changes.

A note is a path for all that a file declares, a path with a word for what it declares under one name, for its text, its
places or one of its bodies, a star for the declarations of every file, a star with a suffix for which files there are,
or a view of the project.
"""

from collections.abc import Callable, Collection, Generator, Hashable, Iterable
from contextlib import contextmanager
from typing import Any, TypeVar

Value = TypeVar("Value")
EVERYTHING = "*"
DECLARED = " (declared) "
IMPORTS = "import"
"""In the place of a name, for all imports of a file: no name is spelled so."""
TEXT = " (text)"
PLACES = " (places)"
BODY = " (body) "
VIEW = "="
"""What a note of a view starts with, before its name and its texts."""


class Recording:
    """A class and no generator: it is entered for every name that is looked up."""

    __slots__ = ("seen", "tracker")

    def __init__(self, tracker: "Tracker") -> None:
        self.tracker = tracker
        self.seen: set[str] = set()

    def __enter__(self) -> set[str]:
        self.tracker.frames.append(self.seen)
        return self.seen

    def __exit__(self, *_: object) -> None:
        frames = self.tracker.frames
        frames.pop()
        if frames:
            frames[-1].update(self.seen)


class Tracker:
    def __init__(self) -> None:
        self.frames: list[set[str]] = []

    def touch(self, dependency: str) -> None:
        if self.frames:
            self.frames[-1].add(dependency)

    def touch_all(self, dependencies: Iterable[str]) -> None:
        if self.frames:
            self.frames[-1].update(dependencies)

    def recording(self) -> "Recording":
        """Collect what is read inside, for the caller too."""
        return Recording(self)

    @contextmanager
    def apart(self) -> Generator[set[str]]:
        """Collect what is read inside, which the caller does not depend on."""
        seen: set[str] = set()
        self.frames.append(seen)
        try:
            yield seen
        finally:
            self.frames.pop()


class Memo:
    """Values found out once and kept as long as their owner: whoever asks depends on all that was read for them."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.known: dict[Hashable, tuple[Any, Collection[str]]] = {}

    def __call__(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The value of *compute*, the first time; later what it was."""
        known = self.known.get(key)
        if known is None:
            with self.tracker.recording() as seen:
                value = compute()
            self.known[key] = (value, without_covered(seen) or ())
            return value
        if self.tracker.frames:
            self.tracker.frames[-1].update(known[1])
        return known[0]


def without_covered(notes: set[str]) -> set[str]:
    """The notes without those of what a file declares, where the declarations of every file are noted."""
    if EVERYTHING not in notes:
        return notes
    return {note for note in notes if not _is_of_declarations(note)}


def _is_of_declarations(note: str) -> bool:
    if note.startswith((EVERYTHING, VIEW)):
        return False
    return DECLARED in note or not (BODY in note or note.endswith((TEXT, PLACES)))
