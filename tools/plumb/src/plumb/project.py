"""A project under check: its files, their facts and trees, and the names and classes in them."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from plumb import digests
from plumb.cache import Cache, digest
from plumb.config import Config
from plumb.digests import Digests
from plumb.discovery import find_files, matches
from plumb.environment import Environment
from plumb.index.extract import extract
from plumb.index.facts import EMPTY, ModuleFacts
from plumb.index.hierarchy import Hierarchy
from plumb.index.locate import Locator
from plumb.index.modules import FunctionInfo, Module
from plumb.index.names import Names
from plumb.parsing import Unreadable, decode, parse
from plumb.source import FunctionNode, SourceFile
from plumb.track import EVERYTHING, Memo, Tracker
from plumb.trees import Trees
from plumb.views import Views


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
        self.digests = Digests(self)
        self.views = Views(self)
        self.loaded: dict[str, Module] = {}
        self.listed: dict[str, list[str]] = {}
        self.memo = Memo(self.tracker)
        self.diff_base: str | None = None

    @cached_property
    def trees(self) -> Trees:
        """The trees in memory, more of them in a small project."""
        return Trees(sum(self.size(path) for path in self.paths))

    @cached_property
    def setup(self) -> str:
        """What every outcome depends on: the settings, which files there are and what is installed."""
        installed = [(str(folder), folder.stat().st_mtime_ns) for folder in self.environment.installed]
        sql = [self.digests.of_file(path) for path in self.sql_paths]
        return digest(repr((self.config, self.paths, installed, sql)).encode())

    def find(self, dotted: str, importer: str) -> str | None:
        return self.locator.find(dotted, importer)

    def relative(self, importer: str, level: int, dotted: str) -> str | None:
        return self.locator.relative(importer, level, dotted)

    def child(self, path: str, name: str) -> str | None:
        return self.locator.child(path, name)

    def module(self, path: str) -> Module:
        """The facts of a file of the project; a broken file has none."""
        if path not in self.loaded:
            self.loaded[path] = Module(path, self.locator.dotted(path), self.facts(path), self.tracker)
        return self.loaded[path]

    def modules(self) -> Iterator[Module]:
        """Every module. What asks this is checked anew when any file's facts change."""
        self.tracker.touch(EVERYTHING)
        yield from map(self.module, self.paths)

    def open_all(self) -> None:
        """Have the facts of all files at hand, once for all processes that are started afterwards."""
        with self.tracker.apart():
            for path in self.paths:
                self.module(path)

    def source(self, path: str) -> SourceFile | None:
        """A file with its tree; None when it is broken, which is reported for itself."""
        self.tracker.touch(digests.text(path))
        return self._source(path)

    def definition(self, function: FunctionInfo) -> FunctionNode | None:
        """The tree of a function, for what depends on its body alone; None in a library or a broken file."""
        if function.module.library:
            return None
        self.touch_body(function)
        source = self._source(function.path)
        return None if source is None else source.definition(function.fact.line, function.name)

    def touch_text(self, path: str) -> None:
        """Note that an outcome depends on the text of a file, for those who read it without its tree."""
        self.tracker.touch(digests.text(path))

    def touch_body(self, function: FunctionInfo) -> None:
        """Note that an outcome depends on what one function does."""
        self.tracker.touch(digests.body(function))

    def touch_places(self, path: str) -> None:
        """Note that an outcome names a place in a file: whatever else is read of its facts has none."""
        self.tracker.touch(digests.places(path))

    def release(self, path: str) -> None:
        """Let go of the tree of a file that has been checked, once its facts are known."""
        if not self.is_read(path):
            self.facts(path)
        self.trees.release(path)

    def is_read(self, path: str) -> bool:
        """Whether the facts of a file are known."""
        return self.cache.has(f"facts {self.digests.of_file(path)}")

    def read(self, path: str) -> None:
        """Leave the facts of a file in the cache."""
        self.digests.of_shape(path)

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

    def files(self, suffix: str) -> list[str]:
        """The paths of the files that end in *suffix*, such as ".md"; what asks depends on which there are."""
        self.tracker.touch(f"{EVERYTHING}{suffix}")
        if suffix not in self.listed:
            self.listed[suffix] = find_files(self.root, suffix, self.config.strings("exclude"))
        return self.listed[suffix]

    def text(self, path: str) -> str | None:
        """The text of any file below the root, such as `pytest.ini`; None when there is none."""
        self.tracker.touch(digests.text(path))
        try:
            return self.raw(path).decode(errors="replace")
        except OSError:
            self.digests.missing(path)
            return None

    def size(self, path: str) -> int:
        """The bytes of a file; none if it has gone."""
        try:
            return (self.root / path).stat().st_size
        except OSError:
            return 0

    def raw(self, path: str) -> bytes:
        content = (self.root / path).read_bytes()
        self.digests.raw[path] = digest(content)
        return content

    def facts(self, path: str) -> ModuleFacts:
        """The facts of a file, for those who note themselves what they depend on."""
        known = self.cache.get(f"facts {self.digests.of_file(path)}")
        if known is not None:
            return known
        source = self._source(path)
        if source is None:
            return EMPTY
        self.trees.wait(source)
        facts = extract(source.tree, source.text)
        self.cache.put(f"facts {self.digests.of_file(path)}", facts)
        return facts

    def _source(self, path: str) -> SourceFile | None:
        found = self.trees.get(path)
        if found is None:
            found = self._open(path)
            if found is not None:
                self.trees.use(found)
        return found

    def _open(self, path: str) -> SourceFile | None:
        try:
            return SourceFile(self, path, parse(decode(self.raw(path))))
        except OSError as error:
            self.broken[path] = Unreadable(f"cannot be read: {error.strerror or error}")
        except Unreadable as error:
            self.broken[path] = error
        return None
