"""Finds the files of a project: no hidden folders, no environments, no symlinked folders."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist", "venv", "env"})


def find_files(root: Path, suffix: str, exclude: Iterable[str] = ()) -> list[str]:
    """The paths below *root* that end in *suffix*, relative to it, with `/`, sorted."""
    patterns = tuple(exclude)
    return sorted(path for path in _walk(root, suffix) if not matches(path, patterns))


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a glob names *path*, one of its folders, or (without a slash) its last part."""
    parts = path.split("/")
    prefixes = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for pattern in patterns:
        plain = pattern.removeprefix("./").removesuffix("/**").rstrip("/")
        candidates = prefixes if "/" in plain else [*prefixes, *parts]
        if any(fnmatchcase(candidate, plain) for candidate in candidates):
            return True
        if plain.startswith("**/") and matches(path, (plain.removeprefix("**/"),)):
            return True
    return False


def _walk(root: Path, suffix: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_searched(Path(folder, name)))
        relative = Path(folder).relative_to(root).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        yield from (f"{prefix}{name}" for name in names if name.endswith(suffix) and not name.startswith("."))


def _is_searched(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.is_symlink():
        return False
    return folder.name not in SKIPPED_FOLDERS and not (folder / "pyvenv.cfg").exists()
