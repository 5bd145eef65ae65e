"""SQLAlchemy's Enum types as they are written: the class or the labels, what they store and under which name."""

import ast
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.enum_names import computed_name
from plumb.index.enums import EnumInfo, enum_of
from plumb.index.extract import last_name
from plumb.index.made import made_by, written_out
from plumb.index.modules import FunctionInfo
from plumb.index.scope import Scope, entry, has_double_star, keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

ENUM_TYPES = (
    "sqlalchemy.Enum",
    "sqlalchemy.types.Enum",
    "sqlalchemy.sql.sqltypes.Enum",
    "sqlmodel.Enum",
    "sqlalchemy.dialects.postgresql.ENUM",
    "sqlalchemy.dialects.postgresql.named_types.ENUM",
    "sqlalchemy.dialects.mysql.ENUM",
)
VALUES = "values"
NAMES = "names"
UNKNOWN = "unknown"
DEPTH = 4
LISTING = frozenset({"list", "tuple", "sorted", "set"})
TRUE = ast.Constant(value=True)


class EnumType(NamedTuple):
    """`enum` is None for string labels; `stores` is "names", "values" or "unknown"; `name` is empty without one.

    `helper` is the function of the project that makes the type, where one does.
    """

    call: ast.Call
    enum: EnumInfo | None
    labels: tuple[str, ...] | None
    stores: str
    name: str
    named: bool
    native: bool
    helper: FunctionInfo | None = None

    @property
    def called(self) -> str:
        """The name of the type in the database, given or made up from the class; empty where it cannot be told."""
        return self.name or ("" if self.enum is None or self.named else self.enum.name.lower())

    @property
    def stored(self) -> tuple[str, ...] | None:
        """The labels the database sees, if they are known."""
        if self.enum is None:
            return self.labels
        if self.stores == NAMES:
            return self.enum.names
        return self.enum.values if self.stores == VALUES else None


def enum_type(node: ast.expr | None, scope: Scope, depth: int = DEPTH) -> EnumType | None:
    """The Enum type that an expression constructs, itself or through a constant, a function or a `partial`."""
    home, found = scope.value(node) if node is not None else (scope, None)
    if not isinstance(found, ast.Call) or not depth:
        return None
    if home.is_call_to(found, *ENUM_TYPES):
        return _read(written_out(found, home), home)
    for inner, made in made_by(found, home):
        type_ = enum_type(made, inner, depth - 1)
        if type_ is not None:
            helper = home.resolve(found.func)
            return type_._replace(call=found, helper=helper if isinstance(helper, FunctionInfo) else type_.helper)
    return None


def _read(call: ast.Call, scope: Scope) -> EnumType:
    first = call.args[0] if call.args else keyword(call, "enums")
    enum = None if first is None else enum_of(scope.project, scope.resolve(first))
    name = keyword(call, "name")
    _, said = scope.value(name) if name is not None else (scope, None)
    _, native = scope.value(keyword(call, "native_enum") or TRUE)
    return EnumType(
        call,
        enum,
        _labels(call, scope) if enum is None else None,
        _stores(call, scope),
        _text(name, scope) or (computed_name(name, enum.name, scope) if enum is not None else ""),
        (said is not None and not (isinstance(said, ast.Constant) and said.value is None)) or has_double_star(call),
        not (isinstance(native, ast.Constant) and native.value is False),
    )


def _text(node: ast.expr | None, scope: Scope) -> str:
    """A name that is written out, also as an f-string of such names; else nothing."""
    if isinstance(node, ast.JoinedStr):
        parts = [_text(one.value if isinstance(one, ast.FormattedValue) else one, scope) for one in node.values]
        return "".join(parts) if all(parts) else ""
    literal = scope.literal(node)
    return literal if isinstance(literal, str) else ""


def _labels(call: ast.Call, scope: Scope) -> tuple[str, ...] | None:
    """The string labels, also those that a comprehension takes from an enum class."""
    labels: list[str] = []
    for given in call.args:
        if isinstance(given, ast.Starred):
            spread = spread_labels(given.value, scope)
            if spread is None:
                return None
            labels += spread
        else:
            literal = scope.literal(given)
            if not isinstance(literal, str):
                return None
            labels.append(literal)
    return tuple(labels) or None


def spread_labels(node: ast.expr, scope: Scope) -> tuple[str, ...] | None:
    """The strings of a list, or of `[member.value for member in Status]`, also where a function makes it of a class."""
    home, found = scope.value(node)
    if isinstance(found, ast.Subscript):
        where, table = home.value(found.value)
        key = home.literal(found.slice)
        picked = entry(table, key) if isinstance(table, ast.Dict) and isinstance(key, str) else None
        return None if picked is None else spread_labels(picked, where)
    if (listed := _listed(found, home)) is not None:
        return listed.names
    if isinstance(found, ast.Call) and last_name(found) in LISTING and len(found.args) == 1:
        return spread_labels(found.args[0], home)
    if isinstance(found, ast.Call):
        return _made_of_class(found, home)
    if isinstance(found, ast.List | ast.Tuple | ast.Set):
        literals = [home.literal(item) for item in found.elts]
        return tuple(text for text in literals if isinstance(text, str)) if all(literals) else None
    return _picked(found, source_enum(found, home))


