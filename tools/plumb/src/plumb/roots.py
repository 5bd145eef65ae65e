"""Which folder is the project that some paths belong to: all files in it are read, however few are checked."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from plumb.config import has_settings
from plumb.discovery import find_files

MARKS = (".git", "pyproject.toml", "setup.py", "alembic.ini")
_IMPORTS = re.compile(
    r"^[ \t]*(?:(?:from|import)[ \t]+(\w+)\.(\w+)|from[ \t]+(\w+)[ \t]+import[ \t(]+(\w+))", re.MULTILINE
)


def find_roots(starts: Iterable[Path]) -> dict[Path, list[Path]]:
    """The projects of these files and folders, each with its share of them; those in no marked folder are in one."""
    found: dict[Path | None, list[Path]] = defaultdict(list)
    for start in starts:
        found[_marked(start)].append(start)
    return {_unmarked(paths) if root is None else root: paths for root, paths in found.items()}


def find_root(start: Path) -> Path:
    """The project of one file or folder."""
    return next(iter(find_roots([start])))


def _marked(start: Path) -> Path | None:
    """The folder of the nearest pyproject.toml with `[tool.plumb]`, else the repository or project around *start*.

    Of a repository that holds several projects side by side, the one.
    """
    above = list(_upwards(_folder(start)))
    settled = next((folder for folder in above if has_settings(folder)), None)
    marked = (next((folder for folder in above if (folder / mark).exists()), None) for mark in MARKS)
    root = settled or next((folder for folder in marked if folder is not None), None)
    if root is None or root == settled:
        return root
    inside = above[: above.index(root)]
    return next((folder for folder in inside if _is_shelf(folder.parent)), root)


@cache
def _is_shelf(folder: Path) -> bool:
    """Whether two folders in it import themselves by the same name, and so cannot be one project."""
    holders: dict[str, list[Path]] = defaultdict(list)
    for inner in (one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")):
        for name in {one.stem for one in inner.iterdir() if one.suffix == ".py" or one.is_dir()}:
            holders[name].append(inner)
    shared = {name: inners for name, inners in holders.items() if len(inners) > 1}
    return any(sum(_imports_itself(inner, name) for inner in inners) > 1 for name, inners in shared.items())


def _imports_itself(folder: Path, name: str) -> bool:
    return any(first == name and _holds(folder / name, second) for first, second in _imports(folder))


def _unmarked(starts: list[Path]) -> Path:
    """The folder that holds the paths, and the packages that they are in or import themselves by."""
    shared = Path(os.path.commonpath([_folder(start) for start in starts]))
    imported = {pair for start in starts for pair in _imports(start)}
    for folder in _upwards(shared):
        inside = (second for first, second in imported if first == folder.name)
        if not (folder / "__init__.py").exists() and not any(_holds(folder, name) for name in inside):
            return folder
    return shared


@cache
def _imports(start: Path) -> frozenset[tuple[str, str]]:
    """The first two parts of what the files of a path import."""
    files = [start] if start.is_file() else [start / path for path in find_files(start, ".py")]
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return frozenset((one[1] or one[3], one[2] or one[4]) for text in texts for one in _IMPORTS.finditer(text))


def _holds(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").exists() or (folder / name).is_dir()


def _folder(start: Path) -> Path:
    return start if start.is_dir() else start.parent


def _upwards(folder: Path) -> Iterator[Path]:
    yield from (folder, *folder.parents)
