"""Values that are found out once for the whole project: who asks for one depends on the value, not on its making.

So a class more somewhere is looked at by what makes the values anew, and by nobody whose values are the same as before.
"""

import ast
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, cast

from plumb.cache import Kept, digest
from plumb.findings import Place
from plumb.index.modules import ClassInfo, FunctionInfo, Module, ValueInfo
from plumb.track import VIEW, without_covered

if TYPE_CHECKING:
    from plumb.project import Project

_BETWEEN = "\n"
_PLACES = frozenset({"line", "column", "end_line", "end_column"})
Value = TypeVar("Value")
Texts = TypeVarTuple("Texts")
_declared: dict[str, Callable[..., object]] = {}


def view(compute: "Callable[[Project, *Texts], Value]") -> "Callable[[Project, *Texts], Value]":
    """Declare a function of the project, and of lines of text, whose value is to be a view."""
    name = f"{compute.__module__}.{compute.__qualname__}"
    _declared[name] = compute

    @wraps(compute)
    def ask(project: "Project", *texts: *Texts) -> Value:
        return cast("Value", project.views.value(name, cast("tuple[str, ...]", texts)))

    return ask


class Views:
    def __init__(self, project: "Project") -> None:
        self.project = project
        self.made: dict[str, tuple[object, set[str]]] = {}

    def value(self, name: str, texts: tuple[str, ...]) -> object:
        """The value, found out once per run."""
        dependency = _BETWEEN.join((f"{VIEW}{name}", *texts))
        self.project.tracker.touch(dependency)
        return self._made(dependency)[0]

    def digest(self, dependency: str) -> str:
        """What a value looks like: as before while all that it was made of does."""
        key = f"view {dependency} {self.project.setup}"
        if dependency not in self.made:
            kept: Kept | None = self.project.cache.get(key)
            if kept is not None and self.project.digests.hold(kept.dependencies):
                return kept.digest
            if dependency.removeprefix(VIEW).partition(_BETWEEN)[0] not in _declared:
                return "unknown"
        value, seen = self._made(dependency)
        looks = digest(_look(value, self.project).encode())
        self.project.cache.put(key, Kept(self.project.digests.of_all(seen), looks))
        return looks

    def _made(self, dependency: str) -> tuple[object, set[str]]:
        if dependency not in self.made:
            name, *texts = dependency.removeprefix(VIEW).split(_BETWEEN)
            with self.project.tracker.apart() as seen:
                value = _declared[name](self.project, *texts)
            self.made[dependency] = (value, without_covered(seen))
        return self.made[dependency]


def _look(value: object, project: "Project") -> str:
    """A text that differs wherever what can be read of the value does; the places of declarations are left out.

    Behind a class, function or constant of the project stands all that is declared under its name.
    """
    words: list[str] = []
    dumped: dict[ast.AST, str] = {}
    pending: list[object] = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, ClassInfo | FunctionInfo | ValueInfo):
            declared = "" if one.module.library else project.digests.of(one.module.note_of(one.qualname))
            words.append(f"{one.key} {declared}")
        elif (parts := _parts(one)) is not None:
            words.append(f"{type(one).__name__} {len(parts)}")
            pending += parts
        elif isinstance(one, Module):
            words.append(one.path if one.library else project.digests.of_shape(one.path))
        elif isinstance(one, ast.AST):
            dumped[one] = dumped.get(one) or ast.dump(one, include_attributes=True)
            words.append(dumped[one])
        elif one is not project:
            words.append(repr(one))
    return "\n".join(words)


def _parts(value: Any) -> list[object] | None:
    """What a value is made of; None for a plain one."""
    names: tuple[str, ...] = getattr(value, "_fields", ())
    parts: list[object] | None = None
    if names and not isinstance(value, Place | ast.AST):
        parts = [getattr(value, name) for name in names if name not in _PLACES]
    elif type(value) is dict:
        parts = list(cast("dict[object, object]", value).items())
    elif type(value) is set or type(value) is frozenset:
        parts = sorted(cast("set[Any]", value))
    elif type(value) is list or type(value) is tuple:
        parts = list(cast("list[object]", value))
    elif is_dataclass(value):
        parts = [getattr(value, one.name) for one in fields(value)]
    return parts
