"""Objects that outlive their session: kept on the request, in the module or the application, or given to a task."""

import ast
from collections.abc import Iterator

from plumb.analysis.orm import misreads
from plumb.analysis.orm.frame import AMBIENT, Frame, instances
from plumb.analysis.orm.home import bound, home_of
from plumb.analysis.orm.reads import text_of, unparsed
from plumb.analysis.orm.state import BORROWED, CLOSED, Obj
from plumb.analysis.orm.values import Many, Value
from plumb.index.extract import last_name
from plumb.index.modules import External, FunctionInfo, ValueInfo
from plumb.source import FunctionNode
from plumb.walk import walk

STORES = frozenset({"dict", "list", "set", "defaultdict", "OrderedDict", "deque", "TTLCache", "LRUCache", "LFUCache"})
PUTTING = frozenset({"append", "add", "appendleft", "insert", "setdefault", "update", "set", "put"})
CACHES = frozenset(
    {
        *("functools.lru_cache", "functools.cache", "async_lru.alru_cache", "asyncstdlib.lru_cache"),
        *("asyncstdlib.cache", "cachetools.cached", "cachetools.func.ttl_cache", "cachetools.func.lru_cache"),
    }
)
SPAWNING = frozenset({"asyncio.create_task", "asyncio.ensure_future"})
TASKS = frozenset(
    {"fastapi.BackgroundTask", "starlette.background.BackgroundTask", "fastapi.background.BackgroundTask"}
)
WAITING = frozenset({"gather", "wait", "wait_for", "as_completed", "shield"})
HANDLING = frozenset({"call_next", "app"})
ATTACHING = frozenset({"merge", "add", "add_all"})


def kept(frame: Frame, target: ast.expr, value: Value) -> None:
    """An object is assigned to something that may live longer than its session."""
    if not instances(value):
        return
    if isinstance(target, ast.Attribute | ast.Subscript):
        where = _lives_on(frame, target)
        if where:
            _report(frame, target, value, where, text_of(target), certain=where != REQUEST)
    elif isinstance(target, ast.Name) and target.id in frame.home.shared:
        _report(frame, target, value, f"in the module's `{target.id}`", target.id, certain=True)


def called(frame: Frame, node: ast.Call) -> None:
    """A call that hands an object to a task, or puts it into a store of the module."""
    name = last_name(node.func)
    if name in PUTTING and isinstance(node.func, ast.Attribute) and _is_store(frame, node.func.value):
        store = text_of(node.func.value)
        for part in _plain([*node.args, *(word.value for word in node.keywords)]):
            _report(frame, part, frame.value(part), f"in the module's `{store}`", store, certain=True)
    elif name == "add_task" or (name == "BackgroundTask" and _stands_for(frame, node.func, TASKS)):
        function = node.args[0] if node.args else None
        if not _attaches(frame, function):
            _hand_over(frame, node, [*node.args[1:], *(word.value for word in node.keywords)], function)
    elif name in {"create_task", "ensure_future"} and _stands_for(frame, node.func, SPAWNING):
        started = node.args[0] if node.args else None
        if isinstance(started, ast.Call) and not _waits(frame) and not _attaches(frame, started.func):
            _hand_over(frame, node, [*started.args, *(word.value for word in started.keywords)], started.func)


def returned(frame: Frame, node: ast.expr, value: Value) -> None:
    """What a cached function returns is given to later callers, too."""
    decorators = frame.info.fact.decorators if frame.info is not None else ()
    for one in decorators:
        part = one.node.func if isinstance(one.node, ast.Call) else one.node
        symbol = frame.home.scope.resolve(part)
        if isinstance(symbol, External) and symbol.key in CACHES:
            _report(frame, node, value, f"in the cache of `@{last_name(part)}`", "", certain=True)


def _hand_over(frame: Frame, node: ast.Call, given: list[ast.expr], function: ast.expr | None) -> None:
    for part in [*_plain(given), *_captured(frame, function)]:
        value = frame.value(part)
        closed = any(_is_own(frame.obj(one)) for one in instances(value))
        text = text_of(function) if function is not None else "the task"
        _report(frame, part, value, f"to `{text}`, which runs {_when(node)}", "", certain=closed)


