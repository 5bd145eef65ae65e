"""What the methods of a session do to the objects that it holds."""

from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.plan import EVERYTHING, NOTHING, Plan
from plumb.analysis.orm.reads import onupdate_columns
from plumb.analysis.orm.state import ADDED, CLOSED, FLUSHED, NEW, PERSISTENT, Expiry, Obj
from plumb.analysis.orm.values import Instance, Value
from plumb.findings import Place
from plumb.index.models import Model, target_of
from plumb.project import Project

NO_NAMES: frozenset[str] = frozenset()


def began(frame: Frame, session: str) -> None:
    """A statement, or a change of an object, opens a transaction."""
    frame.state.idle.discard(session)


def flush(frame: Frame, session: str, place: Place) -> None:
    """What was added gets its row: from here on its unset relationships are not loaded."""
    for ref, obj in frame.state.objects.items():
        if obj.session != session:
            continue
        if obj.birth == ADDED:
            frame.state.objects[ref] = obj._replace(birth=FLUSHED, fresh=True, dirty=False)
        elif obj.dirty:
            computed = onupdate_columns(obj) and not _returns_defaults(frame.project, obj.model)
            frame.state.objects[ref] = obj._replace(dirty=False, stale=place if computed else obj.stale)
    began(frame, session)


def commit(frame: Frame, session: str, place: Place, text: str) -> None:
    """Flush, and expire everything that the session holds if it is made so."""
    flush(frame, session, place)
    expires = frame.state.expires.get(session)
    if expires:
        _outdate(frame, session)
    for ref, obj in frame.state.objects.items():
        if obj.session == session:
            kept = obj._replace(fresh=False)
            frame.state.objects[ref] = expired(kept, Expiry("commit", place, text)) if expires else kept
    frame.state.idle.add(session)


def rollback(frame: Frame, session: str, place: Place, text: str, *, failed: bool = False) -> None:
    """Expire everything but what the transaction itself has brought: that is no longer in the session."""
    if session in frame.state.idle:
        return
    _outdate(frame, session)
    expiry = Expiry("failure" if failed else "rollback", place, text)
    for ref, obj in frame.state.objects.items():
        if obj.session != session:
            continue
        if obj.fresh:
            frame.state.objects[ref] = obj._replace(session="", birth=NEW, fresh=False, extra=EVERYTHING)
        else:
            frame.state.objects[ref] = expired(obj, expiry, even_deleted=True)
    frame.state.idle.add(session)


def expire(frame: Frame, session: str, place: Place, text: str, value: Value | None = None) -> None:
    """`session.expire(task)` and `session.expire_all()`: what has a row is loaded again when it is read."""
    refs = [one.ref for one in instances(value)] if value is not None else list(frame.state.objects)
    _outdate(frame, session)
    for ref in refs:
        obj = frame.state.objects[ref]
        if obj.session == session and obj.birth not in {NEW, ADDED}:
            frame.state.objects[ref] = expired(obj, Expiry("expiry", place, text))


def expired(obj: Obj, expiry: Expiry, *, even_deleted: bool = False) -> Obj:
    """The object as the expiry leaves it; one that was deleted keeps its columns at a commit."""
    if obj.deleted and not even_deleted:
        return obj._replace(session="")
    return obj._replace(expired=expiry, live=frozenset(), extra=NOTHING, stale=None, missing=(), birth=PERSISTENT)


def close(frame: Frame, session: str, left: str = CLOSED) -> None:
    """The objects leave the session as they are; without *left* because they are meant to."""
    for ref, obj in frame.state.objects.items():
        if obj.session == session:
            frame.state.objects[ref] = obj._replace(session=left)


def add(frame: Frame, session: str, value: Value) -> None:
    """New objects wait for the next flush; a parameter may be new as well."""
    began(frame, session)
    for one in instances(value):
        obj = frame.obj(one)
        if obj.birth == NEW:
            frame.change(one, birth=ADDED, session=session, fresh=True)
            miss(frame, obj)
        elif obj.origin.kind == "parameter" and obj.expired is None:
            frame.change(one, session=session, fresh=True)


