"""A column for an instant has a type that loses the zone.

## What it does
Finds `DateTime` and `TIMESTAMP` without `timezone=True` in columns, `sa_type=`, and `type_annotation_map`, and
`Mapped[datetime]` columns that get such a type because none is named.

## Why is this bad
PostgreSQL's `TIMESTAMP WITHOUT TIME ZONE` drops the offset: what comes back is naive, asyncpg refuses to store aware
values in it, and comparing the two kinds raises `TypeError: can't compare offset-naive and offset-aware datetimes`.

## Example
```python
from sqlalchemy import DateTime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    created_at = mapped_column(DateTime, nullable=False)
```

## Use instead
```python
from sqlalchemy import DateTime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    created_at = mapped_column(DateTime(timezone=True), nullable=False)
```

## Known limits
Silent for types of MySQL and SQLite, TypeDecorators, and types with a variant. A bare `Mapped[datetime]` is a warning,
and none when a `type_annotation_map` names `datetime`. SQLModel gives a bare `datetime` a type that keeps the zone.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.instant_fields import zone_kept
from plumb.analysis.type_maps import type_maps
from plumb.findings import Edit, Good, Report, Severity
from plumb.index.models import COLUMN_FACTORIES, model_of
from plumb.index.modules import ClassInfo, External
from plumb.index.scope import Scope, keyword
from plumb.project import Project
from plumb.rule import node_rule
from plumb.source import SourceFile

MAP = "type_annotation_map"


@node_rule(
    "PB405",
    "column-loses-zone",
    Severity.ERROR,
    nodes=(ast.Call, ast.Assign, ast.AnnAssign, ast.ClassDef),
    needles=("DateTime", "TIMESTAMP", "datetime", "DATETIME"),
    kinds=("app",),
)
def check(node: ast.Call | ast.Assign | ast.AnnAssign | ast.ClassDef, file: SourceFile) -> Iterator[Report | Good]:
    """Look at the types of columns, written or inferred; not at revisions, which repeat what a model says."""
    if file.module.binding("", "down_revision"):
        return
    if isinstance(node, ast.ClassDef):
        yield from _inferred(node, file)
    elif isinstance(node, ast.Call):
        for written in _types(node, file):
            yield from _judge(written, file)
    elif _assigns_map(node) and isinstance(node.value, ast.Dict):
        for name, written in zip(node.value.keys, node.value.values, strict=True):
            if name is not None and _is_datetime(name, file):
                yield from _judge(written, file)


def _types(call: ast.Call, file: SourceFile) -> list[ast.expr]:
    """The arguments of a column that may be its type."""
    symbol = file.resolve(call.func)
    if not isinstance(symbol, External):
        return []
    if symbol.key in COLUMN_FACTORIES:
        return [*call.args[:2], *(word.value for word in call.keywords if word.arg in {"type_", "__type_pos"})]
    found = keyword(call, "sa_type") if symbol.key in {"sqlmodel.Field", "sqlmodel.main.Field"} else None
    return [] if found is None else [found]


def _judge(written: ast.expr, file: SourceFile) -> Iterator[Report | Good]:
    scope, value = file.scope(written).value(written)
    kept = zone_kept(value, scope)
    if kept is None:
        return
    if kept:
        yield file.good(written)
        return
    function = written.func if isinstance(written, ast.Call) else written
    text = f"{ast.unparse(function)}(timezone=True)" if value is written else "DateTime(timezone=True)"
    yield file.report(
        written,
        f"`{file.text_of(written)}` stores the instant without its zone",
        text,
        edits=_edits(written, text, file) if value is written else (),
    )


def _edits(written: ast.expr, text: str, file: SourceFile) -> list[Edit]:
    """Not for calls with further arguments."""
    plain = not isinstance(written, ast.Call) or not (written.args or written.keywords)
    return [file.edit(written, text)] if plain else []


def _inferred(node: ast.ClassDef, file: SourceFile) -> Iterator[Report]:
    """Columns of a declarative model that are `Mapped[datetime]` and name no type."""
    bare = [one for one in node.body if isinstance(one, ast.AnnAssign) and _is_bare(one, file)]
    model = model_of(file.project, file.class_info(node)) if bare else None
    if model is None or model.style != "sqlalchemy" or _is_in_map(file.project, model.owner):
        return
    for one in bare:
        yield file.report(
            one,
            f"`{ast.unparse(one.target)}` gets the type `DateTime`, which stores the instant without its zone",
            f"{ast.unparse(one.target)}: {ast.unparse(one.annotation)} = mapped_column(DateTime(timezone=True))",
            severity=Severity.WARNING,
        )


def _is_bare(node: ast.AnnAssign, file: SourceFile) -> bool:
    annotation = node.annotation
    if not isinstance(annotation, ast.Subscript) or ast.unparse(annotation.value).rpartition(".")[2] != "Mapped":
        return False
    inner = annotation.slice
    parts = [inner.left, inner.right] if isinstance(inner, ast.BinOp) else [inner]
    if isinstance(inner, ast.Subscript) and ast.unparse(inner.value).endswith("Optional"):
        parts = [inner.slice]
    if not any(_is_datetime(part, file) for part in parts):
        return False
    if node.value is None:
        return True
    return (
        file.is_call_to(node.value, *COLUMN_FACTORIES)
        and isinstance(node.value, ast.Call)
        and all(isinstance(one, ast.Constant) for one in node.value.args)
        and not any(word.arg in {None, "type_"} for word in node.value.keywords)
    )


def _is_in_map(project: Project, model: ClassInfo) -> bool:
    """Whether a map that holds for the model may name `datetime`."""
    return any(
        not isinstance(written, ast.Dict) or any(key is None or _names_datetime(key, scope) for key in written.keys)
        for scope, written in type_maps(project, model)
    )


def _assigns_map(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == MAP for target in targets)


def _is_datetime(node: ast.expr, file: SourceFile) -> bool:
    return _names_datetime(node, file.scope(node))


def _names_datetime(node: ast.expr, scope: Scope) -> bool:
    symbol = scope.resolve(node)
    return isinstance(symbol, External) and symbol.key == "datetime.datetime"
