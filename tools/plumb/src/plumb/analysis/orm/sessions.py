"""Calls of an asynchronous session, and how one is made."""

import ast

from plumb.analysis.orm import effects, failures, identity, loaders, queries
from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.plan import EVERYTHING, NOTHING
from plumb.analysis.orm.reads import text_of, unparsed
from plumb.analysis.orm.state import Obj, Origin
from plumb.analysis.orm.values import Const, Instance, Loader, ModelClass, Query, Result, Row, Session, Value
from plumb.findings import Place
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, External, ValueInfo
from plumb.index.scope import argument, keyword
from plumb.index.sessions import ASYNC_SESSIONS, expires_on_commit, opened, sessions_of

EXECUTING = frozenset({"execute", "scalars", "exec", "stream", "stream_scalars", "scalar"})


def is_session_class(symbol: External) -> bool:
    """Whether a library class makes an asynchronous session."""
    return symbol.key in ASYNC_SESSIONS


def made(frame: Frame, symbol: ValueInfo | External | ClassInfo, node: ast.Call) -> Value:
    """The session that a factory or the class itself makes here; other calls give nothing known."""
    for part in [*node.args, *(word.value for word in node.keywords)]:
        frame.value(part)
    if isinstance(symbol, ValueInfo):
        found = opened(symbol, node, frame.home.scope)
    else:
        found = sessions_of(node, frame.home.scope)
    if found is None or not found.is_async:
        return None
    key = f"{frame.home.path}:{node.lineno}:{node.col_offset}"
    expires = found.expires if found.expires is not None else expires_on_commit(frame.project, frame.home.path)
    frame.state.expires = {**frame.state.expires, key: expires}
    frame.state.idle.add(key)
    return Session(key)


def call(frame: Frame, session: Session, node: ast.Call, *, awaited: bool) -> Value:
    """A method of a session."""
    name = last_name(node.func)
    if name in EXECUTING:
        return _execute(frame, session, node, name, awaited=awaited)
    if name in {"get", "get_one"}:
        return _get(frame, session, node) if awaited else None
    if name == "run_sync":
        frame.failures[-1].append(failures.UNKNOWN)
        return _run_sync(frame, node)
    values = [frame.value(part) for part in node.args]
    for word in node.keywords:
        frame.value(word.value)
    if awaited and name in {"commit", "rollback", "flush", "close", "refresh", "merge", "delete", "reset"}:
        return _awaited(frame, session, node, name, values)
    _immediate(frame, session, name, values, node)
    return None


def _written(node: ast.Call) -> str:
    """The session of a call as it is written there."""
    return text_of(node.func).rpartition(".")[0]


def _execute(frame: Frame, session: Session, node: ast.Call, name: str, *, awaited: bool) -> Value:
    values = [frame.value(part) for part in node.args]
    for word in node.keywords:
        frame.value(word.value)
    if not awaited and not name.startswith("stream"):
        return None
    query = values[0] if values else frame.value(keyword(node, "statement"))
    if not (isinstance(query, Query) and query.entities):
        frame.failures[-1].append(failures.UNKNOWN)
    single = isinstance(query, Query) and len(query.entities) == 1
    scalars = name in {"scalars", "stream_scalars", "scalar"} or (name == "exec" and single)
    result = queries.executed(frame, query, session.key, _written(node), scalars=scalars)
    if name == "scalar" and isinstance(result, Result):
        return queries.item(frame, result)
    return result


def _get(frame: Frame, session: Session, node: ast.Call) -> Value:
    """A row by its key. What the session holds already comes as it is: then options load nothing."""
    wanted = frame.value(argument(node, "entity", 0))
    key = argument(node, "ident", 1)
    frame.value(key)
    options = keyword(node, "options")
    found = loaders.options_in([frame.value(options)]) if options is not None else []
    if not isinstance(wanted, ModelClass):
        return None
    words = unparsed(key) if key is not None else ""
    held = identity.held(frame, session.key, wanted.model, node, words) if not _populates(node) else None
    if held is not None:
        return _as_it_is(frame, held, node, found)
    beside = identity.beside(frame, session.key, wanted.model, words, again=True)
    effects.renew(frame, session.key, wanted.model.owner.key)
    plan = loaders.plan_for(wanted.model.owner, found, frame.project).merged(beside)
    effects.see(frame, session.key, wanted.model, plan)
    origin = Origin("get", frame.place(node), unparsed(node), _written(node), words)
    made = frame.state.add(Obj(wanted.model, plan, session.key, origin))
    identity.remember(frame, made, words, node)
    return made


