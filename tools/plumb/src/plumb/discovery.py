"""Finds the files of a project: no hidden folders, no environments, no symlinked folders."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist", "venv", "env"})


def find_files(root: Path, suffix: str, exclude: Iterable[str] = ()) -> list[str]:
    """The paths below *root* that end in *suffix*, relative to it, with `/`, sorted."""
    patterns = tuple(exclude)
    return sorted(path for path in _walk(root, suffix) if not matches(path, patterns))


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a glob names *path*, one of its folders, or (without a slash) its last part."""
    return _matches(path, tuple(patterns))


@lru_cache(maxsize=20_000)
def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Files share their folders, so what is known of these is remembered."""
    folder, _, name = path.rpartition("/")
    if folder and _matches(folder, patterns):
        return True
    return any(
        fnmatchcase(path, plain) or ("/" not in plain and fnmatchcase(name, plain)) for plain in _plain(patterns)
    )


@lru_cache(maxsize=100)
def _plain(patterns: tuple[str, ...]) -> list[str]:
    """The globs without what says that folders are meant; `**/` may stand for no folder at all."""
    found: list[str] = []
    for pattern in patterns:
        plain = pattern.removeprefix("./").removesuffix("/**").rstrip("/")
        found.append(plain)
        while plain.startswith("**/"):
            plain = plain.removeprefix("**/")
            found.append(plain)
    return found


def _walk(root: Path, suffix: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_searched(folder, name))
        relative = Path(folder).relative_to(root).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        yield from (f"{prefix}{name}" for name in names if name.endswith(suffix) and not name.startswith("."))


def _is_searched(above: str, name: str) -> bool:
    if name.startswith(".") or name in SKIPPED_FOLDERS:
        return False
    folder = Path(above, name)
    return not folder.is_symlink() and not (folder / "pyvenv.cfg").exists()
