"""Children that are linked to a loaded parent by its key: the parent's collection does not learn of them."""

import ast
from collections.abc import Iterator

from plumb.analysis.orm import identity
from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.reads import text_of
from plumb.analysis.orm.state import ADDED, NEW, Link
from plumb.analysis.orm.values import Column, Instance, Value
from plumb.index.keys import foreign_table
from plumb.index.models import Attribute, Model, target_of

PUTTING = frozenset({"append", "add", "extend", "insert", "update"})
NEVER_KEPT = frozenset({"dynamic", "write_only", "noload", "None", "?"})
_SPECIAL = ("secondary", "primaryjoin", "viewonly")


def links_of(frame: Frame, model: Model, node: ast.Call, ref: int) -> Iterator[Link]:
    """The loaded parents that a new object names by a foreign key, and not by a relationship."""
    given = {word.arg: word.value for word in node.keywords if word.arg}
    for name, part in given.items():
        column = model.attributes.get(name)
        table = foreign_table(column) if column is not None else ""
        if not table or any(_leads_to(frame, one, table) and one.name in given for one in model.relationships):
            continue
        for parent in _parents(frame, part, table):
            for attribute in _collections(frame, parent, model, name):
                yield Link(ref, attribute.name, name, frame.place(node), text_of(node), parent)


def assigned(frame: Frame, child: Instance, target: ast.Attribute, value: Column) -> None:
    """`step.task_id = task.id` says as little; of a child that has been stored it may be the key that it had."""
    obj, parent = frame.obj(child), frame.state.objects.get(value.ref)
    column = obj.model.attributes.get(target.attr)
    if parent is None or column is None or value.name != "id" or parent.birth == NEW or parent.expired is not None:
        return
    if foreign_table(column) != parent.model.table:
        return
    for attribute in _collections(frame, value.ref, obj.model, target.attr):
        text, is_new = f"{text_of(target)} = ...", obj.birth in {NEW, ADDED}
        link = Link(child.ref, attribute.name, target.attr, frame.place(target), text, value.ref, is_new)
        if obj.birth == NEW:
            frame.change(child, links=(*obj.links, link))
        else:
            frame.change(Instance(value.ref), missing=(*parent.missing, link))


def appended(frame: Frame, function: ast.Attribute) -> None:
    """`parent.children.append(child)` puts right what the key alone did not."""
    inner = function.value
    if function.attr in PUTTING and isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
        base = frame.state.variables.get(inner.value.id)
        if isinstance(base, Instance):
            known(frame, base, inner.attr)


def known(frame: Frame, parent: Instance, name: str) -> None:
    """The relationship is up to date again."""
    kept = tuple(link for link in frame.obj(parent).missing if link.name != name)
    frame.change(parent, missing=kept)


def related(frame: Frame, child: Instance, value: Value) -> None:
    """`child.parent = parent`: its collection learns of the child, before or after it is added."""
    refs = {one.ref for one in instances(value)}
    obj = frame.obj(child)
    frame.change(child, links=tuple(link for link in obj.links if link.parent not in refs))
    for one in instances(value):
        kept = tuple(link for link in frame.obj(one).missing if link.child != child.ref)
        frame.change(one, missing=kept)


def _parents(frame: Frame, part: ast.expr, table: str) -> Iterator[int]:
    """The objects whose key the argument is: `user.id`, a variable that holds it, or what they were asked for by."""
    value = frame.value(part) if isinstance(part, ast.Name | ast.Attribute) else None
    for ref, obj in list(frame.state.objects.items()):
        if obj.model.table != table or obj.birth == NEW or obj.expired is not None:
            continue
        if value == Column(ref, "id") or (isinstance(part, ast.Name) and identity.is_asked_by(obj, part.id)):
            yield ref


def _collections(frame: Frame, ref: int, child: Model, column: str) -> Iterator[Attribute]:
    """The relationships of the parent that hold such children, are loaded, and are no other's."""
    parent = frame.state.objects[ref]
    found = [one for one in parent.model.relationships if _leads_to(frame, one, child.table)]
    keys = [one for one in child.columns if foreign_table(one) == parent.model.table]
    own = [one for one in parent.model.columns if foreign_table(one) == child.table]
    if own or len(found) != 1 or len(keys) != 1 or keys[0].name != column:
        return
    text = found[0].field.value.text if found[0].field.value is not None else ""
    if _is_loaded(frame, ref, found[0]) and not any(word in text for word in _SPECIAL):
        yield found[0]


def _is_loaded(frame: Frame, ref: int, attribute: Attribute) -> bool:
    """Whether the collection is in memory for certain: planned, eager, or read before."""
    obj, name, found = frame.state.objects[ref], attribute.name, attribute.relationship
    if found is None or found.lazy in NEVER_KEPT:
        return False
    known_plan = not obj.plan.everything and not obj.extra.everything
    planned = name in obj.plan.hops or name in obj.extra.hops
    return planned or (known_plan and found.is_eager) or (ref, name) in frame.state.links


def _leads_to(frame: Frame, attribute: Attribute, table: str) -> bool:
    model = target_of(frame.project, attribute)
    return model is not None and model.table == table