def _captured(frame: Frame, function: ast.expr | None) -> list[ast.expr]:
    """The variables that a function inside this one takes along, each where it first uses it."""
    name = function.id if isinstance(function, ast.Name) else ""
    nodes = walk(frame.home.node) if name and frame.home.node is not None else []
    inside = next((one for one in nodes[1:] if isinstance(one, FunctionNode) and one.name == name), None)
    if inside is None:
        return []
    own = bound(inside)
    read = [one for one in walk(inside) if isinstance(one, ast.Name) and one.id not in own]
    return [one for index, one in enumerate(read) if one.id not in {before.id for before in read[:index]}]


def _when(node: ast.Call) -> str:
    return "after the response" if last_name(node.func) in {"add_task", "BackgroundTask"} else "on its own"


def _report(frame: Frame, node: ast.expr, value: Value, where: str, name: str, *, certain: bool) -> None:
    held = [one for one in instances(value) if _has_session(frame.obj(one))]
    if held:
        many = isinstance(value, Many)
        obj = frame.obj(held[0])
        own = certain or _is_own(obj)
        frame.report(misreads.outliving(text_of(node), obj, where, name, frame.place(node), many=many, certain=own))


def _has_session(obj: Obj) -> bool:
    return obj.session not in {"", BORROWED} and not obj.session.startswith("outer ")


def _is_own(obj: Obj) -> bool:
    """Whether the session is one that the function itself has made, and closes."""
    return obj.session == CLOSED or (_has_session(obj) and obj.session != AMBIENT)


def _plain(given: list[ast.expr]) -> Iterator[ast.expr]:
    """The arguments that only name something: to look at them again changes nothing."""
    for part in given:
        if isinstance(part, ast.Name):
            yield part
        elif isinstance(part, ast.Tuple | ast.List):
            yield from _plain(part.elts)
        elif isinstance(part, ast.Dict):
            yield from _plain(part.values)


def _lives_on(frame: Frame, target: ast.Attribute | ast.Subscript) -> str:
    """What keeps the target alive, in words; nothing if it is not known to outlive the function."""
    holder = text_of(target.value)
    if holder.endswith(".app.state") or (holder == "app.state" and isinstance(target, ast.Attribute)):
        return "for as long as the application runs"
    if holder in {"request.state", "self.request.state"}:
        return "" if _is_handled_inside(frame, target) else REQUEST
    if isinstance(target, ast.Subscript) and _is_store(frame, target.value):
        return f"in the module's `{holder}`"
    return ""


def _is_handled_inside(frame: Frame, target: ast.expr) -> bool:
    """Whether the request is handled inside the very block that keeps the session open."""
    nodes = walk(frame.home.node) if frame.home.node is not None else []
    blocks = [walk(one) for one in nodes if isinstance(one, ast.AsyncWith)]
    inside = [part for block in blocks if target in block for part in block]
    return any(
        isinstance(one, ast.Yield) or (isinstance(one, ast.Call) and last_name(one.func) in HANDLING) for one in inside
    )


def _is_store(frame: Frame, node: ast.expr) -> bool:
    """A dict, list or cache that belongs to the module."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    symbol = frame.home.resolve(node)
    if not isinstance(symbol, ValueInfo) or symbol.assignment.scope:
        return False
    made = symbol.assignment.value.node
    return isinstance(made, ast.Dict | ast.List | ast.Set) or (isinstance(made, ast.Call) and last_name(made) in STORES)


def _stands_for(frame: Frame, node: ast.expr, keys: frozenset[str]) -> bool:
    symbol = frame.home.resolve(node)
    if isinstance(symbol, External):
        return symbol.key in keys
    return keys is SPAWNING and isinstance(node, ast.Attribute) and "loop" in unparsed(node.value)


def _waits(frame: Frame) -> bool:
    """Whether the function awaits tasks: by gathering them, or a variable."""
    return frame.home.once("waits", lambda: _has_wait(frame.home.node))


def _has_wait(function: ast.AST | None) -> bool:
    for node in walk(function) if function is not None else ():
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Name | ast.Subscript):
            return True
        if isinstance(node, ast.Call) and last_name(node.func) in WAITING:
            return True
    return False


def _attaches(frame: Frame, node: ast.expr | None) -> bool:
    """Whether the function that gets the object brings it into a session of its own."""
    value = frame.value(node) if isinstance(node, ast.Name | ast.Attribute) else None
    function = getattr(value, "symbol", None) or getattr(value, "function", None)
    home = home_of(frame.project, function) if isinstance(function, FunctionInfo) else None
    calls = [one for one in walk(home.node) if isinstance(one, ast.Call)] if home is not None and home.node else []
    return any(last_name(one.func) in ATTACHING for one in calls)


REQUEST = "on the request"
