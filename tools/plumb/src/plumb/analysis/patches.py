"""Where a patch in a test leads."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import FUNCTIONS
from plumb.analysis.mock_asked import is_dataclass
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, External, Module, Package, Symbol, ValueInfo
from plumb.index.names import BUILTINS, dotted_name
from plumb.index.scope import Scope, argument, keyword
from plumb.source import SourceFile
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project

MOCK = "unittest.mock."
FILLING = frozenset({"globals", "setattr", "vars"})
MONKEY = {"monkeypatch.setattr": 2, "monkeypatch.delattr": 1}
"""How many arguments they have where the first is the whole target."""
OPTIONS = frozenset({"target", "spec", "create", "spec_set", "autospec", "new_callable"})
PYDANTIC = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic_settings.BaseSettings"})
OF_PYDANTIC = frozenset({"copy", "construct", "dict", "json", "schema", "schema_json", "validate", "from_orm"})


class Patch(NamedTuple):
    """`home` is the module whose own attribute is patched, None for the attribute of a class or something unknown.

    `owner` is the class of the `instance` whose attribute is patched, if that is one.
    """

    node: ast.Call
    target: str
    owner: Module | ClassInfo | None
    home: Module | None
    lost: str
    instance: bool = False

    @property
    def place(self) -> ast.expr:
        """What names the target, on a line of its own where the call has several."""
        return self.node.args[0] if self.node.args else self.node


def patches_of(node: ast.Call, file: SourceFile) -> Iterator[Patch]:
    """The patches that a call makes, as far as their targets lie in the project and can be read."""
    if last_name(node) not in {"patch", "object", "setattr", "delattr", "spy", "multiple"} or _is_lenient(node):
        return
    func = _called(node, file).removeprefix("mock.").removeprefix("mocker.")
    names = [node.args[1]] if len(node.args) > 1 else []
    if func == "patch.multiple":
        names = [ast.Constant(word.arg) for word in node.keywords if word.arg not in OPTIONS]
    is_text = func == "patch" or (func in MONKEY and len(node.args) == MONKEY[func])
    target = argument(node, "target", 0)
    text = _text(target, file) if target is not None else ""
    if is_text or (text and func == "patch.multiple"):
        texts = [text] if is_text else [f"{text}.{one.value}" for one in names if isinstance(one, ast.Constant)]
        found = [_of_text(node, one, file) for one in texts if "." in one]
    elif func in {"patch.object", "spy", "patch.multiple", *MONKEY}:
        found = [_of_object(node, name, file) for name in names]
    else:
        return
    yield from (one for one in found if one is not None)


def _text(node: ast.expr, file: SourceFile) -> str:
    """A target that is written out, or put together of constants; nothing if a part cannot be read."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    values = [one.value if isinstance(one, ast.FormattedValue) else one for one in parts]
    texts = [file.scope(node).literal(one) for one in values]
    return "".join(str(one) for one in texts) if all(isinstance(one, str) for one in texts) else ""


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
    known = _has_member(patch.owner, name, file) or (patch.instance and _keeps(patch.owner, name, file))
    return "" if known else f"`{patch.owner.name}` has no `{name}`"


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
        made = instance_of(symbol, project) if place == len(parts) - 2 else None
        if made is not None:
            return Patch(node, text, made, None, "", instance=True)
        if not isinstance(symbol, Module | ClassInfo | Package):
            return None
        owner = symbol
    if isinstance(owner, Package):
        return None
    return Patch(node, text, owner, owner if isinstance(owner, Module) and _defines(owner, parts[-1]) else None, "")


def instance_of(symbol: Symbol | None, project: "Project") -> ClassInfo | None:
    """The class of a module's `settings = Settings()`."""
    if not isinstance(symbol, ValueInfo):
        return None
    made = symbol.assignment.value.node
    owner = Scope(project, symbol.module).resolve(made.func) if isinstance(made, ast.Call) else None
    return owner if isinstance(owner, ClassInfo) and not owner.module.library else None


def _elsewhere(parts: list[str], file: SourceFile) -> bool:
    """Whether another folder of the repository holds a module of this name, as namespace packages do."""
    end = "/".join(parts)
    return any(f"/{path}".find(f"/{end}/") >= 0 or f"/{path}".endswith(f"/{end}.py") for path in file.project.paths)


