"""Mapped classes with their columns and relationships, those of mixins and bases included."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.index.annotations import Meaning, meaning
from plumb.index.facts import FieldFact
from plumb.index.modules import ClassInfo, External, FunctionInfo, Symbol, ValueInfo
from plumb.index.relationships import Relationship, relationship_of
from plumb.index.scope import Scope
from plumb.index.table_names import computed_table
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

DECLARATIVE = (
    "sqlalchemy.orm.decl_api.DeclarativeBase",
    "sqlalchemy.orm.decl_api.DeclarativeBaseNoMeta",
    "sqlalchemy.orm.DeclarativeBase",
    "sqlalchemy.orm.DeclarativeBaseNoMeta",
)
BASE_FACTORIES = frozenset({"declarative_base", "automap_base", "generate_base"})
DECLARATIVE_DECORATORS = frozenset({"as_declarative", "as_declarative_base"})
COLUMN_FACTORIES = frozenset(
    {
        "sqlalchemy.Column",
        "sqlalchemy.schema.Column",
        "sqlmodel.Column",
        "sqlalchemy.orm.mapped_column",
        "sqlalchemy.orm.column_property",
        "sqlalchemy.orm.deferred",
    }
)
REGISTRY_DECORATORS = frozenset({"mapped", "mapped_as_dataclass"})
REGISTRIES = ("sqlalchemy.orm.registry", "sqlalchemy.orm.decl_api.registry")
NOT_COLUMNS = frozenset(
    {"hybrid_property", "synonym", "association_proxy", "composite", "PrivateAttr", "computed_field"}
)

DECLARED = "declared_attr"
BASES = frozenset({"Base", "Model"})


class Attribute(NamedTuple):
    """A column (`relationship` is None) or a relationship; `owner` is the class whose body declares it.

    `maker` is the `declared_attr` method that makes it for the class `mapped`, where one does.
    """

    name: str
    owner: ClassInfo
    field: FieldFact
    meaning: Meaning
    relationship: Relationship | None
    maker: FunctionInfo | None = None
    mapped: ClassInfo | None = None

    def scope(self, project: "Project") -> Scope:
        """Where the names in the field's annotation and value are read."""
        if self.maker is not None and self.mapped is not None and self.maker.fact.parameters:
            given = ((self.maker.fact.parameters[0].name, None, self.mapped),)
            return Scope(project, self.owner.module, self.maker.qualname, given)
        return Scope(project, self.owner.module, self.owner.fact.scope)


class Model(NamedTuple):
    """`style` is "sqlmodel" or "sqlalchemy"."""

    owner: ClassInfo
    style: str
    table: str
    attributes: dict[str, Attribute]

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.owner.name

    @property
    def columns(self) -> list[Attribute]:
        """The attributes that are columns."""
        return [attribute for attribute in self.attributes.values() if attribute.relationship is None]

    @property
    def relationships(self) -> list[Attribute]:
        """The attributes that are relationships."""
        return [attribute for attribute in self.attributes.values() if attribute.relationship is not None]


def model_of(project: "Project", symbol: Symbol | None) -> Model | None:
    """The mapped class that *symbol* is; abstract bases, mixins and plain schemas are none."""
    if not isinstance(symbol, ClassInfo) or symbol.module.library:
        return None
    return project.memo(("model", symbol.key), lambda: _read(project, symbol))


def mixins_in(project: "Project", path: str) -> list[Model]:
    """The classes of one file that are no models themselves, and give relationships to those that inherit."""
    known = [one for one in project.module(path).classes() if one.fact.methods and model_of(project, one) is None]
    found = [_with_attributes(project, one, "sqlalchemy") for one in known if _has_declared(one)]
    return [model for model in found if model.relationships]


def _has_declared(owner: ClassInfo) -> bool:
    return any(DECLARED in one.text for function in owner.methods() for one in function.fact.decorators)


def base_of_models(project: "Project", symbol: Symbol | None) -> Model | None:
    """The abstract class that *symbol* is and mapped classes inherit from, as a model without a table."""
    if not isinstance(symbol, ClassInfo) or symbol.module.library or not _is_abstract(symbol):
        return None
    if not any(key in DECLARATIVE for key in project.hierarchy.lineage(symbol).keys):
        return None
    return project.memo(("base of models", symbol.key), lambda: _with_attributes(project, symbol, "sqlalchemy"))


def models_in(project: "Project", path: str) -> list[Model]:
    """The mapped classes of one file."""
    found = (model_of(project, known) for known in project.module(path).classes())
    return [model for model in found if model is not None]


@view
def all_models(project: "Project") -> list[Model]:
    """Every mapped class of the project outside tests; asking makes a file depend on all others."""
    return list(_everywhere(project))


@view
def model_named(project: "Project", name: str) -> Model | None:
    """The only mapped class of this name, as SQLAlchemy's registry finds it for `relationship("Name")`."""
    found = [model for model in all_models(project) if model.name == name.rpartition(".")[2]]
    return found[0] if len(found) == 1 else None


def target_of(project: "Project", attribute: Attribute) -> Model | None:
    """The mapped class a relationship leads to."""
    if attribute.relationship is None:
        return None
    direct = model_of(project, attribute.relationship.target)
    return direct or model_named(project, attribute.relationship.target_name)


def _everywhere(project: "Project") -> Iterator[Model]:
    for module in project.modules():
        if project.kind(module.path) == "app":
            yield from models_in(project, module.path)


def _read(project: "Project", owner: ClassInfo) -> Model | None:
    style = _style(project, owner)
    return _with_attributes(project, owner, style) if style is not None else None


