"""Functions as a whole: what a file's functions misread, and what a call of a function has to know of it."""

from plumb.analysis.late_commits import is_context_manager
from plumb.analysis.orm import statements
from plumb.analysis.orm.expressions import evaluate
from plumb.analysis.orm.frame import AMBIENT, Frame, Misread, Response, Summary, gather, instances
from plumb.analysis.orm.home import Home, home_of
from plumb.analysis.orm.inlining import session_of
from plumb.analysis.orm.parameters import bind_parameters
from plumb.analysis.orm.plan import EVERYTHING
from plumb.analysis.orm.state import ADDED, Obj, Origin, State, join
from plumb.analysis.orm.things import is_held
from plumb.analysis.orm.values import (
    Const,
    Dump,
    Instance,
    Known,
    Loader,
    Loaders,
    Many,
    ModelClass,
    Query,
    Relation,
    Row,
    Session,
    Thing,
    Value,
    signature,
)
from plumb.findings import Place
from plumb.index.facts import EMPTY, ClassFact, FieldFact
from plumb.index.models import Model
from plumb.index.modules import ClassInfo, FunctionInfo, Module
from plumb.index.routes import routes_in
from plumb.index.sessions import expires_on_commit
from plumb.project import Project
from plumb.source import SourceFile

DEPTH = 6
_NOWHERE = Place("", 1, 1, 1, 1)
_WITNESS = Model(
    ClassInfo(
        Module("", "", EMPTY),
        ClassFact("witness", "witness", "", 1, 1, 1, (), (), (), (FieldFact("x", None, None, 1, 1, 1, 1),), ()),
    ),
    "sqlalchemy",
    "",
    {},
)


def misreads_of(file: SourceFile) -> list[Misread]:
    """What the asynchronous functions of a file read and cannot, themselves or in the functions that they call."""
    return file.project.memo(("misreads", file.path), lambda: _all(file))


def _all(file: SourceFile) -> list[Misread]:
    found: dict[tuple[str, Place], Misread] = {}
    routes = {route.handler.key: route for route in routes_in(file.project, file.path) if route.handler is not None}
    for info in file.module.functions():
        if not info.fact.is_async or "overload" in "".join(text.text for text in info.fact.decorators):
            continue
        route = routes.get(info.key)
        response: Response | None = None
        if route is not None and route.response_model is not None and not route.response_model_is_none:
            response = Response(route.response_model, route.scope)
        summary = analyse(file.project, info, {}, State(), DEPTH, response)
        for misread in summary.misreads if summary is not None else ():
            gather(found, misread)
    return list(found.values())


def summarise(frame: Frame, function: FunctionInfo, given: dict[str, Value]) -> Summary | None:
    """What a call with these arguments does; None if the function is not looked into."""
    if function.module.library or function.fact.is_generator or is_context_manager(function):
        return None
    if frame.depth <= 0:
        frame.followed(None)
        return None
    kept = {name: _passable(value) for name, value in given.items()}
    texts = [f"{name}={_signature(frame, value)}" for name, value in sorted(kept.items()) if value is not None]
    if any(instances(value) for value in kept.values()):
        held = {obj.model.owner.key for obj in frame.state.objects.values()}
        texts.append(" ".join(sorted(held | frame.state.held)))
        texts.append(" ".join(sorted(f"{session} {key}" for session, key in _seen(frame.state, session_of(kept)))))
    found = _known_or_made(frame, function, kept, " ".join(texts))
    frame.followed(found.levels if found is not None else 0)
    return found


def _known_or_made(frame: Frame, function: FunctionInfo, given: dict[str, Value], signature: str) -> Summary | None:
    """The summary to this depth; one that was not cut short is good for every depth that it fits into."""
    key = (function.path, function.key, signature)
    whole: list[int] = frame.project.memo(("whole summary", *key), list[int])
    depth = whole[0] if whole and whole[1] < frame.depth else frame.depth
    made = frame.project.memo(
        ("summary", *key, depth),
        lambda: analyse(frame.project, function, given, frame.state, depth - 1, None),
    )
    if made is not None and made.levels is not None:
        whole[:] = (depth, made.levels)
    return made


