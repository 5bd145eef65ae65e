"""Edits: the few ways in which a part leaves a file that it shares. Each names what it expects, exactly once."""

import ast
import re
from collections.abc import Iterator
from itertools import accumulate

from parts.draft import PartsError

HEADING = re.compile(r"(#+) ")

Place = tuple[int, int]
"""A line, from 1, and a column in it, from 0."""


def replaced(text: str, find: str, replace: str, *, file: str) -> str:
    """*text* with the one occurrence of *find* replaced."""
    _require_once(text.count(find), find, file)
    return text.replace(find, replace)


def without_line(text: str, line: str, *, file: str) -> str:
    """*text* without the one line that reads *line*, whatever its indentation; `...` at its end is any rest."""
    lines = text.splitlines(keepends=True)
    places = [place for place, found in enumerate(lines) if _reads(found.strip(), line.strip())]
    _require_once(len(places), line, file)
    del lines[places[0]]
    return "".join(lines)


def without_every_line(text: str, line: str, *, file: str) -> str:
    """*text* without any line that reads *line*: an entry of a registry and its import, for example."""
    left = [found for found in text.splitlines(keepends=True) if found.strip() != line.strip()]
    if "".join(left) == text:
        raise PartsError(f"{file}: expected at least once, found 0 times: {line!r}")
    return "".join(left)


def without_paragraph(text: str, find: str, *, file: str) -> str:
    """*text* without the one block between blank lines in which *find* occurs."""
    paragraphs = text.split("\n\n")
    places = [place for place, found in enumerate(paragraphs) if find in found]
    _require_once(len(places), find, file)
    last = places[0] == len(paragraphs) - 1
    del paragraphs[places[0]]
    return "\n\n".join(paragraphs) + ("\n" if last else "")


def without_section(text: str, heading: str, *, file: str) -> str:
    """Markdown *text* without the one section of *heading*, such as `## Notes`, and what is below it."""
    lines = text.splitlines(keepends=True)
    outside = list(_outside_of_code(lines))
    places = [place for place in outside if lines[place].rstrip() == heading]
    _require_once(len(places), heading, file)
    level = len(heading.split(" ", 1)[0])
    ends = (place for place in outside if place > places[0] and _level(lines[place]) <= level)
    end = next(ends, len(lines))
    return "".join([*lines[: places[0]], *lines[end:]]).rstrip("\n") + "\n"


def without_definition(text: str, name: str, *, file: str) -> str:
    """Python *text* without the function, class or constant *name*, its comments, and the string that explains it.

    `Class.member` is one of a class.
    """
    *owners, last = name.split(".")
    body: list[ast.stmt] = ast.parse(text).body
    for owner in owners:
        found = _defining(body, owner)
        _require_once(len(found), name, file)
        body = getattr(body[found[0]], "body", [])
    places = _defining(body, last)
    _require_once(len(places), name, file)
    first, end = _span(body, places[0])
    lines = text.splitlines(keepends=True)
    while lines[first - 1].lstrip().startswith("#"):
        first -= 1
    while first and not lines[first - 1].strip() and not "".join(lines[end : end + 1]).strip():
        first -= 1
    return "".join([*lines[:first], *lines[end:]])


def without_argument(text: str, name: str, *, file: str) -> str:
    """Python *text* without an argument: `tasks.create.rules` is `rules` of the function `tasks.create`.

    It goes as a parameter where the function is defined, and as a keyword wherever it is called.
    """
    function, _, argument = name.rpartition(".")
    places = sorted(_arguments(ast.parse(text), function, argument), reverse=True)
    if not places:
        raise PartsError(f"{file}: expected at least once, found 0 times: {name!r}")
    lines = text.encode().splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    written = text.encode()
    for (line, column), (end_line, end_column) in places:
        start, end = starts[line - 1] + column, starts[end_line - 1] + end_column
        written = _without_item(written[:start], written[end:])
    return written.decode()


def _arguments(tree: ast.Module, function: str, argument: str) -> Iterator[tuple[Place, Place]]:
    """Where it begins and where it ends, each time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function:
            yield from (_extent(found, default) for found, default in _parameters(node) if found.arg == argument)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == function:
            yield from (_extent(keyword) for keyword in node.keywords if keyword.arg == argument)


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    without_default = len(positional) - len(given.defaults)
    yield from zip(positional, [*[None] * without_default, *given.defaults], strict=True)
    yield from zip(given.kwonlyargs, given.kw_defaults, strict=True)


def _extent(node: ast.arg | ast.keyword, default: ast.expr | None = None) -> tuple[Place, Place]:
    last = default or node
    return (node.lineno, node.col_offset), (last.end_lineno or 0, last.end_col_offset or 0)


def _without_item(before: bytes, behind: bytes) -> bytes:
    """What is left around an item of a list, with one comma less. A star with nothing behind it goes too."""
    rest = behind.lstrip(b", \n")
    if not rest.startswith(b")"):
        return before + rest
    before = before.rstrip(b", \n")
    return (before.removesuffix(b"*").rstrip(b", \n") if before.endswith((b" *", b"(*")) else before) + rest


def _reads(found: str, line: str) -> bool:
    return found.startswith(line.removesuffix("...")) if line.endswith(" ...") else found == line


def _span(body: list[ast.stmt], place: int) -> tuple[int, int]:
    """The lines of a statement, as a slice, with its decorators and a string behind it."""
    node = body[place]
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    end = node.end_lineno or node.lineno
    after = body[place + 1] if place + 1 < len(body) else None
    assigns = isinstance(node, ast.Assign | ast.AnnAssign)
    if assigns and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        end = after.end_lineno or end
    return min(part.lineno for part in (node, *decorators)) - 1, end


def _defining(body: list[ast.stmt], name: str) -> list[int]:
    return [place for place, node in enumerate(body) if name in _names(node)]


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _outside_of_code(lines: list[str]) -> Iterator[int]:
    inside = False
    for place, line in enumerate(lines):
        inside ^= line.startswith("```")
        if not inside:
            yield place


def _level(line: str) -> int:
    heading = HEADING.match(line)
    return len(heading[1]) if heading else 7


def _require_once(count: int, wanted: str, file: str) -> None:
    if count != 1:
        raise PartsError(f"{file}: expected exactly once, found {count} times: {wanted!r}")
