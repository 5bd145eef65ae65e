"""A relationship with `lazy="noload"` is silently empty.

## What it does
Finds relationships declared with `lazy="noload"` (or `lazy=None`), and queries with the option `noload()`.

## Why is this bad
The attribute reads as `[]` or `None` whatever the database holds, and nothing says so. What is saved on the strength
of it is wrong. SQLAlchemy has deprecated the mode.

## Example
```python
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    tasks: Mapped[list["Task"]] = relationship(back_populates="user", lazy="noload")
```

## Use instead
```python
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    tasks: Mapped[list["Task"]] = relationship(back_populates="user", lazy="raise")
```

## Known limits
The query option is only a warning: it may be there to override an eager mode for a query whose reader is known.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.declarations import argument_place, declared, place_of, with_lazy
from plumb.findings import Good, Report, Severity
from plumb.index.scope import keyword
from plumb.rule import file_rule
from plumb.source import SourceFile

SILENT = frozenset({"noload", "None"})
OPTIONS = ("sqlalchemy.orm.noload", "sqlalchemy.orm.strategy_options.noload")


@file_rule(
    "PB205",
    "relationship-reads-as-empty",
    Severity.ERROR,
    needles=("noload", "lazy", "__tablename__", "table=True"),
    kinds=("app",),
)
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at the declarations and at the loader options of queries."""
    for model, attribute in declared(file):
        found = attribute.relationship
        if found is None:
            continue
        if found.lazy == "raise":
            yield file.good(place_of(attribute), keys=(model.owner.key,))
        elif found.lazy in SILENT or _is_none(attribute.field.value.node if attribute.field.value else None):
            empty = "`[]`" if found.many else "`None`" if found.many is False else "empty"
            yield file.report(
                argument_place(attribute, "lazy", file),
                f"`{model.name}.{attribute.name}` always reads as {empty}, whatever the database holds",
                with_lazy(attribute, "raise", file)
                or f'Let the helper that declares `{attribute.name}` pass `lazy="raise"`.',
                keys=(model.owner.key,),
            )
    for call in file.nodes(ast.Call):
        if file.is_call_to(call, *OPTIONS):
            target = ", ".join(ast.unparse(part) for part in call.args)
            yield file.report(
                call,
                f"what this query returns reads as empty at `{target}`",
                f"raiseload({target})",
                severity=Severity.WARNING,
            )


def _is_none(call: ast.expr | None) -> bool:
    """Whether the call says `lazy=None`, the older spelling."""
    if not isinstance(call, ast.Call):
        return False
    given = keyword(call, "lazy")
    return isinstance(given, ast.Constant) and given.value is None
