"""Calls: of sessions, statements and results, of loader options, of models and schemas, of the project's functions."""

import ast
from collections.abc import Callable
from typing import Any

from plumb.analysis.orm import (
    binding,
    callbacks,
    displays,
    dumps,
    expressions,
    failures,
    filling,
    identity,
    linking,
    loaders,
    outliving,
    passing,
    queries,
    schemas,
    sessions,
    things,
)
from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.inlining import inline
from plumb.analysis.orm.plan import EVERYTHING, NOTHING, Plan
from plumb.analysis.orm.reads import text_of, unparsed
from plumb.analysis.orm.state import NEW, Obj, Origin
from plumb.analysis.orm.values import (
    Dump,
    Instance,
    Known,
    Loader,
    Lookup,
    Many,
    Mapping,
    Method,
    ModelClass,
    Query,
    Relation,
    Result,
    Row,
    Session,
    Value,
)
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, External, FunctionInfo, ValueInfo
from plumb.index.sessions import is_async_session

MAKERS = frozenset({"model_validate", "from_orm", "parse_obj", "model_construct"})


def call(frame: Frame, node: ast.Call, *, awaited: bool) -> Value:
    """The value of a call; all arguments are evaluated, once."""
    function = node.func
    outliving.called(frame, node)
    callbacks.later(frame, node)
    if isinstance(function, ast.Attribute):
        linking.appended(frame, function)
    built = schemas.called(frame, node)
    if built is not None:
        return built.value
    base: Value = None
    if isinstance(function, ast.Attribute):
        base = frame.value(function.value)
        handler = _METHODS.get(type(base))
        if handler is not None:
            return handler(frame, base, node, awaited)
        kept = f"{function.value.id}.{function.attr}" if isinstance(function.value, ast.Name) else ""
        target = frame.state.variables.get(kept) or expressions.attribute_of(frame, base, function)
    else:
        target = frame.value(function)
    if isinstance(base, ModelClass) and target is None and last_name(function) in MAKERS:
        return construct(frame, base, node)
    found = invoke(frame, target, node, awaited=awaited)
    return dumps.dumped(frame, function, base, target) if found is None else found


def invoke(frame: Frame, target: Value, node: ast.Call, *, awaited: bool) -> Value:
    """Call what the expression before the parenthesis stands for."""
    if isinstance(target, ModelClass):
        return construct(frame, target, node)
    if isinstance(target, Method):
        return _function(frame, target.function, node, target.on, awaited=awaited)
    if isinstance(target, Known):
        return _known(frame, target, node, awaited=awaited)
    frame.failures[-1].append(failures.UNKNOWN if awaited else failures.OPAQUE)
    arguments(frame, node)
    return None


def arguments(frame: Frame, node: ast.Call) -> list[Value]:
    """The positional arguments; keywords are evaluated as well."""
    found: list[Value] = []
    starting = last_name(node.func) in callbacks.STARTING
    frame.starting += starting
    for part in node.args:
        if isinstance(part, ast.Starred):
            inner = frame.value(part.value)
            found.extend(inner.items if isinstance(inner, Row) else [inner])
        else:
            found.append(frame.value(part))
    for word in node.keywords:
        frame.value(word.value)
    frame.starting -= starting
    return found


def construct(frame: Frame, target: ModelClass, node: ast.Call) -> Value:
    """A new object: what is given to it is loaded."""
    arguments(frame, node)
    spread = [dumps.keys(frame, word.value) for word in node.keywords if word.arg is None]
    given = {word.arg for word in node.keywords if word.arg}.union(*(keys for keys in spread if keys is not None))
    named = Plan({one.name: EVERYTHING for one in target.model.relationships if one.name in given})
    open_ended = None in spread
    words = " ".join(unparsed(word) for word in node.keywords)
    origin = Origin("new", frame.place(node), text_of(node), "", words)
    made = frame.state.add(Obj(target.model, NOTHING, "", origin, birth=NEW, extra=EVERYTHING if open_ended else named))
    frame.change(made, links=tuple(linking.links_of(frame, target.model, node, made.ref)))
    return made


def item_of_result(frame: Frame, result: Result) -> Value:
    """What a loop over a result gives."""
    return queries.item(frame, result, many=True)


def run(frame: Frame, function: FunctionInfo, given: dict[str, Value], node: ast.expr) -> Value:
    """Go through a function of the project with these arguments."""
    return inline(frame, function, given, node)


def _function(frame: Frame, function: FunctionInfo, node: ast.Call, on: Value, *, awaited: bool) -> Value:
    given = binding.bound(frame, function, node, on)
    if not function.fact.is_async:
        positional = [frame.value(part) for part in node.args if isinstance(part, ast.Name | ast.Attribute | ast.Tuple)]
        helped = loaders.through_helper(function, positional, frame)
        if helped is not None:
            return helped
    runs = awaited or frame.starting > 0 or not function.fact.is_async
    if not runs or not _is_worth_it(function, given):
        frame.failures[-1].extend([failures.OPAQUE] if runs else [])
        return None
    before = next(frame.state.numbers)
    value = run(frame, function, given, node)
    if isinstance(value, Instance) and value.ref > before and frame.obj(value).origin.kind == "get":
        key = binding.argument_for(frame, function, node, on, frame.obj(value).origin.words)
        if key is not None:
            identity.came(frame, value, unparsed(key), node)
    return value