def _of_object(node: ast.Call, name: ast.expr, file: SourceFile) -> Patch | None:
    target = argument(node, "target", 0)
    if (
        not isinstance(name, ast.Constant)
        or not isinstance(name.value, str)
        or target is None
        or not dotted_name(target)
    ):
        return None
    symbol = file.resolve(target)
    made = instance_of(symbol, file.project)
    owner = made or symbol
    if not isinstance(owner, Module | ClassInfo):
        return None
    home = owner if isinstance(owner, Module) and _defines(owner, name.value) else None
    library = owner.library if isinstance(owner, Module) else owner.module.library
    text = f"{ast.unparse(target)}.{name.value}"
    return None if library else Patch(node, text, owner, home, "", instance=made is not None)


def _is_lenient(node: ast.Call) -> bool:
    create, raising = keyword(node, "create"), keyword(node, "raising")
    return create is not None or raising is not None or any(word.arg is None for word in node.keywords)


def _has(module: Module, name: str, file: SourceFile) -> bool:
    """Whether a module has an attribute, or may have one."""
    if module.binding("", name) or module.stars or module.binding("", "__getattr__"):
        return True
    if file.project.names.member(module, name) is not None or (name.startswith("__") and name.endswith("__")):
        return True
    source = file.project.source(module.path)
    return source is None or "sys.modules" in source.text or _stores(source.tree, name)


def _stores(tree: ast.AST, name: str) -> bool:
    """Whether a tree binds the name outside its functions, in whatever way, or a function may bind it there."""
    for node in walk(tree, *FUNCTIONS):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return True
        if isinstance(node, ast.alias) and name == (node.asname or node.name.partition(".")[0]):
            return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Global) and name in node.names:
            return True
        if isinstance(node, ast.Name) and node.id in FILLING:
            return True
    return False


def _keeps(owner: ClassInfo, name: str, file: SourceFile) -> bool:
    """Whether the files of a class and its ancestors set an attribute of this name on anything."""
    for known in file.project.hierarchy.lineage(owner).classes:
        source = file.project.source(known.path)
        stored = source.nodes(ast.Attribute) if source is not None else ()
        if source is None or any(one.attr == name and isinstance(one.ctx, ast.Store) for one in stored):
            return True
    return False


def _has_member(owner: ClassInfo, name: str, file: SourceFile) -> bool:
    lineage = file.project.hierarchy.lineage(owner)
    if _is_foreign(owner, name, file):
        return True
    private = f"_{owner.name.lstrip('_')}__"
    if name.startswith(private):
        name = f"__{name.removeprefix(private)}"
    if owner.fact.keywords or _is_changed(owner) or (name.startswith("__") and name.endswith("__")):
        return True
    for known in lineage.classes:
        if name in known.fact.methods or "__getattr__" in known.fact.methods or known.field(name) is not None:
            return True
        if known.module.binding(known.qualname, name):
            return True
        source = file.project.source(known.path)
        if source is None or _is_changed(known) or _stores(source.tree, name) or name in _slots(known):
            return True
    return False


def _is_changed(owner: ClassInfo) -> bool:
    """Whether a decorator may give the class attributes; that of a dataclass gives it none but dunder methods."""
    return bool(owner.fact.decorators) and not is_dataclass(owner)


def _is_foreign(owner: ClassInfo, name: str, file: SourceFile) -> bool:
    """Whether a base outside the project may have the attribute; those of pydantic are known for their names."""
    classes = file.project.hierarchy.lineage(owner).classes
    bases = [base for known in classes for base in file.project.hierarchy.bases(known)]
    others = [base for base in bases if not isinstance(base, ClassInfo) or base.module.library]
    keys = {base.key if isinstance(base, External) else "" for base in others} - {"builtins.object"}
    if not keys:
        return False
    extra = any("extra" in source.text for known in classes if (source := file.project.source(known.path)))
    return not keys <= PYDANTIC or extra or name.startswith(("model_", "_")) or name in OF_PYDANTIC


def _slots(owner: ClassInfo) -> str:
    field = owner.field("__slots__")
    return field.value.text if field is not None and field.value is not None else ""


def _defines(module: Module, name: str) -> bool:
    """Whether the module itself defines the function or class, or what it makes and calls by a name."""
    return module.function(name) is not None or module.class_(name) is not None or _makes(module, name)


def _makes(module: Module, name: str) -> bool:
    """Whether a module sets a name once, to what a call gives: `make_session = async_sessionmaker(engine)`."""
    made = [one for one in module.facts.assignments if one.name == name and not one.scope]
    return len(made) == 1 and isinstance(made[0].value.node, ast.Call)
