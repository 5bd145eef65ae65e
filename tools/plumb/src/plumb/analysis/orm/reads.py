"""Reading an attribute of a mapped object: whether it can be had without a statement, and what it gives."""

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from plumb.analysis.orm import identity, misreads
from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.plan import EVERYTHING, NOTHING, Plan, along
from plumb.analysis.orm.state import ADDED, BORROWED, FLUSHED, NEW, Obj
from plumb.analysis.orm.values import Attrs, Column, Instance, Many, Method, Value
from plumb.findings import Place
from plumb.index.backrefs import backref_of
from plumb.index.extract import last_name
from plumb.index.keys import is_referred_to
from plumb.index.models import Attribute, Model, target_of
from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.index.names import dotted_name
from plumb.index.scope import argument

LOADED_BY_MAPPING = frozenset({"noload", "None", "?", "dynamic", "write_only"})
NEVER_READ = frozenset({"dynamic", "write_only"})
"""What gives no objects but something to query them with, whatever has expired."""
LEFT_ALONE = frozenset({"passive_deletes", "viewonly"})
NEVER_FROM_IDENTITY = frozenset({"raise"})
PROPERTIES = frozenset({"property", "hybrid_property", "cached_property", "computed_field"})


class Reading(NamedTuple):
    """Where the source says that something is read, and what reads it if the source does not show that.

    `entries` are those of the values of a dict that is written out.
    """

    place: Place
    text: str
    reader: str = ""
    entries: "Mapping[str, Reading]" = MappingProxyType({})


def read(frame: Frame, instance: Instance, name: str, where: Callable[[], Reading]) -> Value:
    """The value of an attribute; what cannot be read is reported once."""
    obj = frame.obj(instance)
    attribute = obj.model.attributes.get(name)
    if attribute is not None and attribute.relationship is not None:
        _relationship(frame, instance, attribute, where)
        return derived(frame, instance, attribute)
    if attribute is not None:
        _column(frame, instance, name, where)
        return Column(instance.ref, name)
    if name == "awaitable_attrs":
        return Attrs(instance.ref)
    found = method_of(frame, obj.model.owner, name)
    if found is not None:
        return Method(found, instance)
    through = elsewhere(frame, obj.model, name)
    if through is not None:
        _relationship(frame, instance, through, where)
        return derived(frame, instance, through) if through.name == name else None
    return None


def elsewhere(frame: Frame, model: Model, name: str) -> Attribute | None:
    """The relationship behind an attribute that is none itself: of a `backref`, or what a proxy goes through."""
    if name.startswith("__"):
        return None
    through = proxied(frame, model.owner, name)
    return model.attributes.get(through) if through else backref_of(frame.project, model, name)


def method_of(frame: Frame, owner: ClassInfo, name: str) -> FunctionInfo | None:
    """The method of a class or of its nearest ancestor in the project."""
    project = frame.project
    return project.memo(("method", owner.path, owner.key, name), lambda: project.hierarchy.method(owner, name))


def proxied(frame: Frame, owner: ClassInfo, name: str) -> str:
    """The relationship that `names = association_proxy("tags", "name")` goes through."""
    found = next((one for known in frame.project.hierarchy.lineage(owner).classes if (one := known.field(name))), None)
    node = found.value.node if found is not None and found.value is not None else None
    if not isinstance(node, ast.Call) or last_name(node.func) != "association_proxy":
        return ""
    given = argument(node, "target_collection", 0)
    return str(given.value) if isinstance(given, ast.Constant) else ""


def is_property(function: FunctionInfo) -> bool:
    """Whether reading the attribute runs the function."""
    return any(text.text.rpartition(".")[2] in PROPERTIES for text in function.fact.decorators)


def is_loaded(frame: Frame, obj: Obj, attribute: Attribute) -> bool:
    """Whether a relationship can be read without a statement."""
    found = attribute.relationship
    if found is None or found.lazy in LOADED_BY_MAPPING or obj.birth in {NEW, ADDED}:
        return True
    if obj.plan.child(attribute.name) is not None or obj.extra.child(attribute.name) is not None:
        return True
    if obj.deleted and found.many is not False and not _is_left_to_the_database(attribute):
        return True
    if obj.birth == FLUSHED:
        return _is_at_hand(frame, obj, attribute)
    return found.is_eager or _is_at_hand(frame, obj, attribute)


def _is_left_to_the_database(attribute: Attribute) -> bool:
    """Whether the deletion of the parent does not load the collection to deal with what it holds."""
    value = attribute.field.value
    options = [node for node in ast.walk(value.node) if isinstance(node, ast.keyword)] if value is not None else []
    return any(one.arg in LEFT_ALONE and getattr(one.value, "value", True) is not False for one in options)


def derived(frame: Frame, instance: Instance, attribute: Attribute) -> Value:
    """What a relationship leads to; asked twice, the same."""
    key = (instance.ref, attribute.name)
    if key in frame.state.links:
        return frame.state.links[key]
    model = target_of(frame.project, attribute)
    relationship = attribute.relationship
    if model is None or relationship is None:
        return None
    obj = frame.obj(instance)
    plan = _below(frame, obj, attribute).merged(identity.named(frame, obj, model))
    child = frame.state.add(Obj(model, plan, obj.session, obj.origin, parent=obj.model.owner.key))
    value: Value = child if relationship.many is False else Many(child, loose=relationship.many is None)
    frame.state.links[key] = value
    return value


