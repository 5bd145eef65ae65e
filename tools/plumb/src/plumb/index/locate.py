"""Maps the dotted names of imports to the files of a project, without being told where its source roots are."""

import sys
from collections.abc import Collection, Iterable, Iterator
from posixpath import dirname, normpath


class Locator:
    """*outside* names top-level packages that are installed and so never looked for in unlikely folders."""

    def __init__(self, paths: Iterable[str], source_roots: Iterable[str], outside: Collection[str]) -> None:
        self.paths = frozenset(paths)
        self.folders: frozenset[str] = frozenset(folder for path in self.paths for folder in _parents(path))
        self.outside = frozenset(outside) | sys.stdlib_module_names
        packages = (self._root_of(path) for path in self.paths if path.endswith("/__init__.py"))
        self.likely_roots = frozenset(["", *map(_clean, source_roots), *packages])
        self.found: dict[tuple[str, str], str | None] = {}
        self.near: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def find(self, dotted: str, importer: str) -> str | None:
        """The file that `import dotted` reads in *importer*; a folder without `__init__.py` ends in "/"."""
        key = (dotted, dirname(importer))
        if key not in self.found:
            likely, unlikely = self._roots_near(key[1])
            roots = likely if dotted.partition(".")[0] in self.outside else (*likely, *unlikely)
            tail = dotted.replace(".", "/")
            places = (self._at(_join(root, tail)) for root in roots)
            self.found[key] = next((found for found in places if found is not None), None)
        return self.found[key]

    def relative(self, importer: str, level: int, dotted: str) -> str | None:
        """The file that `from ..dotted import` reads, *level* counting the dots."""
        parts = importer.split("/")
        if level > len(parts):
            return None
        folder = "/".join(parts[:-level])
        return self._at(_join(folder, dotted.replace(".", "/")) if dotted else folder)

    def child(self, path: str, name: str) -> str | None:
        """The submodule *name* of the package at *path*."""
        if path.endswith("/"):
            return self._at(f"{path}{name}".lstrip("/"))
        return self._at(_join(dirname(path), name)) if path.rpartition("/")[2] == "__init__.py" else None

    def dotted(self, path: str) -> str:
        """The name the file is most likely imported by."""
        root = self._root_of(path)
        inner = path[len(root) :].lstrip("/") if root else path
        return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def _at(self, stem: str) -> str | None:
        for candidate in (_join(stem, "__init__.py"), f"{stem}.py"):
            if candidate in self.paths:
                return candidate
        return f"{stem}/" if stem in self.folders or not stem else None

    def _root_of(self, path: str) -> str:
        """The first folder above the file that is no package."""
        folder = dirname(path)
        while folder and f"{folder}/__init__.py" in self.paths:
            folder = dirname(folder)
        return folder

    def _roots_near(self, folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The source roots, nearest to *folder* first, and the plain folders above it that may be roots too."""
        if folder not in self.near:
            above = [
                parent
                for parent in _parents(f"{folder}/x" if folder else "")
                if parent not in self.likely_roots and f"{parent}/__init__.py" not in self.paths
            ]
            likely = sorted(self.likely_roots, key=lambda root: (-_shared(root, folder), root.count("/"), root))
            self.near[folder] = (tuple(likely), tuple(reversed(above)))
        return self.near[folder]


def _parents(path: str) -> Iterator[str]:
    folder = dirname(path)
    while folder:
        yield folder
        folder = dirname(folder)


def _clean(root: str) -> str:
    cleaned = normpath(root)
    return "" if cleaned == "." else cleaned


def _join(folder: str, tail: str) -> str:
    return f"{folder}/{tail}" if folder else tail


def _shared(first: str, second: str) -> int:
    """How many leading folders two paths share."""
    count = 0
    for one, other in zip(first.split("/"), second.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
