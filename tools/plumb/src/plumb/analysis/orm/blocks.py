"""`async with`: sessions that are made, begun or entered, and what happens to their objects at the end."""

import ast
from collections.abc import Callable

from plumb.analysis.late_commits import function_at, is_context_manager, late_commits
from plumb.analysis.orm import effects, expiry, failures, sessions
from plumb.analysis.orm.expressions import bind, evaluate
from plumb.analysis.orm.frame import SESSION_NAMES, Failure, Frame
from plumb.analysis.orm.reads import text_of
from plumb.analysis.orm.values import Known, Method, Session, Value
from plumb.index.modules import FunctionInfo, ValueInfo
from plumb.index.scope import Scope, argument
from plumb.index.sessions import expires_on_commit, expiry_in, is_async_session

Leave = Callable[[], None]


def enter(frame: Frame, item: ast.withitem) -> Leave:
    """Evaluate and bind one context manager; the answer does what its end does."""
    call = item.context_expr
    if isinstance(call, ast.Call):
        found = _begun(frame, call, item) or _opened(frame, call, item)
        if found is not None:
            return found
    value = evaluate(frame, call)
    if isinstance(value, Session):
        _bind(frame, item, value)
        return lambda: effects.close(frame, value.key)
    if _is_called_session(item) and value is None:
        made = _new(frame, call)
        _bind(frame, item, made)
        return lambda: effects.close(frame, made.key)
    _bind(frame, item, value)
    return lambda: None


def expected(frame: Frame, item: ast.withitem) -> ast.expr | None:
    """The exception that a test expects in `with pytest.raises(...)`."""
    call = item.context_expr
    if not isinstance(call, ast.Call) or not frame.home.scope.is_call_to(call, "pytest.raises"):
        return None
    return argument(call, "expected_exception", 0)


def failing(frame: Frame, item: ast.withitem, found: list[Failure]) -> list[Failure]:
    """What leaves a block: a transaction is rolled back by then, a savepoint spares what was there before."""
    call = item.context_expr
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return found
    base = evaluate(frame, call.func.value) if call.func.attr in {"begin", "begin_nested"} else None
    if not isinstance(base, Session):
        return found
    if call.func.attr == "begin":
        return [Failure(failures.WHATEVER, base.key, frame.place(call), text_of(call))]
    return [one._replace(session="") if one.error else failures.UNKNOWN for one in found]


def _begun(frame: Frame, call: ast.Call, item: ast.withitem) -> Leave | None:
    """`session.begin()` and `factory.begin()` commit at their end, `session.begin_nested()` flushes."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"begin", "begin_nested"}:
        return None
    base = evaluate(frame, call.func.value)
    place, text = frame.place(call), text_of(call)
    if isinstance(base, Session):
        _bind(frame, item, None)
        if call.func.attr == "begin_nested":
            return lambda: effects.flush(frame, base.key, place)
        return lambda: effects.commit(frame, base.key, place, text)
    if isinstance(base, Known) and isinstance(base.symbol, ValueInfo):
        made = sessions.made(frame, base.symbol, call)
        _bind(frame, item, made)
        if isinstance(made, Session):
            return lambda: _commit_and_close(frame, made.key, call)
    return None


def _opened(frame: Frame, call: ast.Call, item: ast.withitem) -> Leave | None:
    """A context manager of the project that yields a session of its own."""
    target = evaluate(frame, call.func) if isinstance(call.func, ast.Name | ast.Attribute) else None
    function = target.symbol if isinstance(target, Known) else target.function if isinstance(target, Method) else None
    if not isinstance(function, FunctionInfo):
        return None
    if not yields_session(frame, function) and not (_is_called_session(item) and is_context_manager(function)):
        return None
    for part in [*call.args, *(word.value for word in call.keywords)]:
        evaluate(frame, part)
    made = _new(frame, call, expires=expiry.of_dependency(frame.project, function))
    _bind(frame, item, made)
    source = frame.project.source(function.path)
    body = function_at(source, function) if source is not None else None
    commits = source is not None and body is not None and bool(late_commits(body, source))
    return lambda: _commit_and_close(frame, made.key, call) if commits else effects.close(frame, made.key)


def _is_called_session(item: ast.withitem) -> bool:
    return isinstance(item.optional_vars, ast.Name) and item.optional_vars.id in SESSION_NAMES


def yields_session(frame: Frame, function: FunctionInfo) -> bool:
    """Whether the return annotation of a generator names an asynchronous session."""
    returns = function.fact.returns
    if returns is None:
        return False
    scope = Scope(frame.project, function.module, function.fact.scope)
    names = [node for node in ast.walk(returns.node) if isinstance(node, ast.Name | ast.Attribute)]
    return any(is_async_session(scope.resolve(node), frame.project) for node in names)


def _new(frame: Frame, node: ast.expr, *, expires: bool | None = None) -> Session:
    key = f"{frame.home.path}:{node.lineno}:{node.col_offset}"
    said = expiry_in(node, frame.home.scope) if isinstance(node, ast.Call) else []
    known = said[0] if said else expires
    known = known if known is not None else expires_on_commit(frame.project, frame.home.path)
    frame.state.expires = {**frame.state.expires, key: known}
    return Session(key)


def _commit_and_close(frame: Frame, key: str, call: ast.Call) -> None:
    effects.commit(frame, key, frame.place(call), text_of(call))
    effects.close(frame, key)


def _bind(frame: Frame, item: ast.withitem, value: Value) -> None:
    if item.optional_vars is not None:
        bind(frame, item.optional_vars, value)
