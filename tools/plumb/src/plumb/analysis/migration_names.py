"""The names in the operations of a revision: written out, behind constants, loops or the parameters of a helper."""

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import values_of
from plumb.index.extract import last_name
from plumb.index.facts import FunctionFact
from plumb.index.scope import argument

if TYPE_CHECKING:
    from plumb.source import SourceFile

UNKNOWN = "{?}"
QUOTES = frozenset({"f", "quoted_name"})


class Names(NamedTuple):
    """Reads names in a file; `bound` are the parameters of the function around them that the call gives as text."""

    file: "SourceFile"
    bound: Mapping[str, str] = {}

    def text(self, node: ast.expr | None) -> str:
        """A name as text, `UNKNOWN` if it is not to be read."""
        if isinstance(node, ast.Call) and last_name(node) in QUOTES and node.args:
            node = node.args[0]
        if node is None:
            return UNKNOWN
        if isinstance(node, ast.Name) and node.id in self.bound:
            return self.bound[node.id]
        if isinstance(node, ast.Name) and len(values := values_of(node, self.file)) == 1:
            node = values[0]
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(one.value if isinstance(one, ast.FormattedValue) else one) for one in node.values]
            return UNKNOWN if UNKNOWN in parts else "".join(parts)
        literal = self.file.scope(node).literal(node)
        return literal if isinstance(literal, str) else UNKNOWN

    def all(self, node: ast.expr | None) -> list[str]:
        """The name, or all that a loop over written-out names goes through."""
        names = [self.text(one) for one in self.each(node)]
        return [self.text(node)] if UNKNOWN in names else names

    def each(self, node: ast.expr | None) -> "list[ast.expr | None]":
        """The expression, or what a loop goes through that has this name for each, if that is written out."""
        if not isinstance(node, ast.Name):
            return [node]
        for above in self.file.ancestors(node):
            if not isinstance(above, ast.For):
                continue
            if isinstance(above.target, ast.Name) and above.target.id == node.id:
                return self._parts(self._turns(above.iter)) or [node]
            names = [getattr(one, "id", "") for one in above.target.elts] if isinstance(above.target, ast.Tuple) else []
            if node.id in names:
                return self._at(names.index(node.id), above.iter) or [node]
        return [node]

    def _turns(self, node: ast.expr) -> list[ast.expr]:
        """What a loop goes through: lists that are written out, here or as what an outer loop gives."""
        given = self.each(node) if isinstance(node, ast.Name) else [node]
        return [self.file.scope(node).value(one)[1] for one in given if one is not None]

    def _parts(self, values: list[ast.expr]) -> "list[ast.expr | None]":
        """The elements of all lists; none if one is not written out."""
        lists = [one.elts for one in values if isinstance(one, ast.Tuple | ast.List)]
        return [one for elements in lists for one in elements] if len(lists) == len(values) else []

    def _at(self, place: int, node: ast.expr) -> "list[ast.expr | None]":
        """What stands at one place of the pairs of a list, or of the items of a dict."""
        if isinstance(node, ast.Call) and last_name(node) == "items" and isinstance(node.func, ast.Attribute):
            _, table = self.file.scope(node).value(node.func.value)
            keys = [one for one in table.keys if one is not None] if isinstance(table, ast.Dict) else []
            return [*keys] if not place else [*table.values] if isinstance(table, ast.Dict) else []
        rows = [one.elts for one in self._parts(self._turns(node)) if isinstance(one, ast.Tuple | ast.List)]
        return [row[place] for row in rows if len(row) > place]

    def columns(self, node: ast.expr | None) -> list[str]:
        """The name of a column, of `sa.Column("name", ...)` too; each, where a loop goes through the names."""
        if isinstance(node, ast.Name) and len(values := values_of(node, self.file)) == 1:
            node = values[0] if isinstance(values[0], ast.Call) else node
        if isinstance(node, ast.Call):
            node = node.args[0] if node.args else None
        return self.all(node)

    def given(self, call: ast.Call, function: FunctionFact) -> Iterator["Names"]:
        """How a function reads names when it is called like this: once for each turn of a loop around the call."""
        texts = {one.name: self.all(argument(call, one.name, place)) for place, one in enumerate(function.parameters)}
        return Names(self.file).turns(texts)

    def in_loops(self, node: ast.expr) -> Iterator["Names"]:
        """How an expression reads names, such as those of an f-string: once for each turn of a loop around it."""
        names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
        return self.turns({one.id: self.all(one) for one in names if self.each(one) != [one]})

    def turns(self, texts: dict[str, list[str]]) -> Iterator["Names"]:
        """Once for each of the texts, which belong together by their place; once without any if they do not."""
        turns = max((len(text) for text in texts.values()), default=1)
        if any(len(text) not in {1, turns} for text in texts.values()):
            turns = 0
        for turn in range(turns):
            bound = {name: text[turn % len(text)] for name, text in texts.items()}
            known = {name: text for name, text in bound.items() if text != UNKNOWN}
            yield Names(self.file, {**self.bound, **known})
        if not turns:
            yield self
