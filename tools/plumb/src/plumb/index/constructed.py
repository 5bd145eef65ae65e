"""What a class of the project hands on to its base when it is called, as far as its `__init__` can be read."""

import ast
from collections.abc import Iterator

from plumb.index.facts import Parameter
from plumb.index.modules import ClassInfo
from plumb.index.scope import Scope, keyword

UNKNOWN = ast.Constant(...)
ANYTHING = (Parameter("args", None, None, "args"), Parameter("kwargs", None, None, "kwargs"))
EVERYTHING = ast.Call(ast.Name("super"), [ast.Starred(ast.Name("args"))], [ast.keyword(None, ast.Name("kwargs"))])
"""What a class without `__init__` takes, and what it hands on."""
Given = tuple[str, Scope, ast.expr]


def base_call(call: ast.Call, owner: ClassInfo, scope: Scope) -> tuple[Scope, ast.Call] | None:
    """The call of the only base, with a scope that knows what *call* gives for the parameters; None if it is unread."""
    base = owner.fact.bases[0].node if len(owner.fact.bases) == 1 else None
    init = owner.module.function(f"{owner.qualname}.__init__")
    body = scope.project.definition(init) if init is not None else None
    if base is None or owner.module.library or (init is not None and body is None):
        return None
    home = Scope(scope.project, owner.module, init.fact.qualname if init is not None else owner.fact.qualname)
    own = init.fact.parameters[1:] if init is not None else ANYTHING
    given = [*_given(call, own, scope, home)]
    handed_on = [one for one in ast.walk(body) if _is_of_base(one)] if body is not None else [EVERYTHING]
    found = handed_on[0] if len(handed_on) == 1 else None
    if not isinstance(found, ast.Call):
        return None
    words = {word.arg: word.value for one in found.keywords for word in _spread(one, given)}
    for name, value, is_default in _set_in(body) if body is not None else ():
        words = {name: value, **words} if is_default else {**words, name: value}
    args = [part for one in found.args for part in _each(one, given)]
    made = ast.Call(base, args, [ast.keyword(name, value) for name, value in words.items()])
    return home._replace(given=tuple(given)), ast.copy_location(made, call)


def _given(call: ast.Call, own: tuple[Parameter, ...], scope: Scope, home: Scope) -> Iterator[Given]:
    """What the call gives for each parameter; the parts of `*args` and `**kwargs` have names that nothing else has."""
    known = {parameter.name for parameter in own}
    for place, one in enumerate(own):
        if one.kind == "args":
            yield from ((f"{one.name} {number}", scope, value) for number, value in enumerate(call.args[place:]))
        elif one.kind == "kwargs":
            others = (word for word in call.keywords if word.arg not in known)
            yield from ((f"{one.name} {word.arg}", scope, word.value) for word in others)
        else:
            position = place if one.kind == "positional" else len(call.args)
            value = keyword(call, one.name) or next(iter(call.args[position:]), None)
            default = one.default.node if one.default is not None else UNKNOWN
            yield (one.name, home, default) if value is None else (one.name, scope, value)


def _each(node: ast.expr, given: list[Given]) -> list[ast.expr]:
    """An argument; of `*args` each that the call gives."""
    if not isinstance(node, ast.Starred) or not isinstance(node.value, ast.Name):
        return [node]
    return [ast.Name(name, ast.Load()) for name, _, _ in given if name.startswith(f"{node.value.id} ")]


def _spread(word: ast.keyword, given: list[Given]) -> list[ast.keyword]:
    """A keyword; of `**kwargs` each that the call gives."""
    if word.arg is not None or not isinstance(word.value, ast.Name):
        return [word]
    start = f"{word.value.id} "
    return [ast.keyword(name.removeprefix(start), ast.Name(name)) for name, _, _ in given if name.startswith(start)]


def _set_in(body: ast.AST) -> Iterator[tuple[str, ast.expr, bool]]:
    """What `kwargs.setdefault("name", ...)` and `kwargs["name"] = ...` set, and whether it is a default."""
    for one in ast.walk(body):
        match one:
            case ast.Call(func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=str(name)), value]):
                yield name, value, True
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(name)))], value=value):
                yield name, value, False
            case _:
                pass


def _is_of_base(node: ast.AST) -> bool:
    """Whether it is a call of `super().__init__()`."""
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr == "__init__" and isinstance(function.value, ast.Call)
