"""A project under check: its files, their facts and trees, and the names and classes in them."""

from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from plumb.cache import Cache, digest
from plumb.config import Config
from plumb.discovery import find_files, matches
from plumb.environment import Environment
from plumb.index.extract import extract
from plumb.index.facts import EMPTY, ModuleFacts
from plumb.index.hierarchy import Hierarchy
from plumb.index.locate import Locator
from plumb.index.modules import Module
from plumb.index.names import Names
from plumb.index.shape import shape
from plumb.parsing import Unreadable, decode, parse
from plumb.source import SourceFile
from plumb.track import Tracker

Value = TypeVar("Value")

TREES_KEPT_LINES = 60_000
EVERYTHING = "*"
TEXT = " (text)"
PLACES = " (places)"


class Project:
    def __init__(self, root: Path, config: Config, paths: list[str], cache: Cache, environment: Environment) -> None:
        self.root = root
        self.config = config
        self.paths = paths
        self.cache = cache
        self.environment = environment
        self.sql_paths = find_files(root, ".sql", config.strings("exclude"))
        self.tracker = Tracker()
        self.names = Names(self, self.tracker)
        self.locator = Locator(paths, config.strings("source-roots"), environment.packages)
        self.hierarchy = Hierarchy(self)
        self.broken: dict[str, Unreadable] = {}
        self.kinds: dict[str, str] = {}
        self.raw_digests: dict[str, str] = {}
        self.fact_digests: dict[str, str] = {}
        self.shapes: dict[str, str] = {}
        self.loaded: dict[str, Module] = {}
        self.sources: dict[str, SourceFile] = {}
        self.kept_lines = 0
        self.remembered: dict[Hashable, tuple[Any, set[str]]] = {}
        self.diff_base: str | None = None

    def find(self, dotted: str, importer: str) -> str | None:
        return self.locator.find(dotted, importer)

    def relative(self, importer: str, level: int, dotted: str) -> str | None:
        return self.locator.relative(importer, level, dotted)

    def child(self, path: str, name: str) -> str | None:
        return self.locator.child(path, name)

    def module(self, path: str) -> Module:
        """The facts of a file of the project; a broken file has none."""
        self.tracker.touch(path)
        if path not in self.loaded:
            self.loaded[path] = Module(path, self.locator.dotted(path), self._facts(path))
        return self.loaded[path]

    def modules(self) -> Iterator[Module]:
        """Every module. What asks this is checked anew when any file's facts change."""
        self.tracker.touch(EVERYTHING)
        with self.tracker.paused():
            for path in self.paths:
                yield self.module(path)

    def source(self, path: str) -> SourceFile | None:
        """A file with its tree; None when it is broken, which is reported for itself."""
        self.tracker.touch(f"{path}{TEXT}")
        found = self.sources.get(path)
        if found is None:
            found = self._open(path)
            if found is None:
                return None
            self._keep_source(found)
        return found

    def touch_text(self, path: str) -> None:
        """Note that an outcome depends on the text of a file, for those who read it without its tree."""
        self.tracker.touch(f"{path}{TEXT}")

    def touch_places(self, path: str) -> None:
        """Note that an outcome names a place in a file: whatever else is read of its facts has none."""
        self.tracker.touch(f"{path}{PLACES}")

    def release(self, path: str) -> None:
        """Drop the tree of a file that has been checked, once its facts are known, to make room for those to come."""
        if self.cache.digest(f"facts {self.raw_digest(path)}") is None:
            self._facts(path)
        found = self.sources.pop(path, None)
        if found is not None:
            self.kept_lines -= len(found.lines.lines)

    def memo(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The value of *compute*, once per run; whoever asks depends on all that it read."""
        known = self.remembered.get(key)
        if known is None:
            with self.tracker.recording() as seen:
                value = compute()
            known = self.remembered[key] = (value, seen)
        self.tracker.touch_all(known[1])
        return known[0]

    def kind(self, path: str) -> str:
        """What a file is for, by its path alone: "test", "migration" or "app"."""
        if path not in self.kinds:
            is_migration = matches(path, self.config.strings("migrations"))
            is_test = matches(path, self.config.strings("tests"))
            self.kinds[path] = "test" if is_test else "migration" if is_migration else "app"
        return self.kinds[path]

    def sql_files(self) -> dict[str, str]:
        """The text of every `.sql` file below the root, by path; every outcome depends on them."""
        return self.memo((".sql",), lambda: {path: self.raw(path).decode(errors="replace") for path in self.sql_paths})

    def text(self, path: str) -> str | None:
        """The text of any file below the root, such as `pytest.ini`; None when there is none."""
        self.tracker.touch(f"{path}{TEXT}")
        try:
            return self.raw(path).decode(errors="replace")
        except OSError:
            self.raw_digests[path] = "missing"
            return None

    def raw(self, path: str) -> bytes:
        content = (self.root / path).read_bytes()
        self.raw_digests[path] = digest(content)
        return content

    def digest_of(self, dependency: str) -> str:
        """What a dependency noted by the tracker looks like now."""
        if dependency == EVERYTHING:
            return digest("".join(map(self._shape, self.paths)).encode())
        if dependency.endswith(TEXT):
            return self.raw_digest(dependency.removesuffix(TEXT))
        if dependency.endswith(PLACES):
            return self._fact_digest(dependency.removesuffix(PLACES))
        return self._shape(dependency)

    def raw_digest(self, path: str) -> str:
        if path not in self.raw_digests:
            try:
                self.raw(path)
            except OSError:
                self.raw_digests[path] = "missing"
        return self.raw_digests[path]

    def _shape(self, path: str) -> str:
        if path not in self.shapes:
            key = f"shape {self.raw_digest(path)}"
            known = self.cache.digest(key)
            self.shapes[path] = self.cache.put(key, shape(self._facts(path))) if known is None else known
        return self.shapes[path]

    def _fact_digest(self, path: str) -> str:
        if path not in self.fact_digests:
            key = f"facts {self.raw_digest(path)}"
            self.fact_digests[path] = self.cache.digest(key) or self._digest_after_reading(path)
        return self.fact_digests[path]

    def _digest_after_reading(self, path: str) -> str:
        self._facts(path)
        return self.cache.digest(f"facts {self.raw_digest(path)}") or "broken"

    def _facts(self, path: str) -> ModuleFacts:
        known = self.cache.get(f"facts {self.raw_digest(path)}")
        if known is not None:
            return known
        with self.tracker.paused():
            source = self.source(path)
        if source is None:
            return EMPTY
        facts = extract(source.tree, source.text)
        self.cache.put(f"facts {self.raw_digest(path)}", facts)
        return facts

    def _open(self, path: str) -> SourceFile | None:
        try:
            return SourceFile(self, path, parse(decode(self.raw(path))))
        except OSError as error:
            self.broken[path] = Unreadable(f"cannot be read: {error.strerror or error}")
        except Unreadable as error:
            self.broken[path] = error
        return None

    def _keep_source(self, source: SourceFile) -> None:
        """Keep a tree while there is room: files are checked in the order they are first read."""
        lines = len(source.lines.lines)
        if self.kept_lines + lines <= TREES_KEPT_LINES:
            self.sources[source.path] = source
            self.kept_lines += lines
