"""A query or SQL text names an enum member by its name where the column holds values.

## What it does
Finds `Task.status == "OPEN"`, `Status.OPEN.name`, `.in_(["OPEN"])`, `filter_by(status="OPEN")`,
`.values(status="OPEN")`, `server_default="OPEN"` and `status = 'OPEN'` in SQL text, where the column stores `"open"`.

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
Columns that store names (PB501), and those whose type is none of SQLAlchemy's, are left out. In migrations only SQL in
an upgrade is read, and a label is wrong if no migration ever gives it to a type, so that the conversion of labels is
left alone. SQL is searched for comparisons with the column's own name, in a text that names its table.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.enum_columns import EnumColumn, enum_columns, models_with_enums
from plumb.analysis.enum_types import NAMES
from plumb.analysis.functions import stores_in
from plumb.analysis.migration_labels import Mislabelled, compared, mislabelled
from plumb.findings import Edit, Report, Severity
from plumb.index.enums import enum_of
from plumb.index.models import Model, model_of
from plumb.index.modules import FieldInfo
from plumb.rule import file_rule
from plumb.source import SourceFile

COL = ("sqlmodel.col", "sqlmodel.sql.expression.col")

COMPARISONS = frozenset({"in_", "not_in", "notin_", "is_", "is_not", "isnot", "__eq__"})
KEYWORD_CALLS = frozenset({"filter_by", "values", "update"})
_SQL = re.compile(r"^\s*(SELECT|UPDATE|INSERT|DELETE|WITH)\b", re.IGNORECASE)
_STATEMENT = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|WITH)\s", re.IGNORECASE)


@file_rule(
    "PB505",
    "enum-name-in-query",
    Severity.ERROR,
    needles=("select", "SELECT", "UPDATE", "query", "update", "server_default", "where", "filter"),
    kinds=("app", "test", "migration"),
)
def check(file: SourceFile) -> Iterator[Report]:
    """Look for names of members beside a column that stores values."""
    if file.kind == "migration":
        yield from (_in_migration(one, file) for one in mislabelled(file))
        return
    for compare in file.nodes(ast.Compare):
        for one, other in ((compare.left, compare.comparators[0]), (compare.comparators[0], compare.left)):
            column = _column(one, file) if _may_name(other) else None
            if column is not None:
                yield from _named(other, column, file)
    for call in file.nodes(ast.Call):
        yield from _call(call, file)
    for text in file.nodes(ast.Constant) if _STATEMENT.search(file.text) else ():
        if isinstance(text.value, str) and _SQL.match(text.value):
            yield from _sql(text, text.value, file)


def _call(node: ast.Call, file: SourceFile) -> Iterator[Report]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in COMPARISONS and isinstance(node.func, ast.Attribute):
        column = _column(node.func.value, file) if any(map(_may_name, node.args)) else None
        for given in node.args if column is not None else ():
            assert column is not None
            yield from _named(given, column, file)
    elif name in KEYWORD_CALLS and isinstance(node.func, ast.Attribute):
        model = _model_of_statement(node.func.value, file)
        for word in node.keywords if model is not None else ():
            assert model is not None
            column = _stores_values(model, word.arg or "", file)
            if column is not None:
                yield from _named(word.value, column, file)
    elif (named := [word for word in node.keywords if _may_name(word.value)]) and (
        made := model_of(file.project, file.resolve_class(node.func))
    ) is not None:
        for word in named:
            column = _stores_values(made, word.arg or "", file)
            if column is not None:
                yield from _named(word.value, column, file)
    else:
        default = next((word.value for word in node.keywords if word.arg == "server_default"), None)
        column = _around(default, file) if default is not None else None
        if default is not None and column is not None:
            yield from _named(default, column, file)


def _may_name(node: ast.expr) -> bool:
    """Whether the expression is of a form that can be the name of a member, or hold one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.List | ast.Tuple | ast.Set) or (isinstance(node, ast.Attribute) and node.attr == "name")


