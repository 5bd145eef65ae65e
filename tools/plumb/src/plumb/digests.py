"""What each thing that an outcome depends on looks like now, as coarsely as it was read; no file changes in a run."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from plumb.cache import Dependencies, digest
from plumb.index.modules import FunctionInfo
from plumb.index.shape import shapes
from plumb.parsing import Unreadable, decode
from plumb.track import BODY, DECLARED, EVERYTHING, PLACES, TEXT, VIEW, without_covered

if TYPE_CHECKING:
    from plumb.project import Project

LISTED = f"{EVERYTHING}."
_MISSING = "missing"


def text(path: str) -> str:
    """The text of a file."""
    return f"{path}{TEXT}"


def places(path: str) -> str:
    """Where the declarations in a file stand."""
    return f"{path}{PLACES}"


def body(function: FunctionInfo) -> str:
    """The text of one function, wherever it stands in its file."""
    return f"{function.path}{BODY}{function.fact.qualname}"


class Digests:
    def __init__(self, project: "Project") -> None:
        self.project = project
        self.raw: dict[str, str] = {}
        self.shapes: dict[str, str] = {}
        self.names: dict[str, dict[str, str]] = {}
        self.bodies: dict[str, dict[str, str]] = {}
        self.known: dict[str, str] = {}
        self.parts: dict[str, Callable[[str, str], str]] = {
            TEXT: lambda path, _: self.of_file(path),
            PLACES: lambda path, _: self._of_places(path),
            DECLARED: self._of_names,
            BODY: lambda path, qualname: self._bodies(path).get(qualname, _MISSING),
        }

    def of(self, dependency: str) -> str:
        """What a dependency looks like."""
        known = self.known.get(dependency)
        if known is None:
            known = self.known[dependency] = self._look(dependency)
        return known

    def of_all(self, dependencies: set[str]) -> Dependencies:
        """What each of them looks like, to be compared later; the names of one file as one."""
        return tuple((name, self.of(name)) for name in sorted(_together(dependencies)))

    def hold(self, dependencies: Dependencies) -> bool:
        """Whether all of them look as they did."""
        return all(self.of(name) == then for name, then in dependencies)

    def of_file(self, path: str) -> str:
        """What the bytes of a file look like."""
        if path not in self.raw:
            try:
                self.project.raw(path)
            except OSError:
                self.raw[path] = _MISSING
        return self.raw[path]

    def of_shape(self, path: str) -> str:
        """What the declarations in a file look like, wherever they stand."""
        if path not in self.shapes:
            key = f"shape {self.of_file(path)}"
            cache = self.project.cache
            known = cache.digest(key)
            self.shapes[path] = cache.put(key, self._read_names(path)) if known is None else known
        return self.shapes[path]

    def missing(self, path: str) -> None:
        """Note that there is no such file."""
        self.raw[path] = _MISSING

    @cached_property
    def _of_everything(self) -> str:
        return digest("".join(map(self.of_shape, self.project.paths)).encode())

    def _look(self, dependency: str) -> str:
        if dependency == EVERYTHING:
            return self._of_everything
        if dependency.startswith(VIEW):
            return self.project.views.digest(dependency)
        if dependency.startswith(LISTED):
            return digest("\n".join(self.project.files(dependency[1:])).encode())
        for mark, look in self.parts.items():
            path, marked, names = dependency.partition(mark)
            if marked:
                return look(path, names)
        return self.of_shape(dependency)

    def _of_names(self, path: str, names: str) -> str:
        """What a file declares under these names."""
        self.of_shape(path)
        if path not in self.names:
            known: dict[str, str] | None = self.project.cache.get(f"shape {self.of_file(path)}")
            self.names[path] = self._read_names(path) if known is None else known
        return digest(" ".join(self.names[path].get(name, _MISSING) for name in names.split()).encode())

    def _read_names(self, path: str) -> dict[str, str]:
        return {name: digest(text.encode()) for name, text in shapes(self.project.facts(path)).items()}

    def _of_places(self, path: str) -> str:
        key = f"facts {self.of_file(path)}"
        if not self.project.cache.has(key):
            self.project.facts(path)
        return self.project.cache.digest(key) or _MISSING

    def _bodies(self, path: str) -> dict[str, str]:
        """The digests of the functions in a file; definitions of the same name have one together."""
        if path not in self.bodies:
            key = f"bodies {self.of_file(path)}"
            known: dict[str, str] | None = self.project.cache.get(key)
            if known is None:
                known = self._read_bodies(path)
                self.project.cache.put(key, known)
            self.bodies[path] = known
        return self.bodies[path]

    def _read_bodies(self, path: str) -> dict[str, str]:
        source = self.project.trees.get(path)
        try:
            known = source.text if source is not None and not source.rewritten else decode(self.project.raw(path))
        except (OSError, Unreadable):
            return {}
        lines = known.split("\n")
        texts: dict[str, list[str]] = {}
        for fact in self.project.facts(path).functions:
            texts.setdefault(fact.qualname, []).extend(lines[fact.line - 1 : fact.end_line])
        return {name: digest("\n".join(found).encode()) for name, found in texts.items()}


def _together(dependencies: set[str]) -> set[str]:
    """The dependencies with one for all names of a file, and none where that file counts as a whole."""
    found: set[str] = set()
    names: dict[str, list[str]] = {}
    for one in sorted(without_covered(dependencies)):
        path, mark, name = one.partition(DECLARED)
        if not mark or one.startswith(VIEW):
            found.add(one)
        elif path not in dependencies:
            names.setdefault(path, []).append(name)
    return found | {f"{path}{DECLARED}{' '.join(of_path)}" for path, of_path in names.items()}
