"""Edits of Python text by its syntax: lines for lines, a name beside a name, imports for what is used."""

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines *first* to *last*, counted from 1, give way to *text*; with *last* below *first* it goes between."""

    first: int
    last: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: edit.first, reverse=True):
        lines[edit.first - 1 : edit.last] = [edit.text]
    return "".join(lines)


def run(nodes: Sequence[ast.AST], new: str, *, parent: ast.AST | None = None) -> Edit:
    """The edit that puts *new* in the place of neighbouring *nodes*; with none, at the end of *parent*."""
    if nodes:
        return Edit(_first(nodes[0]), _last(nodes[-1]), new)
    assert parent is not None
    return Edit(_last(parent) + 1, _last(parent), new)


def without(node: ast.AST, following: ast.AST | None = None) -> Edit:
    """The edit that takes *node* out, together with the docstring that follows it."""
    described = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
    return Edit(_first(node), _last(following if described and following else node), "")


def target_of(node: ast.AST) -> str | None:
    """The name that an assignment gives a value."""
    match node:
        case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
            return name
        case _:
            return None


def beside(text: str, names: Mapping[str, str]) -> str:
    """Name each value of *names* beside its key wherever that is listed: in a list, a tuple or an import of modules."""
    lines = text.splitlines(keepends=True)
    places: list[tuple[int, int, str]] = []
    for node in ast.walk(ast.parse(text)):
        for item in _items(node):
            written = item.name if isinstance(item, ast.alias) else ast.get_source_segment(text, item) or ""
            new = names.get(written.strip("\"'"))
            if new is not None:
                quoted = f'"{new}"' if written.startswith(('"', "'")) else new
                places.append((item.end_lineno or 0, item.end_col_offset or 0, f", {quoted}"))
    for row, column, added in sorted(places, reverse=True):
        lines[row - 1] = lines[row - 1][:column] + added + lines[row - 1][column:]
    return "".join(lines)


def with_imports(text: str, known: Mapping[str, str]) -> str:
    """Import what *text* uses and nothing in it binds, from where *known* has it."""
    tree = ast.parse(text)
    missing = sorted({name for name in used(tree) if name in known} - set(bound(tree)))
    if not missing:
        return text
    first = next(node.lineno for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    return apply(text, [Edit(first, first - 1, "".join(f"from {known[name]} import {name}\n" for name in missing))])


def used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(dir(builtins))


def bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.Import(names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                yield name
            case _:
                yield from filter(None, [target_of(node)])


def _items(node: ast.AST) -> Sequence[ast.expr | ast.alias]:
    match node:
        case ast.List(items) | ast.Tuple(items):
            return items
        case ast.ImportFrom(names=names) if all(alias.name.islower() for alias in names):
            return names
        case _:
            return ()


def _first(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([getattr(node, "lineno", 0), *(decorator.lineno for decorator in decorators)])


def _last(node: ast.AST) -> int:
    return getattr(node, "end_lineno", 0)
