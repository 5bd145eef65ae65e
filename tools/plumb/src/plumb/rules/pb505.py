"""A query or SQL text names an enum member by its name where the column holds values.

## What it does
Finds the name of a member where the column stores `"open"`: compared (`Task.status == "OPEN"`, `Status.OPEN.name`,
`.in_(["OPEN"])`, `filter_by(status="OPEN")`), written (`.values(status="OPEN")`, rows of an `insert()`, new objects,
`server_default="OPEN"`), and in SQL: in the code, in `text()`, in f-strings, as a bound parameter, as a `DEFAULT`, in
`.sql` files. Constants, variables, lists and methods that hand on their criteria are followed; so are `Table` objects.

## Why is this bad
The condition matches no row and raises nothing, or PostgreSQL refuses the label (`invalid input value for enum
category: "TASKS"`), on a path that tests on SQLite never take.

## Example
```python
from enum import StrEnum

from sqlalchemy import Enum
from sqlmodel import Field, SQLModel, select


class Status(StrEnum):
    OPEN = "open"


class Task(SQLModel, table=True):
    id: int = Field(primary_key=True)
    status: Status = Field(
        sa_type=Enum(Status, name="status", values_callable=lambda enum: [member.value for member in enum])
    )


statement = select(Task).where(Task.status == "OPEN")
```

## Use instead
```python
from enum import StrEnum

from sqlalchemy import Enum
from sqlmodel import Field, SQLModel, select


class Status(StrEnum):
    OPEN = "open"


class Task(SQLModel, table=True):
    id: int = Field(primary_key=True)
    status: Status = Field(
        sa_type=Enum(Status, name="status", values_callable=lambda enum: [member.value for member in enum])
    )


statement = select(Task).where(Task.status == Status.OPEN)
```

## Known limits
Columns that store names (PB501), and those whose type is none of SQLAlchemy's, are left out. SQL is held against the
labels that the migrations give the type, where they do, else against what the model stores; a column without a table
before it counts where its statement reads that table alone. In migrations only SQL in an upgrade is read. There and in
`.sql` files a label is wrong if no migration ever gives it to a type, so that the conversion of labels is left alone.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.enum_sql import Given
from plumb.analysis.enum_statements import KEYWORD_CALLS, column_of, columns_of, passed_on, rows, written_by
from plumb.analysis.enum_texts import EXECUTING, bound_by, labels_in, labels_in_files, may_hold_sql, place_of
from plumb.analysis.enum_words import Word, words
from plumb.analysis.migration_labels import Mislabelled, mislabelled
from plumb.analysis.stored_enums import NONE, Columns, Stored, stored_in
from plumb.findings import Place, Report, Severity
from plumb.index.models import model_of
from plumb.rule import file_rule
from plumb.source import SourceFile

COMPARISONS = frozenset({"in_", "not_in", "notin_", "is_", "is_not", "isnot", "__eq__"})
OF_ROWS = frozenset({"bulk_insert_mappings", "bulk_update_mappings"})
FORMS = (ast.Name, ast.List, ast.Tuple, ast.Set, ast.IfExp, ast.BinOp, ast.ListComp, ast.SetComp, ast.GeneratorExp)


@file_rule(
    "PB505",
    "enum-name-in-query",
    Severity.ERROR,
    needles=(
        "Enum",
        "enum",
        "select",
        "SELECT",
        "UPDATE",
        "query",
        "update",
        "insert",
        "server_default",
        "where",
        "filter",
        "find",
    ),
    kinds=("app", "test", "migration"),
)
def check(file: SourceFile) -> Iterator[Report]:
    """Look for names of members beside a column that stores values."""
    if file.kind == "migration":
        yield from (_in_migration(one, file) for one in mislabelled(file))
        return
    for compare in file.nodes(ast.Compare):
        for one, other in ((compare.left, compare.comparators[0]), (compare.comparators[0], compare.left)):
            yield from _named(other, column_of(one, file) if _may_name(other) else None, file)
    for call in file.nodes(ast.Call):
        yield from _call(call, file)
    for text in file.nodes(ast.Constant, ast.JoinedStr) if may_hold_sql(file.text) else ():
        is_plain = isinstance(text, ast.Constant) and not (isinstance(text.value, str) and "'" in text.value)
        for given in labels_in(text, file) if not is_plain else ():
            yield from _in_text(given, place_of(given, text, file))
    for place, given in labels_in_files(file):
        yield from _in_text(given, place)


def _may_name(node: ast.expr) -> bool:
    """Whether the expression is of a form that can be the name of a member, or hold one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return node.attr == "name" if isinstance(node, ast.Attribute) else isinstance(node, FORMS)


