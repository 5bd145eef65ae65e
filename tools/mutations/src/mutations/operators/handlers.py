"""PB6xx: handlers that never run, and asserts that nobody hears."""

import ast
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.source import Source

SOURCES = "backend/src/**/*.py"
TESTS = "backend/tests/integration/test_*.py"


@operator("PB601", "two handlers change places", SOURCES)
def swapped(source: Source) -> Iterator[Edits]:
    """Where the last handler catches everything.

    Between exceptions that are no relatives the order means nothing: `DBAPIError` and `OSError` in `src/engine.py`,
    `ExpiredTokenError` is a `JoseError` in `src/tokens.py`.
    """
    for block in source.walk(ast.Try):
        for first, second in zip(block.handlers, block.handlers[1:], strict=False):
            if _related(first, second):
                yield [
                    source.replace(first, source.text_of(second).rstrip()),
                    source.replace(second, source.text_of(first).rstrip()),
                ]


@operator("PB601", "a parent is caught first", SOURCES)
def parent_first(source: Source) -> Iterator[Edits]:
    """`except Exception: raise` stands above the handler. `BaseException` and `Exception` have no parent to catch."""
    for block in source.walk(ast.Try):
        first = block.handlers[0] if block.handlers else None
        if first and first.type and ast.unparse(first.type) not in {"BaseException", "Exception"}:
            yield [source.before(first, "except Exception:\n    raise")]


@operator("PB602", "a handler stands twice", SOURCES, tested=False)
def duplicated(source: Source) -> Iterator[Edits]:
    """The first handler once more, below itself. No test can see it: the second one never runs."""
    for block in source.walk(ast.Try):
        if block.handlers:
            handler = block.handlers[0]
            yield [source.after(handler, _dedented(source, handler))]


@operator("PB603", "a failure of an assert is swallowed", TESTS, tested=False)
def swallowed(source: Source) -> Iterator[Edits]:
    """The first assert of a file. No test can see that another has been muted."""
    asserts = (node for node in source.walk(ast.Assert) if _in_test(source, node))
    for node in list(asserts)[:1]:
        text = "\n".join(f"    {line}" for line in _dedented(source, node).splitlines())
        edit = source.before(node, f"try:\n{text}\nexcept AssertionError:\n    pass")
        yield [edit._replace(end=source.lines(node)[1])]


def _related(first: ast.ExceptHandler, second: ast.ExceptHandler) -> bool:
    """Whether the second catches what the first does, as far as our own code shows."""
    children = {"ExpiredTokenError": "JoseError", "ServiceUnavailable": "Exception", "AppError": "Exception"}
    first_name, second_name = (ast.unparse(handler.type) if handler.type else "" for handler in (first, second))
    return second_name == "Exception" or children.get(first_name, "-") in second_name


def _in_test(source: Source, node: ast.Assert) -> bool:
    tests = (function for function in source.tree.body if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(function.name.startswith("test_") and node in function.body for function in tests)


def _dedented(source: Source, node: ast.stmt | ast.ExceptHandler) -> str:
    lines = source.text[slice(*source.lines(node))].splitlines()
    return "\n".join(line[node.col_offset :] for line in lines)
