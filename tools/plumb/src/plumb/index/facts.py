"""What the index keeps of a file once its tree is dropped: names, classes, functions and the text of expressions."""

import ast
from functools import lru_cache
from typing import NamedTuple


class Expr(NamedTuple):
    """An expression as text with its place (line from 1, column in characters from 1)."""

    text: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def node(self) -> ast.expr:
        """The expression as a tree; its positions count from its own start, so report `Expr`'s place instead."""
        return parse_expression(self.text)


class Import(NamedTuple):
    """`name` is what the import binds ("*" for a star); `attribute` is None for `import module`."""

    name: str
    module: str
    attribute: str | None
    level: int
    scope: str
    type_checking: bool
    line: int


class FieldFact(NamedTuple):
    """An assignment in a class body."""

    name: str
    annotation: Expr | None
    value: Expr | None
    line: int
    column: int
    end_line: int
    end_column: int


class ClassFact(NamedTuple):
    name: str
    qualname: str
    scope: str
    line: int
    column: int
    end_line: int
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...]
    decorators: tuple[Expr, ...]
    fields: tuple[FieldFact, ...]
    methods: tuple[str, ...]


class Parameter(NamedTuple):
    """`kind` is "positional", "keyword", "args" or "kwargs"."""

    name: str
    annotation: Expr | None
    default: Expr | None
    kind: str


class FunctionFact(NamedTuple):
    """`owner` is the qualified name of the class around a method, else empty; `returned` are its return values."""

    name: str
    qualname: str
    scope: str
    owner: str
    line: int
    column: int
    end_line: int
    is_async: bool
    is_generator: bool
    parameters: tuple[Parameter, ...]
    returns: Expr | None
    decorators: tuple[Expr, ...]
    returned: tuple[Expr, ...]


class Assignment(NamedTuple):
    """A module-level assignment to a name, or a local one whose value is a call worth remembering."""

    name: str
    annotation: Expr | None
    value: Expr
    scope: str
    line: int


class Call(NamedTuple):
    """A call that stands alone, such as `app.include_router(router)`: any at module level, elsewhere known names."""

    function: str
    expression: Expr
    scope: str


class ModuleFacts(NamedTuple):
    imports: tuple[Import, ...]
    classes: tuple[ClassFact, ...]
    functions: tuple[FunctionFact, ...]
    assignments: tuple[Assignment, ...]
    calls: tuple[Call, ...]
    exports: tuple[str, ...] | None
    databases: tuple[str, ...]
    statuses: tuple[int, ...]


EMPTY = ModuleFacts((), (), (), (), (), None, (), ())


@lru_cache(maxsize=4_000)
def parse_expression(text: str) -> ast.expr:
    """The tree of an expression; of a base such as `*mixins`, a tuple of it."""
    end = "," if text.startswith("*") else ""
    return ast.parse(f"({text}\n{end})", mode="eval").body