def _as_it_is(frame: Frame, held: Instance, node: ast.Call, options: list[Loader]) -> Instance:
    """The object that the session holds; what `options` say of it is not done, and not asked for once more."""
    if options:
        origin = frame.obj(held).origin
        frame.change(held, origin=origin._replace(kind="held", place=frame.place(node), text=unparsed(node)))
    return held


def _populates(node: ast.Call) -> bool:
    return keyword(node, "populate_existing") is not None or keyword(node, "with_for_update") is not None


def _run_sync(frame: Frame, node: ast.Call) -> None:
    """What runs inside may load whatever it reads."""
    for part in node.args[1:]:
        effects.forget(frame, frame.value(part))
    for value in list(frame.state.variables.values()):
        for one in instances(value):
            frame.change(one, expired=None, extra=EVERYTHING)


def _awaited(frame: Frame, session: Session, node: ast.Call, name: str, values: list[Value]) -> Value:
    place, text = frame.place(node), text_of(node)
    first = values[0] if values else None
    if name in {"commit", "flush"}:
        _store(frame, session, name, place, text)
    elif name == "rollback":
        effects.rollback(frame, session.key, place, text)
    elif name in {"close", "reset"}:
        effects.close(frame, session.key)
    elif name == "refresh":
        given = argument(node, "attribute_names", 1)
        names = _names(frame, given) if given is not None else None
        effects.refresh(frame, first, names)
        if names == []:
            effects.forget(frame, first)
    elif name == "delete":
        for one in instances(first):
            frame.change(one, deleted=True)
    elif name == "merge":
        return _merged(frame, session, first, node)
    return None


def _store(frame: Frame, session: Session, name: str, place: Place, text: str) -> None:
    failures.may_fail(frame, session.key, place, text)
    if name == "commit":
        effects.commit(frame, session.key, place, text)
    else:
        effects.flush(frame, session.key, place)


def _names(frame: Frame, node: ast.expr) -> list[str] | None:
    """The attribute names that are written out, here or by the caller; none if any of them is not known."""
    given = frame.value(node) if isinstance(node, ast.Name) else None
    if isinstance(given, Const) and given.value is None:
        return None
    written = given if isinstance(given, Row) else frame.value(frame.home.scope.value(node)[1])
    items = written.items if isinstance(written, Row) else ()
    found = [one.value for one in items if isinstance(one, Const) and isinstance(one.value, str)]
    return found if len(found) == len(items) else []


def _merged(frame: Frame, session: Session, value: Value, node: ast.Call) -> Value:
    """The row of a new object: it has what the object was given, unless the session held the row before."""
    for one in instances(value):
        obj = frame.obj(one)
        origin = Origin("merge", frame.place(node), text_of(node), _written(node))
        alone = obj.origin.kind == "new" and obj.model.owner.key not in frame.state.held
        others = [ref for ref, held in frame.state.objects.items() if held.model == obj.model and ref != one.ref]
        plan = obj.extra if alone and not others else EVERYTHING
        return frame.state.add(
            Obj(obj.model, NOTHING, session.key, origin, extra=plan, fresh=True, dirty=obj.origin.kind == "new")
        )
    return None


def _immediate(frame: Frame, session: Session, name: str, values: list[Value], node: ast.Call) -> None:
    first = values[0] if values else None
    if name in {"add", "add_all"}:
        effects.add(frame, session.key, first)
    elif name == "expunge":
        for one in instances(first):
            frame.change(one, session="")
    elif name == "expunge_all":
        effects.close(frame, session.key, left="")
    elif name == "expire_all" or (name == "expire" and len(values) + len(node.keywords) == 1 and instances(first)):
        effects.expire(frame, session.key, frame.place(node), text_of(node), first)
    elif name == "expire":
        effects.forget_session(frame, session.key)
