"""Where a patch in a test leads."""

import ast
from typing import NamedTuple

from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, External, Module, Package
from plumb.index.names import BUILTINS, dotted_name
from plumb.index.scope import argument, keyword
from plumb.source import SourceFile

MOCK = "unittest.mock."
FILLING = frozenset({"globals", "setattr", "vars"})


class Patch(NamedTuple):
    """`home` is the module whose own attribute is patched, None for the attribute of a class or something unknown."""

    node: ast.Call
    target: str
    owner: Module | ClassInfo | None
    home: Module | None
    lost: str


def patch_of(node: ast.Call, file: SourceFile) -> Patch | None:
    """The patch that a call makes, if its target lies in the project and can be read."""
    if last_name(node) not in {"patch", "object", "setattr"} or _is_lenient(node):
        return None
    func = _called(node, file)
    if func in {"patch.object", "mock.patch.object", "mocker.patch.object"} or (
        func == "monkeypatch.setattr" and len(node.args) == 3  # noqa: PLR2004 - target, name, value
    ):
        return _of_object(node, file)
    if func in {"patch", "mock.patch", "mocker.patch", "monkeypatch.setattr"}:
        target = argument(node, "target", 0)
        text = target.value if isinstance(target, ast.Constant) else None
        return _of_text(node, text, file) if isinstance(text, str) and "." in text else None
    return None


def _called(node: ast.Call, file: SourceFile) -> str:
    """The name of the function, `patch` of `unittest.mock` under whatever name it is imported."""
    symbol = file.resolve(node.func)
    key = symbol.key if isinstance(symbol, External) else ""
    return key.removeprefix(MOCK) if key.startswith(MOCK) else dotted_name(node.func)


def missing(patch: Patch, file: SourceFile) -> str:
    """What is wrong with a target that certainly does not exist, else nothing."""
    if patch.lost or patch.owner is None:
        return patch.lost
    name = patch.target.rpartition(".")[2]
    if isinstance(patch.owner, Module):
        return "" if name in BUILTINS or _has(patch.owner, name, file) else f"`{patch.owner.dotted}` has no `{name}`"
    return "" if _has_member(patch.owner, name, file) else f"`{patch.owner.name}` has no `{name}`"


def _of_text(node: ast.Call, text: str, file: SourceFile) -> Patch | None:
    """Walk the dotted target: packages and modules first, then at most one class."""
    project, parts = file.project, text.split(".")
    path = project.find(parts[0], file.path)
    if path is None:
        return None
    owner: Module | ClassInfo | Package = Package(path, file.path) if path.endswith("/") else project.module(path)
    for place, part in enumerate(parts[1:-1], start=1):
        lost = isinstance(owner, Package) and project.names.member(owner, part) is None
        if lost or (isinstance(owner, Module) and not _has(owner, part, file)):
            gone = "" if _elsewhere(parts[: place + 1], file) else f"there is no `{'.'.join(parts[: place + 1])}`"
            return Patch(node, text, None, None, gone)
        symbol = project.names.member(owner, part)
        if not isinstance(symbol, Module | ClassInfo | Package):
            return None
        owner = symbol
    if isinstance(owner, Package):
        return None
    return Patch(node, text, owner, owner if isinstance(owner, Module) and _defines(owner, parts[-1]) else None, "")


def _elsewhere(parts: list[str], file: SourceFile) -> bool:
    """Whether another folder of the repository holds a module of this name, as namespace packages do."""
    end = "/".join(parts)
    return any(f"/{path}".find(f"/{end}/") >= 0 or f"/{path}".endswith(f"/{end}.py") for path in file.project.paths)


def _of_object(node: ast.Call, file: SourceFile) -> Patch | None:
    name = node.args[1] if len(node.args) > 1 else None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str) or not dotted_name(node.args[0]):
        return None
    owner = file.resolve(node.args[0])
    if not isinstance(owner, Module | ClassInfo):
        return None
    home = owner if isinstance(owner, Module) and _defines(owner, name.value) else None
    library = owner.library if isinstance(owner, Module) else owner.module.library
    return None if library else Patch(node, f"{ast.unparse(node.args[0])}.{name.value}", owner, home, "")


def _is_lenient(node: ast.Call) -> bool:
    create, raising = keyword(node, "create"), keyword(node, "raising")
    return create is not None or raising is not None or any(word.arg is None for word in node.keywords)


def _has(module: Module, name: str, file: SourceFile) -> bool:
    """Whether a module has an attribute, or may have one."""
    if ("", name) in module.bindings or module.stars or ("", "__getattr__") in module.bindings:
        return True
    if file.project.names.member(module, name) is not None or (name.startswith("__") and name.endswith("__")):
        return True
    source = file.project.source(module.path)
    return source is None or "sys.modules" in source.text or _stores(source.tree, name)


def _stores(tree: ast.AST, name: str) -> bool:
    """Whether a tree binds the name anywhere, in whatever way, or fills its own namespace by key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and (node.id in FILLING or (node.id == name and isinstance(node.ctx, ast.Store))):
            return True
        if isinstance(node, ast.Global) and name in node.names:
            return True
        if isinstance(node, ast.alias) and name == (node.asname or node.name.partition(".")[0]):
            return True
    return False


def _has_member(owner: ClassInfo, name: str, file: SourceFile) -> bool:
    lineage = file.project.hierarchy.lineage(owner)
    if not lineage.complete or any(key not in {one.key for one in lineage.classes} for key in lineage.keys[:-1]):
        return True
    private = f"_{owner.name.lstrip('_')}__"
    if name.startswith(private):
        name = f"__{name.removeprefix(private)}"
    if owner.fact.keywords or owner.fact.decorators or (name.startswith("__") and name.endswith("__")):
        return True
    for known in lineage.classes:
        if name in known.fact.methods or "__getattr__" in known.fact.methods or known.field(name) is not None:
            return True
        if (known.fact.qualname, name) in known.module.bindings:
            return True
        source = file.project.source(known.path)
        if source is None or known.fact.decorators or _stores(source.tree, name) or name in _slots(known):
            return True
    return False


def _slots(owner: ClassInfo) -> str:
    field = owner.field("__slots__")
    return field.value.text if field is not None and field.value is not None else ""


def _defines(module: Module, name: str) -> bool:
    """Whether the module itself defines the function or class."""
    return name in module.function_named or any(fact.qualname == name for fact in module.facts.classes)
