"""The identity map: a row that the session holds already comes as it is, with all that was loaded beside it.

What its query had planned is loaded again with it, also when a commit or a rollback has expired it and `get()` brings
it back; another `select()` brings an expired row with its own options only.
"""

import re

from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.plan import NOTHING, Plan
from plumb.analysis.orm.state import Obj
from plumb.analysis.orm.values import Instance
from plumb.index.models import Model


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


_MADE = frozenset({"new", "merge"})
_LOADED = _MADE | {"query", "get"}
