"""What a call of a function, a class or a `partial` of the project makes, with what the call gives for parameters."""

import ast
from collections.abc import Iterator

from plumb.index.constructed import base_call
from plumb.index.modules import ClassInfo, FunctionInfo, ValueInfo
from plumb.index.scope import Scope, argument, has_double_star, keyword

UNKNOWN = ast.Constant(...)
Given = tuple[str, Scope | None, ast.expr]


def made_by(call: ast.Call, scope: Scope) -> Iterator[tuple[Scope, ast.expr]]:
    """Each expression that the called function returns, in a scope where its parameters are known.

    For a class that adds at most an `__init__`, the call of its base.
    """
    symbol = scope.resolve(call.func)
    if isinstance(symbol, FunctionInfo) and not symbol.fact.owner and not symbol.module.library:
        inner = Scope(scope.project, symbol.module, symbol.fact.qualname, tuple(_parameters(call, symbol, scope)))
        for one in symbol.fact.returned:
            yield inner, one.node
    elif isinstance(symbol, ClassInfo):
        found = base_call(call, symbol, scope) if {*symbol.fact.methods} <= {"__init__"} else None
        yield from [found] if found is not None else ()
    elif isinstance(symbol, ValueInfo):
        home, made = Scope(scope.project, symbol.module).value(symbol.assignment.value.node)
        if isinstance(made, ast.Call) and home.is_call_to(made, "functools.partial") and made.args:
            yield _completed(made, call, home, scope)


def written_out(call: ast.Call, scope: Scope) -> ast.Call:
    """The call with the keywords of a `**options` that is known."""
    words = [one for word in call.keywords for one in ([word] if word.arg is not None else _options(word, scope))]
    return ast.copy_location(ast.Call(call.func, call.args, words), call)


def _options(word: ast.keyword, scope: Scope) -> list[ast.keyword]:
    """What `**options` stands for; itself where that is not known."""
    _, value = scope.value(word.value)
    if isinstance(value, ast.Dict) and all(isinstance(key, ast.Constant) for key in value.keys):
        pairs = zip(value.keys, value.values, strict=True)
        return [ast.keyword(str(key.value), one) for key, one in pairs if isinstance(key, ast.Constant)]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
        return [word] if value.args or has_double_star(value) else value.keywords
    return [word]


def _parameters(call: ast.Call, function: FunctionInfo, scope: Scope) -> Iterator[Given]:
    outside = Scope(scope.project, function.module)
    known = {one.name for one in function.fact.parameters}
    for place, one in enumerate(function.fact.parameters):
        given = argument(call, one.name, place) if one.kind == "positional" else keyword(call, one.name)
        if one.kind == "kwargs" and not has_double_star(call):
            others = [word for word in call.keywords if word.arg not in known]
            yield (
                one.name,
                scope,
                ast.Dict([ast.Constant(word.arg) for word in others], [word.value for word in others]),
            )
        elif one.kind == "args" and not any(isinstance(value, ast.Starred) for value in call.args):
            yield one.name, scope, ast.Tuple(call.args[place:])
        elif given is not None and one.kind in {"positional", "keyword"}:
            yield one.name, scope, given
        elif one.default is not None and not has_double_star(call):
            yield one.name, outside, one.default.node
        else:
            yield one.name, scope, UNKNOWN


def _completed(partial: ast.Call, call: ast.Call, home: Scope, scope: Scope) -> tuple[Scope, ast.expr]:
    """The call that a `partial` makes; what *call* gives keeps its own scope behind names that nothing else has."""
    names = [f"argument {place}" for place in range(len(call.args) + len(call.keywords))]
    values = [*call.args, *(word.value for word in call.keywords)]
    meant = [ast.Name(name, ast.Load()) for name in names]
    later = [ast.keyword(word.arg, one) for word, one in zip(call.keywords, meant[len(call.args) :], strict=True)]
    kept = [word for word in partial.keywords if word.arg not in {one.arg for one in later}]
    made = ast.Call(partial.args[0], [*partial.args[1:], *meant[: len(call.args)]], [*kept, *later])
    given = tuple((name, scope, value) for name, value in zip(names, values, strict=True))
    return home._replace(given=given), ast.copy_location(made, call)
