"""What the parameters of a function stand for: arguments of a call, annotations, dependencies, the object itself."""

import ast
from typing import NamedTuple

from plumb.analysis.dependencies import provider_of
from plumb.analysis.orm import expiry, things
from plumb.analysis.orm.frame import AMBIENT, SESSION_NAMES, Frame, instances
from plumb.analysis.orm.inlining import apart, inline, session_of
from plumb.analysis.orm.plan import EVERYTHING
from plumb.analysis.orm.reads import unparsed
from plumb.analysis.orm.state import BORROWED, CLOSED, Obj, Origin, State
from plumb.analysis.orm.values import Instance, Many, Row, Session, Thing, Value
from plumb.findings import Place
from plumb.index.annotations import meaning
from plumb.index.facts import Expr, Parameter
from plumb.index.models import Model, base_of_models, model_of
from plumb.index.modules import FunctionInfo
from plumb.index.scope import Scope
from plumb.project import Project


class Promise(NamedTuple):
    """What is said of a parameter: the dependency that gives it, else its value, else its model.

    `expires` is what a commit does to the objects of the session that it brings; `apart` when that is not the session
    of the request.
    """

    provider: FunctionInfo | None
    expires: bool | None
    value: Value
    model: Model | None = None
    many: bool = False
    apart: bool = False


def bind_parameters(frame: Frame, info: FunctionInfo, given: dict[str, Value], outside: State) -> None:
    """Give each parameter its value: the argument, or what its annotation and its dependency promise."""
    scope = Scope(frame.project, info.module, info.fact.scope)
    for position, parameter in enumerate(info.fact.parameters):
        value = given.get(parameter.name)
        if instances(value):
            found = _inside(frame, value, outside, session_of(given))
        elif isinstance(value, Session):
            found = _ours(value, session_of(given))
        elif isinstance(value, Thing):
            kept = ((name, _ours(one, session_of(given))) for name, one in value.fields)
            found = value._replace(fields=tuple(kept))
        elif value is not None:
            found = value
        elif position == 0 and info.fact.owner and parameter.annotation is None:
            found = _self(frame, info)
        else:
            found = _promised(frame, info, parameter, scope)
        frame.state.variables[parameter.name] = found


def _ours(value: Value, session: str) -> Value:
    """What a caller gives, where its session is the one that the function is given."""
    return Session(AMBIENT) if isinstance(value, Session) and value.key == session else value


def _self(frame: Frame, info: FunctionInfo) -> Value:
    owner = info.module.class_(info.fact.owner)
    if owner is None:
        return None
    model = model_of(frame.project, owner) or base_of_models(frame.project, owner)
    if model is not None and any(text.text == "classmethod" for text in info.fact.decorators):
        return None
    return Thing(owner) if model is None else frame.state.add(_unknown(model, "self", info))


def _promised(frame: Frame, info: FunctionInfo, parameter: Parameter, scope: Scope) -> Value:
    """What the annotation of a parameter, or the dependency it names, says."""
    promise = frame.home.once(("promise", parameter.name), lambda: _promise(parameter, scope))
    provided = _provided(frame, info, promise.provider) if promise.provider is not None else None
    if promise.expires is not None:
        frame.state.expires = {**frame.state.expires, AMBIENT: promise.expires}
    if instances(provided) or isinstance(provided, Thing):
        return provided
    if promise.model is None:
        return promise.value
    obj = _unknown(promise.model, parameter.name, info, parameter.annotation)
    made = frame.state.add(obj._replace(session="") if promise.apart else obj)
    return Many(made) if promise.many else made


def _promise(parameter: Parameter, scope: Scope) -> Promise:
    annotation = parameter.annotation.node if parameter.annotation is not None else None
    provider = provider_of(parameter, scope)
    declared = expiry.of_dependency(scope.project, provider)
    found = things.of_annotation(annotation, scope)
    if found is None and annotation is None and parameter.name in SESSION_NAMES:
        found = Session(AMBIENT)
    if found is not None:
        return Promise(provider, declared, found)
    said = meaning(annotation, scope)
    apart = _is_dependency(parameter, scope) and not _shares_session(scope.project, provider, _NEST)
    return Promise(provider, declared, None, model_of(scope.project, said.symbol), said.collection, apart)


def _unknown(model: Model, name: str, info: FunctionInfo, where: Expr | None = None) -> Obj:
    place = (
        Place(info.path, *where[1:]) if where is not None else Place(info.path, info.fact.line, 1, info.fact.line, 1)
    )
    return Obj(model, EVERYTHING, AMBIENT, Origin("parameter", place, name, ""))


def _provided(frame: Frame, info: FunctionInfo, provider: FunctionInfo) -> Value:
    """What the function in `Depends(function)` returns."""
    quiet = Frame(frame.project, frame.home, info, frame.state, frame.depth, frame.evaluate, frame.summarise, quiet=1)
    return inline(quiet, provider, {}, _placed(info))


def _placed(info: FunctionInfo) -> ast.expr:
    node, line = ast.Name(info.name, ast.Load()), info.fact.line
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = line, 0, line, 0
    return node


def _is_dependency(parameter: Parameter, scope: Scope) -> bool:
    parts = [part.node for part in (parameter.default, parameter.annotation) if part is not None]
    return any("Depends" in unparsed(scope.value(part)[1]) for part in parts)


def _shares_session(project: Project, provider: FunctionInfo | None, depth: int) -> bool:
    """Whether the dependency takes a session itself, which is then the one of the request."""
    if provider is None or not depth:
        return False
    scope = Scope(project, provider.module, provider.fact.scope)
    return any(
        _is_session(one, scope) or _shares_session(project, provider_of(one, scope), depth - 1)
        for one in provider.fact.parameters
    )


def _is_session(parameter: Parameter, scope: Scope) -> bool:
    annotation = parameter.annotation.node if parameter.annotation is not None else None
    return isinstance(things.of_annotation(annotation, scope), Session)


def _inside(frame: Frame, value: Value, outside: State, session: str) -> Value:
    """A value of the caller with its objects as the function's own."""
    if isinstance(value, Instance):
        obj = outside.objects[value.ref]
        elsewhere = obj.session if obj.session in {"", CLOSED, BORROWED} else f"outer {obj.session}"
        kept = AMBIENT if obj.session == session else elsewhere
        return frame.state.add(apart(obj)._replace(session=kept, links=()))
    if isinstance(value, Many):
        return value._replace(item=_inside(frame, value.item, outside, session))
    if isinstance(value, Row):
        return value._replace(items=tuple(_inside(frame, one, outside, session) for one in value.items))
    return value


_NEST = 3
