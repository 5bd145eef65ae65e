"""The texts that an expression stands for where a query takes it: literals, constants, lists, and names of members."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import parameter_of, stores_in
from plumb.index.annotations import meaning
from plumb.index.enums import EnumInfo, enum_of
from plumb.index.modules import FieldInfo, ValueInfo
from plumb.index.scope import Scope

if TYPE_CHECKING:
    from plumb.source import SourceFile

DEPTH = 5
COLLECTIONS = frozenset({"list", "tuple", "set", "frozenset", "sorted"})


class Word(NamedTuple):
    """A text, the expression that gives it, and the enum class whose member has this name, if it is one's `.name`.

    `text` is empty for the name of any member.
    """

    node: ast.expr
    text: str
    enum: EnumInfo | None = None


def words(node: ast.expr, file: "SourceFile", depth: int = DEPTH) -> Iterator[Word]:
    """The texts of an expression of the file; those behind a name stand where the name does."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Word(node, node.value)
    elif isinstance(node, ast.Attribute) and node.attr == "name":
        enum, name = _member(node.value, file) or (None, "")
        yield from [Word(node, name, enum)] if enum is not None else ()
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        enum = _enum_of_each(node, file)
        yield from [Word(node, "", enum)] if enum is not None else ()
    elif isinstance(node, ast.Name) and depth:
        yield from (one._replace(node=node) for one in _behind(node, file, depth))
    else:
        for part in _parts(node) if depth else ():
            yield from words(part, file, depth - 1)


def assigned_once(name: ast.Name, file: "SourceFile") -> ast.expr | None:
    """The value of a local variable that is assigned exactly once, also as one of several at a time."""
    function = file.function_of(name)
    if function is None:
        return None
    stores = stores_in(function, file).get(name.id, [])
    above = file.parent(stores[0]) if len(stores) == 1 else None
    if isinstance(above, ast.Tuple):
        whole = file.parent(above)
        if isinstance(whole, ast.Assign) and isinstance(whole.value, ast.Tuple):
            together = dict(zip(above.elts, whole.value.elts, strict=False))
            return together.get(stores[0])
        return None
    return above.value if isinstance(above, ast.Assign | ast.AnnAssign) else None


def _parts(node: ast.expr) -> list[ast.expr]:
    """What a list, a choice, a sum or a call such as `tuple([...])` is made of."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return parts
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add(), right=other):
            return [one, other]
        case ast.Call(func=ast.Name(id=called), args=[one], keywords=[]) if called in COLLECTIONS:
            return [one]
        case ast.Starred(value=one):
            return [one]
        case _:
            return []


def _behind(node: ast.Name, file: "SourceFile", depth: int) -> Iterator[Word]:
    value = assigned_once(node, file)
    if value is not None:
        yield from words(value, file, depth - 1)
    elif not file.is_local(node, node.id):
        home, constant = file.scope(node).value(node)
        yield from _of_constant(constant, home, depth - 1) if constant is not node else ()


def _of_constant(node: ast.expr, scope: Scope, depth: int) -> Iterator[Word]:
    """The texts of a constant of the module, or of another one."""
    home, found = scope.value(node)
    if isinstance(found, ast.Constant) and isinstance(found.value, str):
        yield Word(found, found.value)
    elif isinstance(found, ast.Attribute) and found.attr == "name":
        member = home.resolve(found.value)
        if isinstance(member, FieldInfo):
            yield Word(found, member.name, enum_of(scope.project, member.owner))
    for part in _parts(found) if depth else ():
        yield from _of_constant(part, home, depth - 1)


def _member(node: ast.expr, file: "SourceFile") -> tuple[EnumInfo, str] | None:
    """The enum class and the name of a member; without the name for a parameter that is annotated with the class."""
    member = file.resolve(node)
    if isinstance(member, FieldInfo):
        owner = enum_of(file.project, member.owner)
        return None if owner is None else (owner, member.name)
    given = parameter_of(node, file) if isinstance(node, ast.Name) else None
    if given is None or given.annotation is None or not isinstance(node, ast.Name):
        return None
    enum = enum_of(file.project, meaning(given.annotation, file.scope(node)).symbol)
    is_set = node.id in stores_in(file.function_of(node) or node, file)
    return None if enum is None or is_set else (enum, "")


def _enum_of_each(node: ast.ListComp | ast.SetComp | ast.GeneratorExp, file: "SourceFile") -> EnumInfo | None:
    """The enum class of whose members, all or a constant list of them, a comprehension takes the names."""
    turn = node.generators[0]
    match node.elt, turn.target:
        case ast.Attribute(value=ast.Name(id=name), attr="name"), ast.Name(id=given) if name == given:
            home, through = file.scope(node).value(turn.iter)
        case _:
            return None
    parts = [through] if isinstance(through, ast.Name | ast.Attribute) else _parts(through)
    found = [home.resolve(part) for part in parts]
    owners = {one.owner if isinstance(one, FieldInfo) else one for one in found}
    return enum_of(file.project, owners.pop()) if len(owners) == 1 else None


def _text_of_member(node: ast.Attribute, file: "SourceFile") -> str:
    """The text of `Status.OPEN.name`, `Status.OPEN.value` or `status.name`; nothing if it cannot be told."""
    enum, name = _member(node.value, file) or (None, "")
    if enum is None:
        return ""
    if node.attr == "name":
        return name or ("" if {*enum.names} & {*(enum.values or enum.names)} else enum.names[0])
    return next((str(one.value) for one in enum.members if one.name == name), "")


def text_of(node: ast.expr, file: "SourceFile", unknown: str) -> str:
    """A string, or an f-string with *unknown* for what is neither written out nor the name or value of a member.

    The name of any member stands as that of the first, where no member has the name of another as its value.
    """
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else unknown
    if isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
        return "".join(text_of(one, file, unknown) for one in parts)
    if isinstance(node, ast.Attribute) and node.attr in {"name", "value"}:
        return _text_of_member(node, file) or unknown
    literal = file.scope(node).literal(node) if isinstance(file.resolve(node), ValueInfo) else None
    return literal if isinstance(literal, str) else unknown
