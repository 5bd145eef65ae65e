"""A page calls its `pagination` by another name, or lacks some of its fields.

## What it does
Finds classes and dict displays that carry a list beside `meta`, `page_info` and the like where the code base says
`pagination` (the option `pagination-field`), and pages that leave out what other pages say.

## Why is this bad
A client reads every page with the same code. A page with another name parses as the last one: the rest of the listing
is never asked for, and nobody sees an error.

## Example
```python
from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class Meta(BaseModel):
    offset: int
    limit: int
    total: int


class PaginatedResponse(BaseModel, Generic[T]):
    data: list[T]
    meta: Meta
```

## Use instead
```python
from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class Pagination(BaseModel):
    offset: int
    limit: int
    total: int


class PaginatedResponse(BaseModel, Generic[T]):
    data: list[T]
    pagination: Pagination
```

## Known limits
A code base that uses another name throughout is left alone, unless the class is called PaginatedResponse or
`pagination-field` is set. A dict counts under a name such as `paging`, in what a route answers. Flat pages (`items`,
`total`, `page` side by side) are another convention.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.answers import fields_of, read_type
from plumb.analysis.pages import COORDINATES, FIELD, OTHER_NAMES, SINGLE, expected_fields, page_of
from plumb.findings import Good, Place, Report, Severity
from plumb.index.modules import ClassInfo
from plumb.index.scope import entry
from plumb.rule import file_rule
from plumb.source import SourceFile

PAGES = frozenset({"PaginatedResponse"})
NEEDLES = ("Pag", "pag", "meta", "Meta")


@file_rule("PB303", "page-without-pagination", Severity.ERROR, needles=NEEDLES, kinds=("app",), options=(FIELD,))
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at the pages that the file declares, builds and writes out."""
    expected = file.project.config.text("pagination-field")
    for node in file.nodes(ast.ClassDef):
        yield from _class(file.class_info(node), expected, file)
    for node in file.nodes(ast.Call):
        yield from _call(node, expected, file)
    for node in file.nodes(ast.Dict):
        yield from _display(node, expected, file)


def _class(owner: ClassInfo, expected: str, file: SourceFile) -> Iterator[Report | Good]:
    page = page_of(file.project, owner, expected)
    if page is None or page.field is None:
        return
    field = page.field
    place = Place(file.path, field.line, field.column, field.end_line, field.end_column)
    scope = file.scope(file.tree)
    said = read_type(field.annotation.node, scope).kind if field.annotation else ""
    wanted = ", ".join(sorted(expected_fields(file.project, expected))) or "such as page, limit and total"
    if page.where == expected and said in {"dict", "any"} and (owner.name in PAGES or _is_agreed(file)):
        yield file.report(
            place,
            f"the `{expected}` of `{owner.name}` is a free `{said}`: nothing says which fields it has",
            f"{expected}: Pagination  # {wanted}",
            keys=(owner.key,),
        )
    elif page.where == expected:
        yield file.good(place)
    elif owner.name in PAGES or _is_agreed(file):
        annotation = field.annotation.text if field.annotation and said != "dict" else f"Pagination  # {wanted}"
        yield file.report(
            place,
            f"`{owner.name}` says where its page stands under `{page.where}`, not `{expected}`",
            f"{expected}: {annotation}",
            keys=(owner.key,),
        )


def _call(node: ast.Call, expected: str, file: SourceFile) -> Iterator[Report]:
    """`PaginatedResponse(data=..., meta=...)` of a class that has no such field."""
    words = {word.arg for word in node.keywords}
    if None in words or not words & OTHER_NAMES:
        return
    made = read_type(node.func, file.scope(node)).symbol
    fields = fields_of(file.project, made) if isinstance(made, ClassInfo) else None
    if not fields or expected not in fields or expected in words:
        return
    for word in node.keywords:
        if word.arg in OTHER_NAMES and word.arg not in fields:
            yield file.report(
                word.value,
                f"`{ast.unparse(node.func)}` has no field `{word.arg}`, and its `{expected}` is missing",
                f"{expected}={ast.unparse(word.value)}",
            )


def _display(node: ast.Dict, expected: str, file: SourceFile) -> Iterator[Report | Good]:
    names = {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    if "data" not in names and "items" not in names:
        return
    told = entry(node, expected)
    wanted = expected_fields(file.project, expected)
    if isinstance(told, ast.Dict) and wanted and None not in told.keys:
        missing = sorted(wanted - _names(told))
        if missing:
            yield file.report(
                told,
                f"the page's `{expected}` lacks {', '.join(f'`{name}`' for name in missing)}",
                f'"{expected}": {{{", ".join(f"{chr(34)}{name}{chr(34)}: ..." for name in sorted(wanted))}}}',
            )
        return
    for other in sorted(names & OTHER_NAMES) if told is None else ():
        given = entry(node, other)
        if isinstance(given, ast.Dict) and len(_names(given) & COORDINATES) >= SINGLE and _is_agreed(file):
            yield file.report(
                given,
                f"this page says where it stands under `{other}`, not `{expected}`",
                f'"{expected}": {ast.unparse(given)}',
            )


def _names(node: ast.Dict) -> set[str]:
    return {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}


def _is_agreed(file: SourceFile) -> bool:
    """Whether the expected name was chosen in the settings, or is used by another page."""
    expected = file.project.config.text("pagination-field")
    return expected != FIELD.default or bool(expected_fields(file.project, expected))
