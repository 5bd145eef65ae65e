"""The identity map: a row that the session holds already comes as it is, with all that was loaded beside it.

What its query had planned is loaded again with it, also when a commit or a rollback has expired it and `get()` brings
it back; another `select()` brings an expired row with its own options only.
"""

import ast
import re

from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.plan import NOTHING, Plan
from plumb.analysis.orm.state import Obj
from plumb.analysis.orm.values import Const, Instance, Row
from plumb.index.extract import last_name
from plumb.index.models import Model
from plumb.walk import walk


def held(frame: Frame, session: str, model: Model, node: ast.Call, words: str) -> Instance | None:
    """The object that the session has under the key *words* when it is asked for it once more.

    It has what some variable still holds: a row that nothing refers to is forgotten and loaded anew.
    """
    one, line = _asked_for(frame, session, model, words)
    if one is None:
        return None
    obj = frame.obj(one)
    known = obj.session == session and obj.expired is None and not obj.extra.everything
    return one if known and _is_alive(frame, one) and _is_same(frame, words, line, node.lineno) else None


def remember(frame: Frame, one: Instance, words: str, node: ast.Call) -> None:
    """Under which key an object was asked for, and where."""
    obj = frame.obj(one)
    frame.state.variables[_name(obj.session, obj.model, words)] = Row((one, Const(node.lineno)))


def came(frame: Frame, one: Instance, words: str, node: ast.Call) -> None:
    """A function has got the object by a key, which its call names so."""
    frame.change(one, origin=frame.obj(one).origin._replace(words=words))
    remember(frame, one, words, node)


def is_asked_by(obj: Obj, name: str) -> bool:
    """Whether the one object was loaded by this very key."""
    if obj.origin.kind in {"get", "held"} and obj.origin.words == name:
        return True
    return bool(re.fullmatch(rf"\s*{obj.model.name}\.id == {re.escape(name)}", obj.origin.words))


def beside(frame: Frame, session: str, model: Model, words: str, *, again: bool) -> Plan:
    """What objects of the session that may be the row which *words* ask for have loaded; *again* if expired, too."""
    plan = NOTHING
    for obj in frame.state.objects.values():
        if obj.session != session or obj.model.owner != model.owner or obj.origin.kind not in _LOADED:
            continue
        if (again or obj.expired is None) and _may_be(obj, words):
            plan = plan.merged(obj.plan).merged(obj.extra)
    return plan


def named(frame: Frame, origin: Obj, model: Model) -> Plan:
    """What the objects have loaded that a query names by their variables: `where(Post.author_id == user.id)`."""
    plan = NOTHING
    for name, value in frame.state.variables.items():
        obj = frame.state.objects.get(value.ref) if isinstance(value, Instance) else None
        if obj is None or obj.model.owner != model.owner or obj.session != origin.session or obj.expired is not None:
            continue
        if re.search(rf"(?<![\w.]){re.escape(name)}\.", origin.origin.words):
            plan = plan.merged(obj.plan).merged(obj.extra)
    return plan


def _may_be(obj: Obj, words: str) -> bool:
    """Whether an object was asked for by the same words, or by some that cannot be compared."""
    mine, other = obj.origin.words.strip(), words.strip()
    if obj.parent or obj.origin.kind in _MADE or not obj.origin.asked or not mine or not other:
        return True
    shorter, longer = sorted((mine, other), key=len)
    return re.search(rf"(?<![\w.]){re.escape(shorter)}(?!\w)", longer) is not None


def _name(session: str, model: Model, words: str) -> str:
    return f" {session} {model.owner.key} {words}"


def _asked_for(frame: Frame, session: str, model: Model, words: str) -> tuple[Instance | None, int]:
    """What an earlier `get()`, or a query of this function for a variable, has brought under a key; and its line."""
    match frame.state.variables.get(_name(session, model, words)):
        case Row((Instance() as one, Const(int(line)))) if one.ref in frame.state.objects:
            return one, line
        case _:
            pass
    for value in frame.state.variables.values():
        obj = frame.state.objects.get(value.ref) if isinstance(value, Instance) else None
        if obj is None or obj.model.owner != model.owner or obj.origin.kind != "query" or not obj.origin.asked:
            continue
        if isinstance(value, Instance) and not obj.parent and is_asked_by(obj, words):
            return value, obj.origin.place.line
    return None, 0


def _is_alive(frame: Frame, one: Instance) -> bool:
    variables = frame.state.variables.items()
    return any(one in instances(value) for name, value in variables if not name.startswith(" "))


def _is_same(frame: Frame, words: str, first: int, last: int) -> bool:
    """Whether a key has one value in both of two places, the later one last: none of its variables is set between."""
    if first >= last or not words or re.search(r"\w\(", words) or frame.home.node is None:
        return False
    names = set(re.findall(r"[A-Za-z_]\w*", words))
    set_there = (node for node in walk(frame.home.node) if isinstance(getattr(node, "ctx", None), ast.Store))
    between = (node for node in set_there if first <= getattr(node, "lineno", 0) <= last)
    return not any(last_name(node) in names for node in between if isinstance(node, ast.Name | ast.Attribute))


_MADE = frozenset({"new", "merge"})
_LOADED = _MADE | {"query", "get", "held"}