def _made_of_class(call: ast.Call, scope: Scope) -> tuple[str, ...] | None:
    """The labels that `values(Status)` takes from the members of its only argument, or `Status.values()` of its own."""
    own = call.func if isinstance(call.func, ast.Attribute) and not call.args else None
    owner = own.value if own is not None else call.args[0] if len(call.args) == 1 else None
    enum = enum_of(scope.project, scope.resolve(owner)) if owner is not None else None
    if enum is None:
        return None
    maker = scope.resolve(call.func) if own is None else scope.project.hierarchy.method(enum.owner, own.attr)
    if not isinstance(maker, FunctionInfo) or len(maker.fact.returned) != 1:
        return None
    made = maker.fact.returned[0].node
    source = made.generators[0].iter if isinstance(made, ast.ListComp) and len(made.generators) == 1 else None
    first = {one.name for one in maker.fact.parameters[:1]}
    return _picked(made, enum) if isinstance(source, ast.Name) and source.id in first else None


def _picked(node: ast.expr, enum: EnumInfo | None) -> tuple[str, ...] | None:
    """What a comprehension takes from the members of an enum class."""
    return (
        None if enum is None else {"value": enum.values, "name": enum.names}.get(last_name(getattr(node, "elt", node)))
    )


def _listed(node: ast.expr, scope: Scope) -> EnumInfo | None:
    """The enum class whose names `Status.__members__` gives, with or without `.keys()`."""
    if isinstance(node, ast.Call) and last_name(node) == "keys" and isinstance(node.func, ast.Attribute):
        node = node.func.value
    named = isinstance(node, ast.Attribute) and node.attr in {"__members__", "_member_names_"}
    return enum_of(scope.project, scope.resolve(node.value)) if named and isinstance(node, ast.Attribute) else None


def source_enum(node: ast.expr, scope: Scope) -> EnumInfo | None:
    """The enum class that a comprehension runs over, or whose names are listed."""
    if (listed := _listed(node, scope)) is not None:
        return listed
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp) and len(node.generators) == 1:
        return enum_of(scope.project, scope.resolve(node.generators[0].iter))
    return None


def _stores(call: ast.Call, scope: Scope) -> str:
    given = keyword(call, "values_callable")
    if given is None:
        return UNKNOWN if has_double_star(call) else NAMES
    home, found = scope.value(given)
    if isinstance(found, ast.Lambda):
        return _chosen(ast.unparse(found.body))
    symbol = home.resolve(found)
    if isinstance(symbol, FunctionInfo) and len(symbol.fact.returned) == 1:
        return _chosen(symbol.fact.returned[0].text)
    return NAMES if isinstance(found, ast.Constant) and found.value is None else VALUES


def _chosen(text: str) -> str:
    """What a `values_callable` takes from the members."""
    picks_name = re.search(r"\.name\b|__members__(?!\.values)", text) is not None
    return NAMES if picks_name and re.search(r"\bvalue\b|\.values\(", text) is None else VALUES


@view
def helper_for_values(project: "Project") -> FunctionInfo | None:
    """The project's own function that builds a type storing values, to be recommended first."""
    for module in project.modules():
        for function in module.functions():
            if function.fact.owner or not function.fact.parameters or project.kind(module.path) != "app":
                continue
            scope = Scope(project, module, function.fact.qualname)
            for value in function.fact.returned:
                call = value.node
                if (
                    scope.is_call_to(call, *ENUM_TYPES)
                    and isinstance(call, ast.Call)
                    and _stores(call, scope) == VALUES
                ):
                    return function
    return None


def is_inside_decorator(call: ast.Call, file: "SourceFile") -> bool:
    """Whether a type stands in a TypeDecorator, which may convert on its own."""
    around = next((found for found in file.ancestors(call) if isinstance(found, ast.ClassDef)), None)
    return around is not None and any(
        ast.unparse(base).partition("[")[0].endswith(("TypeDecorator", "UserDefinedType")) for base in around.bases
    )


def stands_as_type(node: ast.Call, file: "SourceFile") -> bool:
    """Whether the call, which is given a class, stands where a column is given its type."""
    above = file.parent(node)
    above = file.parent(above) if isinstance(above, ast.keyword) else above
    return isinstance(above, ast.Call) and last_name(above) in {"Column", "Field", "mapped_column"}


@view
def all_enums(project: "Project") -> list[EnumInfo]:
    """Every enum class of the project outside tests."""
    return list(_all_enums(project))


def enum_with_values(project: "Project", labels: Collection[str]) -> EnumInfo | None:
    """The only enum class of the project with exactly these values."""
    found = [enum for enum in all_enums(project) if enum.values is not None and {*enum.values} == {*labels}]
    return found[0] if len(found) == 1 else None


def _all_enums(project: "Project") -> Iterator[EnumInfo]:
    for module in project.modules():
        if project.kind(module.path) == "app":
            found = (enum_of(project, known) for known in module.classes())
            yield from (enum for enum in found if enum is not None)
