"""Reads the class hierarchies of installed libraries as text; nothing of them is ever imported."""

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from plumb.cache import LIBRARY, Cache
from plumb.index.extract import extract
from plumb.index.facts import EMPTY, ModuleFacts
from plumb.index.modules import ClassInfo, Module, Symbol
from plumb.index.names import Names
from plumb.parsing import Unreadable, decode, parse
from plumb.track import Tracker

STDLIB = Path(sysconfig.get_paths()["stdlib"])


class Environment:
    """The libraries below the given folders, the standard library of this interpreter last."""

    def __init__(self, folders: tuple[Path, ...], cache: Cache) -> None:
        self.cache = cache
        self.installed = folders
        self.folders = (*folders, STDLIB)
        self.names = Names(self, Tracker())
        self.modules: dict[str, Module] = {}
        self.packages = frozenset(_top_level(folders))

    def find_class(self, key: str) -> ClassInfo | None:
        """The class that `package.module.Name` imports, wherever it is defined."""
        top, _, rest = key.partition(".")
        path = self.find(top, "")
        symbol: Symbol | None = None if path is None or path.endswith("/") else self.module(path)
        for part in rest.split("."):
            if symbol is None:
                return None
            symbol = self.names.member(symbol, part)
        return symbol if isinstance(symbol, ClassInfo) else None

    def find(self, dotted: str, importer: str) -> str | None:  # noqa: ARG002 The Files protocol has it.
        tail = dotted.replace(".", "/")
        return next((found for folder in self.folders if (found := _at(folder / tail)) is not None), None)

    def relative(self, importer: str, level: int, dotted: str) -> str | None:
        folder = Path(importer).parents[level - 1]
        return _at(folder / dotted.replace(".", "/")) if dotted else _at(folder)

    def child(self, path: str, name: str) -> str | None:
        if path.endswith("/"):
            return _at(Path(path) / name)
        return _at(Path(path).parent / name) if path.endswith("/__init__.py") else None

    def module(self, path: str) -> Module:
        if path not in self.modules:
            self.modules[path] = Module(path, self._dotted(Path(path)), self._facts(Path(path)), library=True)
        return self.modules[path]

    def _facts(self, path: Path) -> ModuleFacts:
        """Installed files are told apart by size and time, without reading them; a broken one has no facts."""
        try:
            found = path.stat()
            stamp = (found.st_size, found.st_mtime_ns)
            known: tuple[tuple[int, int], ModuleFacts] | None = self.cache.get(f"{LIBRARY}{path}")
            if known is not None and known[0] == stamp:
                return known[1]
            parsed = parse(decode(path.read_bytes()))
        except (OSError, Unreadable):
            return EMPTY
        facts = extract(parsed.tree, parsed.text)
        self.cache.put(f"{LIBRARY}{path}", (stamp, facts))
        return facts

    def _dotted(self, path: Path) -> str:
        folder = next(folder for folder in self.folders if path.is_relative_to(folder))
        return ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")


def site_packages(root: Path, python: str | None) -> tuple[Path, ...]:
    """The library folders of the environment: `--python`, else VIRTUAL_ENV, else a `.venv` at or above *root*."""
    if python is not None:
        given = Path(python).expanduser()
        return tuple(_libraries(given if given.is_dir() else given.absolute().parent.parent))
    active = os.environ.get("VIRTUAL_ENV")
    candidates = [Path(active)] if active else []
    candidates += [folder / name for folder in (root, *root.parents) for name in (".venv", "venv")]
    for candidate in candidates:
        found = tuple(_libraries(candidate))
        if found:
            return found
    return ()


def _libraries(prefix: Path) -> Iterator[Path]:
    for pattern in (
        "lib/python3*/site-packages",
        "Lib/site-packages",
        "lib/python3*/dist-packages",
        "lib/python3/dist-packages",
    ):
        yield from sorted(path for path in prefix.glob(pattern) if path.is_dir())


def _top_level(folders: tuple[Path, ...]) -> Iterator[str]:
    for folder in folders:
        for name in (path.name for path in folder.iterdir()):
            if not name.endswith((".dist-info", ".pth", ".egg-info")) and not name.startswith((".", "_")):
                yield name.partition(".")[0]


def _at(stem: Path) -> str | None:
    for candidate in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")):
        if candidate.is_file():
            return str(candidate)
    return f"{stem}/" if stem.is_dir() else None