def miss(frame: Frame, child: Obj) -> None:
    """The parents that the added child names by their key do not know of it."""
    for link in child.links:
        parent = frame.state.objects.get(link.parent)
        if parent is not None and parent.expired is None:
            frame.state.objects[link.parent] = parent._replace(missing=(*parent.missing, link))


def refresh(frame: Frame, value: Value, names: list[str] | None) -> None:
    """Load again: the columns with what the query had planned, or the attributes that are named."""
    for one in instances(value):
        obj = frame.obj(one)
        _forget_links(frame, one, names)
        missing = () if names is None else tuple(link for link in obj.missing if link.name not in names)
        frame.change(one, missing=missing)
        if names is None:
            extra = obj.extra if obj.extra.everything and obj.origin.kind != "new" else NOTHING
            frame.change(one, expired=None, live=NO_NAMES, stale=None, extra=extra, birth=PERSISTENT)
        else:
            extra = obj.extra.merged(Plan(dict.fromkeys(names, NOTHING)))
            frame.change(one, expired=None, live=NO_NAMES, stale=None, extra=extra)


def forget(frame: Frame, value: Value) -> None:
    """Nothing more is known of these objects."""
    for one in instances(value):
        frame.change(one, expired=None, stale=None, extra=EVERYTHING, missing=(), session="")


def forget_session(frame: Frame, session: str) -> None:
    """Nothing more is known of what the session holds."""
    for ref, obj in frame.state.objects.items():
        if obj.session == session:
            frame.state.objects[ref] = obj._replace(expired=None, stale=None, missing=(), extra=EVERYTHING)


def see(frame: Frame, session: str, model: Model, plan: Plan) -> None:
    """Remember which models the plan brings along."""
    if plan.everything:
        frame.state.seen.add((session, "*"))
    for name, below in plan.hops.items():
        attribute = model.attributes.get(name)
        target = target_of(frame.project, attribute) if attribute is not None else None
        if target is not None:
            frame.state.seen.add((session, target.owner.key))
            see(frame, session, target, below)


def loaded(frame: Frame, session: str, model: Model, plan: Plan) -> None:
    """A query has brought rows of this model: objects that the session holds may be among them."""
    see(frame, session, model, plan)
    frame.state.renewed.add((session, model.owner.key))
    for ref, obj in frame.state.objects.items():
        if obj.model.owner == model.owner and obj.session == session:
            frame.state.objects[ref] = obj._replace(
                expired=None, extra=obj.extra.merged(plan), plan=obj.plan, live=frozenset(), stale=None
            )


def renew(frame: Frame, session: str, key: str) -> None:
    """What was expired of a model may have been loaded again, under whatever name."""
    began(frame, session)
    frame.state.renewed.add((session, key))
    for ref, obj in frame.state.objects.items():
        if obj.expired is not None and obj.session == session and obj.model.owner.key == key:
            frame.state.objects[ref] = obj._replace(expired=None, live=NO_NAMES)


def _outdate(frame: Frame, session: str) -> None:
    frame.state.renewed = {one for one in frame.state.renewed if one[0] != session}


def _forget_links(frame: Frame, one: Instance, names: list[str] | None) -> None:
    obj = frame.obj(one)
    for key in [key for key in frame.state.links if key[0] == one.ref and (names is None or key[1] in names)]:
        if names is not None or obj.plan.child(key[1]) is not None:
            for below in instances(frame.state.links[key]):
                frame.change(below, expired=None, live=NO_NAMES, stale=None)
        del frame.state.links[key]


def _returns_defaults(project: Project, model: Model) -> bool:
    """Whether `eager_defaults` makes the UPDATE return what it computes, in the class or in what it inherits."""
    found = project.hierarchy.member(model.owner, "__mapper_args__")
    if found is not None and found.fact.value is not None:
        return "eager_defaults" in found.fact.value.text
    computed = project.hierarchy.method(model.owner, "__mapper_args__")
    return computed is not None and any("eager_defaults" in one.text for one in computed.fact.returned)
