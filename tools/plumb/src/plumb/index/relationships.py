"""Relationships: the target, one or many, and the loading mode that is in effect."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.index.annotations import Meaning
from plumb.index.extract import last_name
from plumb.index.modules import External, FunctionInfo, Symbol, ValueInfo
from plumb.index.scope import Scope, argument, entry, has_double_star, keyword
from plumb.walk import walk

RELATIONSHIPS = frozenset(
    {
        "sqlalchemy.orm.relationship",
        "sqlalchemy.orm.relation",
        "sqlalchemy.orm.dynamic_loader",
        "sqlmodel.Relationship",
        "sqlmodel.main.Relationship",
    }
)
EAGER = frozenset({"selectin", "joined", "subquery", "immediate", "False"})
UNKNOWN = "?"
PASSED = "sa_relationship_kwargs"


class Relationship(NamedTuple):
    """`lazy` is the effective mode ("select" by default, "?" when it cannot be read); `many` None when not said."""

    target: Symbol | None
    target_name: str
    many: bool | None
    lazy: str
    back_populates: str
    backref: str

    @property
    def is_eager(self) -> bool:
        """Whether it is loaded together with its parent."""
        return self.lazy in EAGER

    @property
    def may_lazy_load(self) -> bool:
        """Whether reading it may emit SQL."""
        return self.lazy in {"select", "True"}


def relationship_of(value: ast.expr | None, said: Meaning, scope: Scope) -> Relationship | None:
    """The relationship that a class attribute declares, directly or through a helper function of the project."""
    found = _declared(value, said, scope) if isinstance(value, ast.Call) else None
    return found._replace(lazy=said.lazy) if found is not None and said.lazy else found


def _declared(value: ast.Call, said: Meaning, scope: Scope) -> Relationship | None:
    symbol = scope.resolve(value.func)
    if isinstance(symbol, External) and symbol.key in RELATIONSHIPS:
        return _read(value, said, scope)
    if isinstance(symbol, FunctionInfo):
        return _through_helper(value, symbol, said, scope)
    whole = _of_partial(value, symbol, scope) if isinstance(symbol, ValueInfo) else None
    return _read(whole, said, scope) if whole is not None else None


def _of_partial(call: ast.Call, symbol: ValueInfo, scope: Scope) -> ast.Call | None:
    """A call of `guarded = partial(relationship, lazy="raise")`, as one of `relationship` with all that it gets."""
    inner = Scope(scope.project, symbol.module, symbol.assignment.scope)
    made = symbol.assignment.value.node
    if not isinstance(made, ast.Call) or not inner.is_call_to(made, "functools.partial") or not made.args:
        return None
    base = inner.resolve(made.args[0])
    if not isinstance(base, External) or base.key not in RELATIONSHIPS:
        return None
    given = {word.arg for word in call.keywords}
    bound = [ast.keyword(word.arg, _as_constant(word.value, inner)) for word in made.keywords if word.arg not in given]
    return ast.Call(call.func, [*made.args[1:], *call.args], [*call.keywords, *bound])


def _as_constant(node: ast.expr, scope: Scope) -> ast.expr:
    """What another module means by a name; itself where that is no constant."""
    literal = scope.literal(node)
    return node if literal is None else ast.Constant(literal)


def _read(call: ast.Call, said: Meaning, scope: Scope) -> Relationship:
    inner = keyword(call, "sa_relationship")
    options = call if not isinstance(inner, ast.Call) else inner
    target, name = _target(options, said, scope)
    many = scope.literal(_option(options, "uselist", scope))
    return Relationship(
        target,
        name,
        many if isinstance(many, bool) else _many(said),
        _lazy(options, scope),
        _text(_option(options, "back_populates", scope), scope),
        _text(_option(options, "backref", scope), scope),
    )


def _option(call: ast.Call, name: str, scope: Scope) -> ast.expr | None:
    """An option of `relationship()`, also in a dict that is spread, or of `Relationship()` under its own keyword."""
    found = keyword(call, name)
    if found is not None:
        return found
    options = (entry(scope.value(one)[1], name) for one in _dicts(call))
    return next((one for one in options if one is not None), None)


def _dicts(call: ast.Call) -> list[ast.expr]:
    """The dicts that are spread into the call, and that of `sa_relationship_kwargs`."""
    return [word.value for word in call.keywords if word.arg in {None, PASSED}]


def _lazy(call: ast.Call, scope: Scope) -> str:
    found = _option(call, "lazy", scope)
    if found is not None:
        return _mode(found, scope)
    if not all(_is_plain(scope.value(one)[1]) for one in _dicts(call)):
        return UNKNOWN
    return "dynamic" if last_name(call.func) == "dynamic_loader" else "select"


def _is_plain(node: ast.expr) -> bool:
    """Whether all keys of a dict display are written out."""
    if isinstance(node, ast.Dict):
        return all(key is not None for key in node.keys)
    if not isinstance(node, ast.Call) or last_name(node) != "dict":
        return False
    return not has_double_star(node) and not node.args


def _target(call: ast.Call, said: Meaning, scope: Scope) -> tuple[Symbol | None, str]:
    given = call.args[0] if call.args else keyword(call, "argument")
    if isinstance(given, ast.Lambda):
        given = given.body
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return None, given.value
    if given is not None and scope.resolve(given) is not None:
        symbol = scope.resolve(given)
        return symbol, getattr(symbol, "name", "")
    return said.symbol, said.name


def _many(said: Meaning) -> bool | None:
    return said.collection if said.name or said.collection else None


def _text(node: ast.expr | None, scope: Scope) -> str:
    literal = scope.literal(node.args[0] if isinstance(node, ast.Call) and node.args else node)
    return literal if isinstance(literal, str) else ""


def _through_helper(call: ast.Call, helper: FunctionInfo, said: Meaning, scope: Scope) -> Relationship | None:
    inner = Scope(scope.project, helper.module, helper.fact.qualname)
    made = next((value.node for value in helper.fact.returned if inner.is_call_to(value.node, *RELATIONSHIPS)), None)
    if not isinstance(made, ast.Call):
        return None
    found = _read(made, said, inner)
    return found._replace(
        target=said.symbol,
        target_name=said.name,
        lazy=_given_lazy(call, helper, scope) or _helper_lazy(helper, found.lazy, inner),
        back_populates=found.back_populates or _text(call.args[0] if call.args else None, scope),
    )


def _given_lazy(call: ast.Call, helper: FunctionInfo, scope: Scope) -> str:
    """The mode that the call itself asks for, or what comes of it in the helper; nothing if it does not say."""
    given = keyword(call, "lazy")
    lazy = scope.literal(given) if given is not None else None
    if lazy is not None:
        return str(lazy)
    nested, own = keyword(call, PASSED), ""
    if nested is not None:
        is_known = _option(call, "lazy", scope) is not None or not _is_plain(scope.value(nested)[1])
        own = _lazy(call, scope) if is_known else ""
    body = scope.project.definition(helper)
    displays = [node for node in walk(body) if isinstance(node, ast.Dict) and None in node.keys] if body else []
    merged = [lazy for one in displays if (lazy := _merged_lazy(one, own, helper, scope))]
    if len(merged) == 1:
        return merged[0]
    return UNKNOWN if own else ""


def _merged_lazy(node: ast.Dict, own: str, helper: FunctionInfo, scope: Scope) -> str:
    """The mode in `{**STRICT, **kwargs.pop("sa_relationship_kwargs", {})}`, where the later one counts."""
    inner = Scope(scope.project, helper.module, helper.fact.qualname)
    rest = {one.name for one in helper.fact.parameters if one.kind == "kwargs"}
    lazy = ""
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            lazy = _mode(value, inner) if getattr(key, "value", None) == "lazy" else lazy
        elif PASSED in ast.unparse(value):
            lazy = own or lazy
        elif not isinstance(value, ast.Name) or value.id not in rest:
            known = inner.value(value)[1]
            found = entry(known, "lazy")
            lazy = _mode(found, inner) if found is not None else lazy if _is_plain(known) else UNKNOWN
    return lazy


def _mode(node: ast.expr, scope: Scope) -> str:
    literal = scope.literal(node)
    return UNKNOWN if literal is None else str(literal)


def _helper_lazy(helper: FunctionInfo, direct: str, scope: Scope) -> str:
    """The mode a helper sets in a way its return value alone does not show; unknown if it sets several."""
    nested = {scope.literal(node) for node in _lazy_values(helper, scope)}
    if len(nested) == 1 and None not in nested:
        return str(nested.pop())
    return UNKNOWN if nested else direct


def _lazy_values(helper: FunctionInfo, scope: Scope) -> Iterator[ast.expr]:
    """The default of a parameter `lazy`, and what the body puts under that name."""
    yield from (one.default.node for one in helper.fact.parameters if one.name == "lazy" and one.default is not None)
    body = scope.project.definition(helper)
    for node in walk(body) if body is not None else ():
        found = _lazy_value(node, scope)
        if found is not None and not isinstance(found, ast.Name):
            yield found


def _lazy_value(node: ast.AST, scope: Scope) -> ast.expr | None:
    """The value in `{"lazy": value}`, `f(lazy=value)` or `options.setdefault("lazy", value)`."""
    if isinstance(node, ast.Dict):
        return entry(node, "lazy")
    if isinstance(node, ast.keyword):
        return node.value if node.arg == "lazy" else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault":
        return argument(node, "default", 1) if node.args and scope.literal(node.args[0]) == "lazy" else None
    return None