def _is_worth_it(function: FunctionInfo, given: dict[str, Value]) -> bool:
    """Whether a function can do anything of interest: a synchronous one only with what it is given, or a query."""
    if function.fact.is_async or any(isinstance(value, _ORM) or instances(value) for value in given.values()):
        return True
    return any(one.module.partition(".")[0] in {"sqlalchemy", "sqlmodel"} for one in function.module.imports)


def _known(frame: Frame, target: Known, node: ast.Call, *, awaited: bool) -> Value:
    symbol = target.symbol
    if isinstance(symbol, FunctionInfo):
        return _function(frame, symbol, node, None, awaited=awaited)
    if isinstance(symbol, ClassInfo) and is_async_session(symbol, frame.project):
        return sessions.made(frame, symbol, node)
    if isinstance(symbol, ClassInfo):
        named = [(word.arg, frame.value(word.value)) for word in node.keywords if word.arg]
        return things.construct(frame.project, symbol, [frame.value(part) for part in node.args], named)
    if isinstance(symbol, ValueInfo):
        return sessions.made(frame, symbol, node)
    if isinstance(symbol, External):
        frame.failures[-1].extend([failures.UNKNOWN] if awaited else [])
        return _external(frame, symbol, node)
    arguments(frame, node)
    return None


def _external(frame: Frame, symbol: External, node: ast.Call) -> Value:
    found = arguments(frame, node)
    name = symbol.name
    if queries.is_statement(symbol):
        return queries.statement(frame, node, name, found)
    if loaders.is_loader(symbol):
        return loaders.loader(name, found)
    if name == "Load" and symbol.package == "sqlalchemy":
        owner = next((one.model.owner for one in found if isinstance(one, ModelClass)), None)
        return Loader(owner, (), NOTHING if owner else EVERYTHING)
    if sessions.is_session_class(symbol):
        return sessions.made(frame, symbol, node)
    if name == "jsonable_encoder":
        return Dump(())
    return passing.passed(frame, symbol, node, found)


def _on_session(frame: Frame, base: Session, node: ast.Call, awaited: bool) -> Value:  # noqa: FBT001 a handler
    return sessions.call(frame, base, node, awaited=awaited)


def _on_query(frame: Frame, base: Query, node: ast.Call, _: bool) -> Value:  # noqa: FBT001 a handler
    return queries.method(frame, base, node, arguments(frame, node))


def _on_result(frame: Frame, base: Result, node: ast.Call, _: bool) -> Value:  # noqa: FBT001 a handler
    arguments(frame, node)
    return queries.of_result(frame, base, last_name(node.func))


def _on_loader(frame: Frame, base: Loader, node: ast.Call, _: bool) -> Value:  # noqa: FBT001 a handler
    name, found = last_name(node.func), arguments(frame, node)
    return loaders.nested(base, found) if name == "options" else loaders.loader(name, found, base)


def _on_relation(frame: Frame, base: Relation, node: ast.Call, _: bool) -> Value:  # noqa: FBT001 a handler
    arguments(frame, node)
    return base if last_name(node.func) in {"of_type", "and_"} else None


def _on_many(frame: Frame, base: Many, node: ast.Call, awaited: bool) -> Value:  # noqa: FBT001 a handler
    if base.loose and isinstance(node.func, ast.Attribute) and node.func.attr not in filling.ADDING:
        return invoke(frame, expressions.attribute_of(frame, base, node.func), node, awaited=awaited)
    return filling.many(frame, base, node, arguments(frame, node))


def _on_row(frame: Frame, base: Row, node: ast.Call, _: bool) -> Value:  # noqa: FBT001 a handler
    return filling.row(frame, base, node, arguments(frame, node))


def _on_dump(frame: Frame, base: Dump, node: ast.Call, _: bool) -> Value:  # noqa: FBT001 a handler
    arguments(frame, node)
    return dumps.changed(frame, base, node)


def _on_lookup(frame: Frame, base: Lookup, node: ast.Call, _: bool) -> Value:  # noqa: FBT001 a handler
    arguments(frame, node)
    return displays.looked_up(frame, base, node)


def _on_mapping(frame: Frame, _: Mapping, node: ast.Call, __: bool) -> Value:  # noqa: FBT001 a handler
    arguments(frame, node)
    return None


_ORM = (Session, Query, Loader, Relation, ModelClass, Result)
_METHODS: dict[type, Callable[[Frame, Any, ast.Call, bool], Value]] = {
    Session: _on_session,
    Query: _on_query,
    Result: _on_result,
    Loader: _on_loader,
    Relation: _on_relation,
    Many: _on_many,
    Row: _on_row,
    Mapping: _on_mapping,
    Lookup: _on_lookup,
    Dump: _on_dump,
}
