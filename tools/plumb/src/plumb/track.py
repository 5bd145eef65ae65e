"""Notes which files a check has read, so that its outcome can be kept until one of them changes."""

from collections.abc import Callable, Generator, Hashable, Iterable
from contextlib import contextmanager
from typing import Any, TypeVar

Value = TypeVar("Value")


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
        self.tracker.frames.pop()
        self.tracker.touch_all(self.seen)


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
        self.known: dict[Hashable, tuple[Any, Iterable[str]]] = {}

    def __call__(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The value of *compute*, the first time; later what it was."""
        known = self.known.get(key)
        if known is None:
            with self.tracker.recording() as seen:
                value = compute()
            known = self.known[key] = (value, seen or ())
        self.tracker.touch_all(known[1])
        return known[0]
