"""Where a name stands in a file: what a link with a line number points at, and what a page shows of it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class PageError(Exception):
    """A page and the code differ; says which page, what is at fault and what to do."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file, counted from 1; *name* is the one that bears the name, behind any decorators."""

    first: int
    name: int
    last: int


def find(path: Path, name: str) -> Lines:
    """The definition of *name* in a Python file (`Database.transaction`), else the only line that holds the text.

    Raises PageError where there is none, or more than one.
    """
    defined = _definitions(path).get(name, ()) if path.suffix == ".py" else ()
    found = defined or [
        Lines(number, number, number)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if name in line
    ]
    if len(found) != 1:
        many = f"stands on {len(found)} lines: name it with what it belongs to" if found else "is not there (any more)"
        raise PageError(f"`{name}` {many} in {path.name}")
    return found[0]


def shown(path: Path, names: str) -> str:
    """The text of a definition; `a..b` is everything from *a* to *b*, nothing named is the whole file."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    if not names:
        return "".join(lines)
    first, _, last = names.partition("..")
    chosen = lines[find(path, first).first - 1 : find(path, last or first).last]
    indent = len(chosen[0]) - len(chosen[0].lstrip())
    return "".join(line[indent:] if line.strip() else line for line in chosen)


@cache
def _definitions(path: Path) -> dict[str, list[Lines]]:
    found: dict[str, list[Lines]] = {}
    for name, lines in _walk(ast.parse(path.read_text("utf-8")).body, ""):
        found.setdefault(name, []).append(lines)
    return found


def _walk(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, Lines]]:
    for node, following in zip(body, [*body[1:], None], strict=True):
        last = node.end_lineno or node.lineno
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield owner + node.name, Lines(first, node.lineno, last)
            yield from _walk(node.body, f"{owner}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                last = following.end_lineno or last  # The sentence below a value belongs to it.
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield owner + ast.unparse(target), Lines(node.lineno, node.lineno, last)
