"""The one class of the project that does what an abstract class or a protocol only declares."""

import ast
from typing import TYPE_CHECKING

from plumb.analysis.orm.home import home_of
from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

PROTOCOLS = ("typing.Protocol", "typing_extensions.Protocol")


def is_declared_only(project: "Project", function: FunctionInfo) -> bool:
    """Whether a method has no body of its own."""
    if any(text.text.rpartition(".")[2] == "abstractmethod" for text in function.fact.decorators):
        return True
    key = ("declared only", function.path, function.key)
    return project.memo(key, lambda: [_has_no_body(project, function)])[0]


def implementation(project: "Project", owner: ClassInfo, name: str) -> tuple[ClassInfo, FunctionInfo] | None:
    """The class that implements a method, if there is exactly one."""
    return _of(project, owner.path, owner.fact.qualname, name)


@view
def _of(project: "Project", path: str, qualname: str, name: str) -> tuple[ClassInfo, FunctionInfo] | None:
    owner = project.module(path).class_(qualname)
    if owner is None:
        return None
    candidates = [one for one in _having(project).get(name, []) if one != owner]
    below = [one for one in candidates if project.hierarchy.is_subclass(one, owner) is True]
    if not below and project.hierarchy.inherits(owner, *PROTOCOLS):
        below = [one for one in candidates if set(owner.fact.methods) <= set(one.fact.methods)]
    made = [(one, one.module.function(f"{one.fact.qualname}.{name}")) for one in below]
    found = [(one, function) for one, function in made if function and not is_declared_only(project, function)]
    return found[0] if len(found) == 1 else None


def _having(project: "Project") -> dict[str, list[ClassInfo]]:
    """The classes of the application by the methods that they define."""
    return project.memo(("classes by method",), lambda: _by_method(project))


def _by_method(project: "Project") -> dict[str, list[ClassInfo]]:
    found: dict[str, list[ClassInfo]] = {}
    for module in project.modules():
        if project.kind(module.path) == "app":
            for owner in module.classes():
                for name in owner.fact.methods:
                    found.setdefault(name, []).append(owner)
    return found


def _has_no_body(project: "Project", function: FunctionInfo) -> bool:
    home = home_of(project, function)
    body = home.node.body if home is not None and home.node is not None else []
    return bool(body) and all(_says_nothing(one) for one in body)


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        return "NotImplementedError" in ast.dump(node)
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
