"""The names in the operations of a revision: written out, behind constants, loops or the parameters of a helper."""

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import values_of
from plumb.analysis.written_lists import elements, named
from plumb.index.extract import last_name
from plumb.index.facts import FunctionFact, Parameter
from plumb.index.scope import argument, has_double_star
from plumb.walk import names_in

if TYPE_CHECKING:
    from plumb.source import SourceFile

UNKNOWN = "{?}"
QUOTES = frozenset({"f", "quoted_name"})


class Names(NamedTuple):
    """Reads names in a file; `bound` are parameters of the function around them that the call gives as text.

    `meant` is what the names of loops around them stand for in one turn.
    """

    file: "SourceFile"
    bound: Mapping[str, str] = {}
    meant: Mapping[str, ast.expr] = {}

    def meaning(self, node: ast.expr) -> ast.expr:
        """The expression that a loop gives for a name, or the one that it is set to once; else *node* itself."""
        if not isinstance(node, ast.Name):
            return node
        if node.id in self.meant:
            return self.meant[node.id]
        values = values_of(node, self.file)
        return values[0] if len(values) == 1 else node

    def text(self, node: ast.expr | None) -> str:
        """A name as text, `UNKNOWN` if it is not to be read."""
        if isinstance(node, ast.Call) and last_name(node) in QUOTES and node.args:
            node = node.args[0]
        if node is None:
            return UNKNOWN
        if isinstance(node, ast.Name) and node.id in self.bound:
            return self.bound[node.id]
        if isinstance(node, ast.IfExp) and isinstance(node.test, ast.Name) and node.test.id in self.bound:
            return self.text(node.body if self.bound[node.test.id] else node.orelse)
        node = self.meaning(node)
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(one.value if isinstance(one, ast.FormattedValue) else one) for one in node.values]
            return UNKNOWN if UNKNOWN in parts else "".join(parts)
        literal = self.file.scope(node).literal(node)
        return literal if isinstance(literal, str) else UNKNOWN

    def column(self, node: ast.expr | None) -> str:
        """The name of a column, of `sa.Column("name", ...)` too."""
        made = self.meaning(node) if node is not None else None
        if isinstance(made, ast.Call):
            node = made.args[0] if made.args else None
        return self.text(node)

    def given(self, call: ast.Call, function: FunctionFact) -> Iterator["Names"]:
        """How a function reads names when it is called like this: once for each turn of the loops around the call."""
        open_ended = has_double_star(call) or any(isinstance(one, ast.Starred) for one in call.args)
        values = {one.name: argument(call, one.name, place) for place, one in enumerate(function.parameters)}
        for turn in self.in_loops(*(value for value in values.values() if value is not None)):
            texts = {
                one.name: _left_out(one) if values[one.name] is None and not open_ended else turn.text(values[one.name])
                for one in function.parameters
            }
            known = {name: text for name, text in texts.items() if text != UNKNOWN}
            others = {name: value for name, value in values.items() if value is not None and name not in known}
            yield Names(self.file, known, {name: turn.behind(value) for name, value in others.items()})

    def in_loops(self, *nodes: ast.expr | None) -> Iterator["Names"]:
        """How expressions read names: once for each turn of the loops around them, as far as these are written out."""
        given = [one for one in nodes if one is not None]
        around = {above for node in given for above in self.file.ancestors(node) if isinstance(above, ast.For)}
        found = [self]
        for loop in self._asked(given, sorted(around, key=lambda loop: loop.lineno)) if around else ():
            found = [inner for names in found for inner in names.in_turns(loop)]
        yield from found

    def _asked(self, nodes: list[ast.expr], around: list[ast.For]) -> list[ast.For]:
        """The loops that give some name in the expressions, or in what such a loop goes through; outer ones first."""
        wanted = {name for node in nodes for name in names_in(node)}.difference(self.meant, self.bound)
        asked: list[ast.For] = []
        for loop in reversed(around):
            if not wanted.isdisjoint(names_in(loop.target)):
                asked.insert(0, loop)
                wanted |= names_in(loop.iter)
        return asked

    def in_turns(self, loop: ast.For) -> list["Names"]:
        """How expressions in a loop read names, in each turn; as before where the turns are not written out."""
        turns = self.turns(loop.target, loop.iter)
        return [self] if turns is None else [self._replace(meant={**self.meant, **names}) for names in turns]

    def turns(self, target: ast.expr, through: ast.expr) -> list[dict[str, ast.expr]] | None:
        """What the names of a loop stand for in each of its turns; None if that is not written out."""
        values = elements(through, self.behind)
        turns = [named(target, value, self.behind) for value in values or ()]
        known = [one for one in turns if one is not None]
        return known if values and len(known) == len(turns) else None

    def behind(self, node: ast.expr) -> ast.expr:
        """The expression that a name stands for, also that of a constant."""
        found = self.meaning(node)
        return self.file.scope(found).value(found)[1]


def _left_out(parameter: Parameter) -> str:
    """What a parameter is that no argument is given for: its default as text, which is empty for None."""
    default = parameter.default.node if parameter.default is not None else None
    value = default.value if isinstance(default, ast.Constant) else UNKNOWN
    return value if isinstance(value, str) else "" if value is None else UNKNOWN