def _with_attributes(project: "Project", owner: ClassInfo, style: str) -> Model:
    attributes: dict[str, Attribute] = {}
    for known in reversed(project.hierarchy.lineage(owner).classes):
        if known.module.library:
            continue
        for field in known.fact.fields:
            attribute = _attribute(project, known, field, style)
            if attribute is not None:
                attributes[field.name] = attribute
            else:
                attributes.pop(field.name, None)
        attributes.update({one.name: one for one in _made(project, known, owner, style)})
    return Model(owner, style, _table(project, owner, style), attributes)


def _made(project: "Project", known: ClassInfo, owner: ClassInfo, style: str) -> Iterator[Attribute]:
    """What the `declared_attr` methods of a class make for the mapped class *owner*; it stands where they return it."""
    for method in known.methods():
        fact = method.fact
        if len(fact.returned) != 1 or not any(DECLARED in one.text for one in fact.decorators):
            continue
        value = fact.returned[0]
        field = FieldFact(fact.name, fact.returns, value, value.line, value.column, value.end_line, value.end_column)
        found = _attribute(project, known, field, style)
        if found is not None:
            yield found._replace(maker=method, mapped=owner)


def _style(project: "Project", owner: ClassInfo) -> str | None:
    if any(name == "table" and value.text == "True" for name, value in owner.fact.keywords):
        return "sqlmodel"
    if project.hierarchy.inherits(owner, "sqlmodel.main.SQLModel") or _is_abstract(owner):
        return None
    lineage = project.hierarchy.lineage(owner)
    if any(key in DECLARATIVE for key in lineage.keys):
        directly = {base.key for base in project.hierarchy.bases(owner) if isinstance(base, External)}
        return None if directly & {*DECLARATIVE} else "sqlalchemy"
    bases = [base for known in lineage.classes for base in project.hierarchy.bases(known)]
    made = any(isinstance(base, ValueInfo) and _makes_base(base) for base in bases)
    decorated = any(_is_declarative(known) for known in lineage.classes) and not _is_declarative(owner)
    mapped = _is_mapped(project, owner) or _declares_table(project, owner, bases)
    return "sqlalchemy" if made or decorated or mapped else None


def _declares_table(project: "Project", owner: ClassInfo, bases: list[Symbol | None]) -> bool:
    """Whether a class behind a library's `Base` names its table and has columns that SQLAlchemy makes."""
    outside = any(isinstance(base, External) and base.name in BASES for base in bases)
    if not outside or owner.field("__tablename__") is None:
        return False
    scope = Scope(project, owner.module, owner.fact.scope)
    return any(scope.is_call_to(one.value.node, *COLUMN_FACTORIES) for one in owner.fact.fields if one.value)


def _is_mapped(project: "Project", owner: ClassInfo) -> bool:
    """Whether `@mapper_registry.mapped` maps the class."""
    decorators = [one.node for one in owner.fact.decorators]
    named = [one.func if isinstance(one, ast.Call) else one for one in decorators]
    scope = Scope(project, owner.module)
    registries = [one.value for one in named if isinstance(one, ast.Attribute) and one.attr in REGISTRY_DECORATORS]
    return any(scope.is_call_to(scope.value(one)[1], *REGISTRIES) for one in registries)


def _is_declarative(owner: ClassInfo) -> bool:
    """Whether `@as_declarative()` makes the class the base of models."""
    decorators = [one.node for one in owner.fact.decorators]
    return any(isinstance(one, ast.Call) and _called_name(one) in DECLARATIVE_DECORATORS for one in decorators)


def _is_abstract(owner: ClassInfo) -> bool:
    field = owner.field("__abstract__")
    return field is not None and field.value is not None and field.value.text == "True"


def _makes_base(value: ValueInfo) -> bool:
    node = value.assignment.value.node
    if isinstance(node, ast.Attribute):
        return node.attr in BASES
    return isinstance(node, ast.Call) and _called_name(node) in BASE_FACTORIES


def _called_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _attribute(project: "Project", owner: ClassInfo, field: FieldFact, style: str) -> Attribute | None:
    if field.name.startswith("__"):
        return None
    scope = Scope(project, owner.module, owner.fact.scope)
    said = meaning(field.annotation.node if field.annotation else None, scope)
    value = field.value.node if field.value else None
    found = relationship_of(value, said, scope)
    if found is not None:
        return Attribute(field.name, owner, field, said, found)
    constrained = style == "sqlmodel" and field.annotation is not None and isinstance(field.annotation.node, ast.Call)
    if said.class_variable or not (constrained or _is_column(value, said, scope, style)):
        return None
    return Attribute(field.name, owner, field, said, None)


def _is_column(value: ast.expr | None, said: Meaning, scope: Scope, style: str) -> bool:
    if isinstance(value, ast.Call):
        if _called_name(value) in NOT_COLUMNS:
            return False
        symbol = scope.resolve(value.func)
        if isinstance(symbol, External) and symbol.key in COLUMN_FACTORIES:
            return True
        if isinstance(symbol, FunctionInfo) and _returns_column(symbol, scope):
            return True
    return said.mapped or (style == "sqlmodel" and (said.symbol is not None or bool(said.name) or said.collection))


def _returns_column(function: FunctionInfo, scope: Scope) -> bool:
    inner = Scope(scope.project, function.module, function.fact.qualname)
    return any(inner.is_call_to(value.node, *COLUMN_FACTORIES) for value in function.fact.returned)


def _table(project: "Project", owner: ClassInfo, style: str) -> str:
    found = project.hierarchy.member(owner, "__tablename__")
    if found is not None and found.fact.value is not None:
        literal = Scope.of_class(project, found.owner).literal(found.fact.value.node)
        return literal if isinstance(literal, str) else ""
    computed = computed_table(project, owner)
    if computed is not None:
        return computed
    return owner.name.lower() if style == "sqlmodel" else ""
