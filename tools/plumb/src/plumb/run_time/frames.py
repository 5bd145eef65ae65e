"""The lines of code that are running: of this greenlet, and of those that wait for it."""

import inspect
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

STANDARD = sysconfig.get_path("stdlib")
OWN = str(Path(__file__).parents[1])
_NOT_OURS = ("site-packages", "dist-packages", "<")

Frames = Iterator[tuple[FrameType, int]]


def running() -> Frames:
    """The frames of the running greenlet, the innermost first."""
    return traceback.walk_stack(inspect.currentframe())


def everywhere() -> Frames:
    """The frames of the running greenlet and of those that wait for it."""
    from greenlet import getcurrent  # noqa: PLC0415 - installed wherever an asynchronous session runs

    yield from running()
    above = getcurrent().parent
    while above is not None and above.gr_frame is not None:
        yield from traceback.walk_stack(above.gr_frame)
        above = above.parent


def line(frames: Frames) -> str:
    """The innermost line that belongs to no library, as `path:line`."""
    for frame, number in frames:
        path = frame.f_code.co_filename
        if not path.startswith((STANDARD, OWN)) and not any(part in path for part in _NOT_OURS):
            return f"{_shown(path)}:{number}"
    return ""


def split(place: str) -> tuple[str, int]:
    """The path and the number of a line."""
    path, _, number = place.rpartition(":")
    return path, int(number)


def _shown(path: str) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