def analyse(
    project: Project,
    info: FunctionInfo,
    given: dict[str, Value],
    outside: State,
    depth: int,
    response: Response | None,
) -> Summary | None:
    """Go through a function once."""
    home = home_of(project, info)
    if home is None or home.node is None:
        return None
    frame = Frame(project, home, info, State(), depth, evaluate, summarise, response=response)
    frame.state.expires = {AMBIENT: _expires(home, given, outside)}
    loaded = frame.state.add(Obj(_WITNESS, EVERYTHING, AMBIENT, Origin("parameter", _NOWHERE, "", "")))
    frame.witness = loaded.ref
    added = frame.state.add(Obj(_WITNESS, EVERYTHING, AMBIENT, Origin("parameter", _NOWHERE, "", ""), birth=ADDED))
    if any(instances(value) for value in given.values()):
        frame.state.held = outside.held | {obj.model.owner.key for obj in outside.objects.values()}
        frame.state.seen = _seen(outside, session_of(given))
    bind_parameters(frame, info, given, outside)
    objects = tuple((name, value) for name, value in frame.state.variables.items() if instances(value))
    if statements.run(frame, home.node.body):
        frame.returned.append((None, frame.state))
    value, after = _met(frame)
    leaving = tuple(dict.fromkeys(frame.failures[0]))
    return Summary(objects, loaded.ref, added.ref, value, after, tuple(frame.misreads.values()), frame.levels, leaving)


def _met(frame: Frame) -> tuple[Value, State | None]:
    """All returns as one."""
    after: State | None = None
    for value, state in frame.returned:
        state.variables = {_RESULT: value}
        after = join(after, state)
    return (after.variables.get(_RESULT), after) if after is not None else (None, None)


def _seen(outside: State, session: str) -> set[tuple[str, str]]:
    return {(AMBIENT if key == session else key, model) for key, model in outside.seen}


def _passable(value: Value) -> Value:
    """What of an argument a function is shown: nothing that holds objects of the caller by their number there."""
    if isinstance(value, Thing):
        return Thing(value.owner, tuple(field for field in value.fields if is_held(field[1])))
    if isinstance(value, Query) and value.doubt:
        entities = tuple(one._replace(plan=EVERYTHING) for one in value.entities)
        return value._replace(entities=entities, doubt=frozenset())
    if isinstance(value, Many):
        return value._replace(item=_passable(value.item))
    if isinstance(value, Row):
        named = bool(value.items) and all(isinstance(one, Const) for one in value.items)
        return value if named else value._replace(items=tuple(_passable(one) for one in value.items))
    if isinstance(value, Const) and not (value.value is None or isinstance(value.value, bool)):
        return None
    return value if isinstance(value, _PASSED) else None


def _signature(frame: Frame, value: Value) -> str:
    if isinstance(value, Instance):
        obj = frame.state.objects[value.ref]
        plans = f"{obj.plan.signature} {obj.extra.signature}"
        return f"{obj.model.owner.key} {plans} {obj[2:4]} {obj.birth} {obj[6:]}"
    if isinstance(value, Many):
        return f"many {_signature(frame, value.item)}"
    if isinstance(value, Row):
        return f"[{' '.join(_signature(frame, one) for one in value.items)}]"
    if isinstance(value, Thing):
        return f"{value.owner.key} {' '.join(f'{name} {_signature(frame, kept)}' for name, kept in value.fields)}"
    if isinstance(value, Session):
        return f"session {frame.state.expires.get(value.key)} {value.key != AMBIENT}"
    return signature(value)


def _expires(home: Home, given: dict[str, Value], outside: State) -> bool | None:
    return outside.expires.get(session_of(given), expires_on_commit(home.project, home.path))


_PASSED = (Instance, Many, Row, Query, Session, ModelClass, Relation, Loader, Loaders, Const, Known, Dump, type(None))
_RESULT = " result"
