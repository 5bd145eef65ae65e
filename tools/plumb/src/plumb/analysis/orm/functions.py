"""Functions as a whole: what a file's functions misread, and what a call of a function has to know of it."""

import ast

from plumb.analysis.dependencies import depends_on
from plumb.analysis.late_commits import is_context_manager
from plumb.analysis.orm import statements, things
from plumb.analysis.orm.expressions import evaluate
from plumb.analysis.orm.frame import AMBIENT, SESSION_NAMES, Frame, Misread, Response, Summary, instances
from plumb.analysis.orm.home import home_of
from plumb.analysis.orm.inlining import inline
from plumb.analysis.orm.plan import EVERYTHING
from plumb.analysis.orm.reads import unparsed
from plumb.analysis.orm.state import ADDED, CLOSED, Obj, Origin, State, join
from plumb.analysis.orm.values import (
    Const,
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
from plumb.index.annotations import meaning
from plumb.index.facts import EMPTY, ClassFact, Expr, FieldFact, Parameter
from plumb.index.models import Model, model_of
from plumb.index.modules import ClassInfo, FunctionInfo, Module
from plumb.index.routes import routes_in
from plumb.index.scope import Scope
from plumb.index.sessions import expires_on_commit
from plumb.project import Project
from plumb.source import SourceFile

DEPTH = 3
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
            found.setdefault((misread.code, misread.place), misread)
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
        texts.append(" ".join(sorted(f"{session} {key}" for session, key in _seen(frame.state, _session(kept)))))
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
    if made is not None and made.levels is not None and not whole:
        whole.extend((depth, made.levels))
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
    frame.state.expires = {AMBIENT: _expires(project, given, outside)}
    loaded = frame.state.add(Obj(_WITNESS, EVERYTHING, AMBIENT, Origin("parameter", _NOWHERE, "", "")))
    added = frame.state.add(Obj(_WITNESS, EVERYTHING, AMBIENT, Origin("parameter", _NOWHERE, "", ""), birth=ADDED))
    if any(instances(value) for value in given.values()):
        frame.state.held = outside.held | {obj.model.owner.key for obj in outside.objects.values()}
        frame.state.seen = _seen(outside, _session(given))
    _bind_parameters(frame, info, given, outside)
    objects = tuple((name, value) for name, value in frame.state.variables.items() if instances(value))
    if statements.run(frame, home.node.body):
        frame.returned.append((None, frame.state))
    value, after = _met(frame)
    return Summary(objects, loaded.ref, added.ref, value, after, tuple(frame.misreads.values()), frame.levels)


def _met(frame: Frame) -> tuple[Value, State | None]:
    """All returns as one."""
    after: State | None = None
    for value, state in frame.returned:
        state.variables = {_RESULT: value}
        after = join(after, state)
    return (after.variables.get(_RESULT), after) if after is not None else (None, None)


def _bind_parameters(frame: Frame, info: FunctionInfo, given: dict[str, Value], outside: State) -> None:
    scope = Scope(frame.project, info.module, info.fact.scope)
    for position, parameter in enumerate(info.fact.parameters):
        value = given.get(parameter.name)
        if instances(value):
            found = _inside(frame, value, outside, _session(given))
        elif isinstance(value, Session):
            found = Session(AMBIENT) if value.key == _session(given) else value
        elif value is not None:
            found = value
        elif position == 0 and info.fact.owner and parameter.annotation is None:
            found = _self(frame, info)
        else:
            found = _promised(frame, parameter, scope)
        frame.state.variables[parameter.name] = found


def _self(frame: Frame, info: FunctionInfo) -> Value:
    fact = info.module.class_named.get(info.fact.owner)
    if fact is None:
        return None
    owner = info.module.info(fact)
    model = model_of(frame.project, owner)
    return Thing(owner) if model is None else frame.state.add(_unknown(model, "self", info))


def _promised(frame: Frame, parameter: Parameter, scope: Scope) -> Value:
    """What the annotation of a parameter, or the dependency it names, says."""
    annotation = parameter.annotation.node if parameter.annotation is not None else None
    provided = _provided(frame, parameter, scope)
    if instances(provided):
        return provided
    found = things.of_annotation(annotation, scope)
    if found is not None:
        return found
    if annotation is None and parameter.name in SESSION_NAMES:
        return Session(AMBIENT)
    said = meaning(annotation, scope)
    model = model_of(frame.project, said.symbol)
    if model is None or frame.info is None:
        return None
    obj = _unknown(model, parameter.name, frame.info, parameter.annotation)
    if _is_dependency(parameter, scope) and not _shares_session(parameter, scope, _NEST):
        obj = obj._replace(session="")
    made = frame.state.add(obj)
    return Many(made) if said.collection else made


def _unknown(model: Model, name: str, info: FunctionInfo, where: Expr | None = None) -> Obj:
    place = (
        Place(info.path, *where[1:]) if where is not None else Place(info.path, info.fact.line, 1, info.fact.line, 1)
    )
    return Obj(model, EVERYTHING, AMBIENT, Origin("parameter", place, name, ""))


def _provided(frame: Frame, parameter: Parameter, scope: Scope) -> Value:
    """What the function in `Depends(function)` returns."""
    for part in (parameter.default, parameter.annotation):
        function = depends_on(part.node if part is not None else None, scope)
        if isinstance(function, FunctionInfo) and part is not None:
            quiet = Frame(
                frame.project,
                frame.home,
                frame.info,
                frame.state,
                frame.depth,
                evaluate,
                summarise,
                quiet=1,
            )
            return inline(quiet, function, {}, _placed(frame))
    return None


def _placed(frame: Frame) -> ast.expr:
    node = ast.Name(frame.info.name if frame.info is not None else "", ast.Load())
    line = frame.info.fact.line if frame.info is not None else 1
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = line, 0, line, 0
    return node


def _is_dependency(parameter: Parameter, scope: Scope) -> bool:
    parts = [part.node for part in (parameter.default, parameter.annotation) if part is not None]
    return any("Depends" in unparsed(scope.value(part)[1]) for part in parts)


def _shares_session(parameter: Parameter, scope: Scope, depth: int) -> bool:
    """Whether the dependency takes a session itself, which is then the one of the request."""
    for part in (parameter.default, parameter.annotation):
        function = depends_on(part.node if part is not None else None, scope)
        if isinstance(function, FunctionInfo) and depth:
            inner = Scope(scope.project, function.module, function.fact.scope)
            for one in function.fact.parameters:
                annotation = one.annotation.node if one.annotation is not None else None
                if isinstance(things.of_annotation(annotation, inner), Session) or _shares_session(
                    one, inner, depth - 1
                ):
                    return True
    return False


def _inside(frame: Frame, value: Value, outside: State, session: str) -> Value:
    """A value of the caller with its objects as the function's own."""
    if isinstance(value, Instance):
        obj = outside.objects[value.ref]
        apart = obj.session if obj.session in {"", CLOSED} else f"outer {obj.session}"
        return frame.state.add(obj._replace(session=AMBIENT if obj.session == session else apart, links=()))
    if isinstance(value, Many):
        return value._replace(item=_inside(frame, value.item, outside, session))
    if isinstance(value, Row):
        return value._replace(items=tuple(_inside(frame, one, outside, session) for one in value.items))
    return value


def _seen(outside: State, session: str) -> set[tuple[str, str]]:
    return {(AMBIENT if key == session else key, model) for key, model in outside.seen}


def _passable(value: Value) -> Value:
    """What of an argument a function is shown: nothing that holds objects of the caller by their number there."""
    if isinstance(value, Thing):
        return Thing(value.owner, tuple((name, kept) for name, kept in value.fields if isinstance(kept, ModelClass)))
    if isinstance(value, Many):
        return value._replace(item=_passable(value.item))
    if isinstance(value, Row):
        return value._replace(items=tuple(_passable(one) for one in value.items))
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
    if isinstance(value, Session):
        return f"session {frame.state.expires.get(value.key)} {value.key != AMBIENT}"
    return signature(value)


def _session(given: dict[str, Value]) -> str:
    return next((value.key for value in given.values() if isinstance(value, Session)), AMBIENT)


def _expires(project: Project, given: dict[str, Value], outside: State) -> bool | None:
    return outside.expires.get(_session(given), expires_on_commit(project))


_NEST = 3
_PASSED = (Instance, Many, Row, Query, Session, ModelClass, Relation, Loader, Loaders, Const, Known, type(None))
_RESULT = " result"
