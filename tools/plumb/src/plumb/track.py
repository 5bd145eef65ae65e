"""Notes which files a check has read, so that its outcome can be kept until one of them changes."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager


class Tracker:
    def __init__(self) -> None:
        self.frames: list[set[str]] = []

    def touch(self, dependency: str) -> None:
        if self.frames:
            self.frames[-1].add(dependency)

    def touch_all(self, dependencies: Iterable[str]) -> None:
        if self.frames:
            self.frames[-1].update(dependencies)

    @contextmanager
    def recording(self) -> Generator[set[str]]:
        """Collect what is read inside, for the caller too."""
        self.frames.append(set())
        try:
            yield self.frames[-1]
        finally:
            seen = self.frames.pop()
            self.touch_all(seen)

    @contextmanager
    def paused(self) -> Generator[None]:
        """Read something that no outcome depends on."""
        self.frames.append(set())
        try:
            yield
        finally:
            self.frames.pop()