def _below(frame: Frame, obj: Obj, attribute: Attribute) -> Plan:
    """What is loaded below a relationship; unknown where the object at its end came another way."""
    planned, since = obj.plan.child(attribute.name), obj.extra.child(attribute.name)
    if planned is None and since is None:
        eager = attribute.relationship is not None and attribute.relationship.is_eager
        return NOTHING if eager and not _is_at_hand(frame, obj, attribute) else EVERYTHING
    return (planned or NOTHING).merged(since or NOTHING)


@lru_cache(maxsize=2_000)
def unparsed(node: ast.AST) -> str:
    """An expression as text; the same ones are asked for at every look at a function."""
    return dotted_name(node) or ast.unparse(node)


def written(frame: Frame, node: ast.expr) -> Callable[[], Reading]:
    """An expression that reads, as it stands there; looked up for a report alone."""
    return lambda: Reading(frame.place(node), text_of(node))


def text_of(node: ast.expr) -> str:
    """An expression as it is shown in a message, cut to one line."""
    text = unparsed(node)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _relationship(frame: Frame, instance: Instance, attribute: Attribute, where: Callable[[], Reading]) -> None:
    obj = frame.obj(instance)
    if attribute.relationship is not None and attribute.relationship.lazy in NEVER_READ:
        return
    if obj.expired is not None and attribute.name not in obj.live:
        place, text, reader, _ = where()
        frame.report(misreads.expired(text, obj, obj.expired, place, reader))
        frame.change(instance, expired=None, extra=EVERYTHING)
        return
    for link in obj.missing:
        if link.name == attribute.name:
            place, text, reader, _ = where()
            certain = link.certain and bool(reader or frame.answering)
            frame.report(misreads.unlinked(text, obj, link, place, reader, certain=certain))
    if obj.birth in {NEW, ADDED}:
        frame.change(instance, extra=obj.extra.merged(along([attribute.name], EVERYTHING)))
    elif not is_loaded(frame, obj, attribute):
        place, text, reader, _ = where()
        frame.report(misreads.unloaded(text, obj, attribute, place, reader))
        frame.change(instance, extra=obj.extra.merged(along([attribute.name], EVERYTHING)))


def _column(frame: Frame, instance: Instance, name: str, where: Callable[[], Reading]) -> None:
    obj = frame.obj(instance)
    if obj.expired is not None and name not in obj.live:
        place, text, reader, _ = where()
        frame.report(misreads.expired(text, obj, obj.expired, place, reader))
        frame.change(instance, expired=None, extra=EVERYTHING)
    if obj.stale is not None and obj.expired is None and name in onupdate_columns(obj):
        place, text, reader, _ = where()
        frame.report(misreads.stale(text, obj, obj.stale, place, reader))
        frame.change(instance, stale=None)


def onupdate_columns(obj: Obj) -> frozenset[str]:
    """The columns whose new value an UPDATE leaves in the database."""
    return frozenset(attribute.name for attribute in obj.model.columns if _is_computed(attribute))


def _is_computed(attribute: Attribute) -> bool:
    value = attribute.field.value
    if value is None or "onupdate" not in value.text:
        return False
    for node in ast.walk(value.node):
        if isinstance(node, ast.keyword) and node.arg == "server_onupdate":
            return True
        given: ast.expr | None = None
        if isinstance(node, ast.keyword) and node.arg == "onupdate":
            given = node.value
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            given = next((one for key, one in pairs if isinstance(key, ast.Constant) and key.value == "onupdate"), None)
        if isinstance(given, ast.Call) and unparsed(given.func) in _SQL_FUNCTIONS:
            return True
    return False


def _is_at_hand(frame: Frame, obj: Obj, attribute: Attribute) -> bool:
    """Whether the one parent is in the session already, so that no statement is needed to find it."""
    found = attribute.relationship
    if found is None or found.many or found.lazy in NEVER_FROM_IDENTITY:
        return False
    model = target_of(frame.project, attribute)
    if model is None:
        return True
    text = attribute.field.value.text if attribute.field.value is not None else ""
    if is_referred_to(obj.model, model) and "primaryjoin" not in text:
        return False
    key = model.owner.key
    seen = frame.state.seen
    if obj.parent == key or obj.session == BORROWED or (obj.session, key) in seen or (obj.session, "*") in seen:
        return True
    here = key in frame.state.held
    here = here or any(other.model.owner.key == key and other is not obj for other in frame.state.objects.values())
    words = obj.origin.words.lower()
    return here and any(one in words for one in (attribute.name.lower(), model.name.lower(), "*"))


_SQL_FUNCTIONS = frozenset(
    {
        "func.now",
        "sa.func.now",
        "sqlalchemy.func.now",
        "func.current_timestamp",
        "sa.func.current_timestamp",
        "text",
        "sa.text",
        "now",
        "sqlalchemy.sql.func.now",
        "func.clock_timestamp",
        "FetchedValue",
        "sql.func.now",
    }
)
_SHOWN = 60
