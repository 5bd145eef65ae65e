"""What an expression can stand for in the flow through a function; None is whatever is not of interest or unknown."""

from typing import NamedTuple, TypeAlias, Union

from plumb.analysis.orm.plan import EVERYTHING, NOTHING, Plan
from plumb.findings import Place
from plumb.index.models import Model
from plumb.index.modules import ClassInfo, FunctionInfo, Symbol


class Instance(NamedTuple):
    """An object of a mapped class, by its number in the state."""

    ref: int


class Many(NamedTuple):
    """Any number of equal things; `loose` when it may as well be a single one."""

    item: "Value"
    loose: bool = False


class Row(NamedTuple):
    """A tuple, or a row of several entities with their names."""

    items: tuple["Value", ...]
    names: tuple[str, ...] = ()


class Entity(NamedTuple):
    """What a query selects: a model with a plan, or (None) a column."""

    model: Model | None
    plan: Plan


class Query(NamedTuple):
    """`words` is the text of what it filters by; `doubt` what a test may ask to learn which options it has."""

    entities: tuple[Entity, ...]
    place: Place
    text: str
    words: str = ""
    doubt: frozenset[str] = frozenset()


class Result(NamedTuple):
    """The answer to a query; `scalars` when rows are reduced to their first entity, `asked` as in an `Origin`.

    `beside` is what a row has loaded that the session may have held before.
    """

    query: Query
    session: str
    scalars: bool
    asked: str
    beside: Plan = NOTHING


class Session(NamedTuple):
    """An asynchronous session; "ambient" is the one a function is given."""

    key: str


class ModelClass(NamedTuple):
    model: Model


class Relation(NamedTuple):
    """`Task.subtasks`, as loader options take it."""

    root: Model
    name: str


class Loader(NamedTuple):
    """A loader option: the path so far, and the plan it makes for each root model. No root: whatever it is."""

    root: ClassInfo | None
    path: tuple[str, ...]
    plan: Plan


class Loaders(NamedTuple):
    """Several options, as a constant or a helper keeps them."""

    options: tuple[Loader, ...]


class Const(NamedTuple):
    value: str | int | float | bool | None


class Thing(NamedTuple):
    """An object of any other class of the project, with the fields that its call names."""

    owner: ClassInfo
    fields: tuple[tuple[str, "Value"], ...] = ()


class Method(NamedTuple):
    """A function bound to the object it is called on."""

    function: FunctionInfo
    on: "Value"


class Known(NamedTuple):
    """A name of the module: a function, class, constant or library."""

    symbol: Symbol


class Mapping(NamedTuple):
    """A dict display with plain keys."""

    entries: tuple[tuple[str, "Value"], ...]


class Lookup(NamedTuple):
    """A dict whose values are all alike, as in `{task.id: task for task in tasks}`."""

    item: "Value"


class Dump(NamedTuple):
    """A dict of plain values; `names` are the keys that were written since, which may hold anything."""

    names: tuple[str, ...]


class Column(NamedTuple):
    """The value of a column: `task.id`, also under another name."""

    ref: int
    name: str


class Attrs(NamedTuple):
    """`task.awaitable_attrs`."""

    ref: int


Value: TypeAlias = Union[  # noqa: UP007 the alias refers to itself through strings
    Instance,
    Many,
    Row,
    Query,
    Result,
    Session,
    ModelClass,
    Relation,
    Loader,
    Loaders,
    Const,
    Thing,
    Method,
    Known,
    Mapping,
    Lookup,
    Dump,
    Attrs,
    Column,
    None,
]

UNKNOWN_LOADER = Loader(None, (), EVERYTHING)


def signature(value: Value) -> str:
    """A text that tells arguments apart as far as what a function does with them can depend on it."""
    text = type(value).__name__
    if isinstance(value, Query):
        parts = [f"{one.model.owner.key if one.model else '-'}{one.plan.signature}" for one in value.entities]
        text = f"query {value.place} {' '.join(parts)}"
    elif isinstance(value, ModelClass | Relation):
        model = value.model if isinstance(value, ModelClass) else value.root
        text = f"{text} {model.owner.key} {value[1:]}"
    elif isinstance(value, Loader):
        text = f"loader {value.root.key if value.root else ''} {value.plan.signature}"
    elif isinstance(value, Loaders | Row):
        inner: tuple[Value, ...] = value.options if isinstance(value, Loaders) else value.items
        text = f"[{' '.join(map(signature, inner))}]"
    elif isinstance(value, Const):
        text = repr(value.value)
    elif isinstance(value, Thing):
        text = f"{text} {value.owner.key} {' '.join(f'{name} {signature(kept)}' for name, kept in value.fields)}"
    elif isinstance(value, Dump):
        text = f"{text} {value.names}"
    elif isinstance(value, Known):
        text = f"{text} {getattr(value.symbol, 'key', '')}"
    return text
