"""Going through a function of the project with the arguments of a call, and what it leaves behind."""

import ast

from plumb.analysis.orm import effects, failures
from plumb.analysis.orm.frame import AMBIENT, Frame, instances
from plumb.analysis.orm.plan import EVERYTHING
from plumb.analysis.orm.reads import text_of
from plumb.analysis.orm.state import ADDED, CLOSED, NEW, Obj, State
from plumb.analysis.orm.values import Attrs, Column, Instance, Lookup, Many, Mapping, Method, Row, Session, Thing, Value
from plumb.index.modules import FunctionInfo


def inline(frame: Frame, function: FunctionInfo, given: dict[str, Value], node: ast.expr) -> Value:
    """The value of the call; the caller's objects are left as the function leaves them."""
    summary = frame.summarise(frame, function, given)
    if summary is None:
        frame.failures[-1].append(failures.UNKNOWN if function.fact.is_async else failures.OPAQUE)
        for value in given.values():
            _may_have_changed(frame, value)
        return None
    for misread in summary.misreads:
        frame.report(misread)
    for value in given.values():
        if isinstance(value, Lookup):
            _may_have_changed(frame, value)
    session = session_of(given)
    if summary.failures:
        text = f"{text_of(node.func)}()" if isinstance(node, ast.Call) else ""
        frame.failures[-1].extend(
            one._replace(session=_outside(one.session, session), text=text) for one in summary.failures
        )
    if summary.after is None:
        frame.ended = node
        return None
    frame.state.seen |= {(_outside(key, session), model) for key, model in summary.after.seen}
    known = _take_back(frame, given, dict(summary.given), summary.after, session)
    _spread(
        frame,
        summary.after.objects[summary.loaded_witness],
        summary.after.objects[summary.added_witness],
        session,
        known,
        node,
    )
    for key, model in summary.after.renewed:
        effects.renew(frame, _outside(key, session), model)
    frame.state.idle |= {_outside(key, session) for key in summary.after.idle}
    return _import(frame, summary.value, summary.after, known, session)


def session_of(given: dict[str, Value]) -> str:
    """The session among the arguments, or that an object among them keeps; else the ambient one."""
    for value in given.values():
        if isinstance(value, Session):
            return value.key
    for value in given.values():
        for _, kept in value.fields if isinstance(value, Thing) else ():
            if isinstance(kept, Session):
                return kept.key
    return AMBIENT


def _take_back(
    frame: Frame, given: dict[str, Value], taken: dict[str, Value], after: State, session: str
) -> dict[int, int]:
    """Give the caller's objects the state that the function leaves them in; its numbers by those of the function."""
    known: dict[int, int] = {}
    for name, value in given.items():
        for mine, theirs in zip(instances(value), instances(taken.get(name)), strict=False):
            known[theirs.ref] = mine.ref
            obj, before = after.objects[theirs.ref], frame.obj(mine)
            frame.state.objects[mine.ref] = obj._replace(
                session=_outside(obj.session, session), origin=before.origin, links=before.links
            )
            if before.birth == NEW != obj.birth:
                effects.miss(frame, before)
            for key in [key for key in frame.state.links if key[0] == mine.ref]:
                del frame.state.links[key]
    return known


def _spread(frame: Frame, loaded: Obj, added: Obj, session: str, known: dict[int, int], node: ast.expr) -> None:
    """Do to the session's other objects what was done to the witnesses."""
    untouched = {ref: obj for ref, obj in frame.state.objects.items() if ref in known.values()}
    text = f"{text_of(node.func)}()" if isinstance(node, ast.Call) else text_of(node)
    place = loaded.expired.place if loaded.expired is not None else frame.place(node)
    if loaded.expired is not None and loaded.expired.kind in failures.ROLLED_BACK:
        effects.rollback(frame, session, place, text)
    elif loaded.expired is not None and loaded.expired.kind == "expiry":
        if added.birth != ADDED:
            effects.flush(frame, session, place)
        effects.expire(frame, session, place, text)
    elif added.session in {"", CLOSED} or added.birth == ADDED:
        pass
    elif added.fresh or (frame.state.expires.get(session) and loaded.expired is None):
        effects.flush(frame, session, place)  # not every way through the function commits
    else:
        effects.commit(frame, session, place, text)
    frame.state.objects.update(untouched)


def _import(frame: Frame, value: Value, after: State, known: dict[int, int], session: str) -> Value:
    """A returned value with its objects as the caller's."""

    def each(items: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(_import(frame, one, after, known, session) for one in items)

    if isinstance(value, Instance):
        return _import_object(frame, value, after, known, session)
    if isinstance(value, Session):
        return Session(_outside(value.key, session))
    if isinstance(value, Many | Lookup):
        return value._replace(item=each((value.item,))[0])
    if isinstance(value, Row):
        return value._replace(items=each(value.items))
    if isinstance(value, Thing | Mapping):
        named = value.fields if isinstance(value, Thing) else value.entries
        given = zip((name for name, _ in named), each(tuple(one for _, one in named)), strict=True)
        return value._replace(fields=tuple(given)) if isinstance(value, Thing) else Mapping(tuple(given))
    return None if isinstance(value, Method | Attrs | Column) else value


def _import_object(frame: Frame, value: Instance, after: State, known: dict[int, int], session: str) -> Instance:
    if value.ref not in known:
        obj = after.objects[value.ref]
        left = apart(obj)._replace(session=_outside(obj.session, session), links=())
        known[value.ref] = frame.state.add(left).ref
        for (ref, name), below in after.links.items():
            if ref == value.ref:
                frame.state.links[known[ref], name] = _import(frame, below, after, known, session)
    return Instance(known[value.ref])


def apart(obj: Obj) -> Obj:
    """The object as another function sees it, which cannot ask what has decided of its options."""
    origin = obj.origin._replace(asked="")
    return obj._replace(origin=origin, extra=EVERYTHING if obj.either and origin.kind == "query" else obj.extra)


def _outside(key: str, session: str) -> str:
    return session if key == AMBIENT else key


def _may_have_changed(frame: Frame, value: Value) -> None:
    """A function that is not looked into may load and refresh what it is given."""
    for one in instances(value):
        frame.change(one, expired=None, stale=None, extra=EVERYTHING)