def _call(node: ast.Call, file: SourceFile) -> Iterator[Report]:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    if isinstance(function, ast.Attribute) and name in COMPARISONS:
        column = column_of(function.value, file) if any(map(_may_name, node.args)) else None
        for given in node.args:
            yield from _named(given, column, file)
    elif isinstance(function, ast.Attribute) and name in KEYWORD_CALLS:
        columns = columns_of(function.value, file) if node.args or node.keywords else NONE
        yield from _rows([*node.args, *(word.value for word in node.keywords if not word.arg)], columns, file)
        for word in node.keywords:
            yield from _named(word.value, columns.get(word.arg or ""), file)
    elif name in EXECUTING and len(node.args) > 1:
        yield from _rows(node.args[1:], written_by(node.args[0], file), file)
    elif name in OF_ROWS and len(node.args) > 1:
        yield from _rows(node.args[1:], columns_of(ast.Call(ast.Name("select"), node.args[:1], []), file), file)
    elif node.keywords:
        yield from _made(node, file)
    binds = name == "bindparams" or (bool(node.args) and len(node.args) + len(node.keywords) > 1)
    for bound, value in bound_by(node, file) if binds else ():
        yield from _named(value, bound, file)


def _rows(given: list[ast.expr], columns: Columns, file: SourceFile) -> Iterator[Report]:
    """The values of dicts, by the columns that their keys name."""
    for key, value in (pair for one in given for pair in rows(one, file)) if columns else ():
        yield from _named(value, columns.get(key), file)


def _made(node: ast.Call, file: SourceFile) -> Iterator[Report]:
    """The keywords of a new row, and the default of a column."""
    named = [word for word in node.keywords if word.arg and _may_name(word.value)]
    made = model_of(file.project, file.resolve_class(node.func)) if named else None
    columns = stored_in(file.project, made) if made is not None else passed_on(node, file) if named else NONE
    for word in named:
        column = columns.get(word.arg or "") or (_around(node, file) if word.arg == "server_default" else None)
        yield from _named(word.value, column, file)


def _named(node: ast.expr, column: Stored | None, file: SourceFile) -> Iterator[Report]:
    """The names of members in a value or a list of values."""
    for word in words(node, file) if column is not None else ():
        if column is None or word.enum not in {None, column.enum}:
            continue
        if word.text and column.value_for(word.text):
            yield _report(word, word.text, column, file)
        elif not word.text and not {*column.enum.names} & {*column.labels}:
            yield _report(word, column.enum.names[0], column, file)


def _report(word: Word, name: str, column: Stored, file: SourceFile) -> Report:
    member = word.node.value if isinstance(word.node, ast.Attribute) and word.enum is not None else None
    return file.report(
        word.node,
        _message(column, name),
        f"{column.enum.name}.{name}" if member is None else ast.unparse(member),
        keys=(column.enum.owner.key, column.key),
        edits=[file.edit(word.node, file.text_of(member))] if member is not None else [],
        safe=True,
    )


def _message(column: Stored, name: str) -> str:
    return (
        f'`{column.owner}.{column.name}` holds values such as "{column.value_for(name)}"; '
        f'"{name}" is the name of the member'
    )


def _around(node: ast.expr, file: SourceFile) -> Stored | None:
    """The column whose declaration contains *node*."""
    for above in file.ancestors(node):
        if isinstance(above, ast.AnnAssign | ast.Assign):
            target = above.target if isinstance(above, ast.AnnAssign) else above.targets[0]
            owner = file.parent(above)
            if isinstance(owner, ast.ClassDef) and isinstance(target, ast.Name):
                model = model_of(file.project, file.class_info(owner))
                return None if model is None else stored_in(file.project, model).get(target.id)
            return None
    return None


def _in_text(given: Given, place: Place) -> Iterator[Report]:
    meant = given.column.value_for(given.label)
    if meant:
        keys = (given.column.enum.owner.key, given.column.key)
        yield Report(place, _message(given.column, given.label), f"'{meant}'", keys)


def _in_migration(found: Mislabelled, file: SourceFile) -> Report:
    return file.report(
        found.step.node,
        f'`{found.column}` has the label "{found.right}"; "{found.label}" is none of its type',
        f"'{found.right}'",
    )