def _named(node: ast.expr, column: EnumColumn, file: SourceFile) -> Iterator[Report]:
    """The names of members in a value or a list of values."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        for element in node.elts:
            yield from _named(element, column, file)
        return
    enum = column.enum
    if enum is None or enum.values is None:
        return
    if isinstance(node, ast.Attribute) and node.attr == "name":
        member = file.resolve(node.value)
        if isinstance(member, FieldInfo) and enum_of(file.project, member.owner) == enum:
            yield _report(node, member.name, column, [file.edit(node, file.text_of(node.value))], file)
    elif isinstance(node, ast.Constant) and node.value in enum.names and node.value not in enum.values:
        yield _report(node, str(node.value), column, [], file)


def _report(node: ast.expr, name: str, column: EnumColumn, edits: list[Edit], file: SourceFile) -> Report:
    enum = column.enum
    assert enum is not None
    value = next(member.value for member in enum.members if member.name == name)
    field = column.attribute.name
    return file.report(
        node,
        f'`{column.model.name}.{field}` holds values such as "{value}"; "{name}" is the name of the member',
        f"{enum.name}.{name}" if not isinstance(node, ast.Constant) or "'" not in str(node.value) else f"'{value}'",
        keys=(enum.owner.key, column.model.owner.key),
        edits=edits,
        safe=True,
    )


def _column(node: ast.expr, file: SourceFile) -> EnumColumn | None:
    """The column behind `Task.status`, SQLModel's `col(Task.status)`, or a local name for either."""
    if isinstance(node, ast.Call) and file.is_call_to(node, *COL) and node.args:
        node = node.args[0]
    if isinstance(node, ast.Name):
        value = _assigned_once(node, file)
        return _column(value, file) if value is not None and not isinstance(value, ast.Name) else None
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name | ast.Attribute):
        return None
    if node.attr == "name" or not isinstance(node.ctx, ast.Load):
        return None
    model = model_of(file.project, file.resolve_class(node.value))
    return None if model is None else _stores_values(model, node.attr, file)


def _assigned_once(name: ast.Name, file: SourceFile) -> ast.expr | None:
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
    return above.value if isinstance(above, ast.Assign) else None


def _stores_values(model: Model, name: str, file: SourceFile) -> EnumColumn | None:
    if name not in model.attributes:
        return None
    for column in enum_columns(file.project, model):
        if column.attribute.name == name and column.enum is not None and column.enum.differs:
            return column if column.type is not None and column.type.stores != NAMES else None
    return None


def _model_of_statement(node: ast.expr, file: SourceFile) -> Model | None:
    """The model of `select(Task).where(...)`, found at the start of the chain."""
    while isinstance(node, ast.Call):
        if node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"select", "query", "update", "insert", "delete"}:
                return model_of(file.project, file.resolve_class(node.args[0]))
        if not isinstance(node.func, ast.Attribute):
            return None
        node = node.func.value
    return None


def _around(node: ast.expr, file: SourceFile) -> EnumColumn | None:
    """The column whose declaration contains *node*."""
    for above in file.ancestors(node):
        if isinstance(above, ast.AnnAssign | ast.Assign):
            target = above.target if isinstance(above, ast.AnnAssign) else above.targets[0]
            owner = file.parent(above)
            if isinstance(owner, ast.ClassDef) and isinstance(target, ast.Name):
                model = model_of(file.project, file.class_info(owner))
                return None if model is None else _stores_values(model, target.id, file)
            return None
    return None


def _sql(node: ast.Constant, sql: str, file: SourceFile) -> Iterator[Report]:
    for model in models_with_enums(file.project):
        if not model.table or model.table not in sql or re.search(rf"\b{re.escape(model.table)}\b", sql) is None:
            continue
        for column in enum_columns(file.project, model):
            enum = column.enum
            if enum is None or enum.values is None or _stores_values(model, column.attribute.name, file) is None:
                continue
            named = [
                one for one in compared(sql, column.attribute.name) if one in enum.names and one not in enum.values
            ]
            if named:
                yield _report(node, named[0], column, [], file)


def _in_migration(found: Mislabelled, file: SourceFile) -> Report:
    return file.report(
        found.step.node,
        f'`{found.column}` has the label "{found.right}"; "{found.label}" is none of its type',
        f"'{found.right}'",
    )
