"""What autogenerate writes: SQLModel's types as plain SQLAlchemy, and every change of an enum as one of our steps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import comparators, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import _render_column
from alembic.autogenerate.rewriter import Rewriter
from alembic.operations import ops
from sqlmodel import AutoString, UTCDateTime

from src.decimals import ExactNumeric

PLAIN_TYPES: dict[type[Any], str] = {
    AutoString: "sa.String(length={0.length})",
    ExactNumeric: 'sa.Numeric(precision={0.precision}, scale={0.scale}).with_variant(sa.BigInteger(), "sqlite")',
    UTCDateTime: "sa.DateTime(timezone=True)",
}
STEPS = "from migrations.steps import enums"
LABELS = sa.text(
    "SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_type t"
    " JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = current_schema()::regnamespace GROUP BY t.typname"
)

Labels = tuple[str, ...]


@dataclass
class ChangeEnum(ops.MigrateOperation):
    """An enum type before and after; no labels where it does not exist."""

    name: str
    old: Labels
    new: Labels
    used_by: Labels

    def reverse(self) -> "ChangeEnum":
        return replace(self, old=self.new, new=self.old)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("change_enum", self.name, self.old, self.new)


@dataclass
class AddEnumColumn(ops.MigrateOperation):
    """A column whose labels SQLite has to check."""

    table: str
    column: sa.Column[Any]

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("add_column", self.table, self.column.name)


@dataclass
class DropEnumColumn(ops.MigrateOperation):
    """Its reverse."""

    table: str
    column: str

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("remove_column", self.table, self.column)


def render_item(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write a type so that the revision does not change its meaning with a library or with the models."""
    if kind == "type" and isinstance(item, sa.Enum):
        labels = ", ".join(map(repr, item.enums))
        # The type is made and dropped by steps, by name.
        return f"sa.Enum({labels}, name={item.name!r}, create_constraint=True, create_type=False)"
    template = PLAIN_TYPES.get(type(item)) if kind == "type" else None
    return template.format(item) if template else False


@comparators.dispatch_for("schema")
def compare_enums(context: AutogenContext, upgrade_ops: ops.UpgradeOps, _: object) -> None:
    """Compare the labels of every enum type: types come before what uses them and go after it."""
    assert context.connection is not None
    if context.connection.dialect.name != "postgresql":
        return
    existing = {name: tuple(labels) for name, labels in context.connection.execute(LABELS)}
    declared = _declared(context.sorted_tables)
    for name in sorted(declared.keys() | existing.keys()):
        new, used_by = declared.get(name, ((), ()))
        change = ChangeEnum(name, existing.get(name, ()), new, used_by)
        if change.old and not change.new:
            upgrade_ops.ops.append(change)
        elif change.old != change.new:
            upgrade_ops.ops.insert(0, change)


def _declared(tables: Iterable[sa.Table]) -> dict[str, tuple[Labels, Labels]]:
    """The labels of each enum of the models, and the columns that use it."""
    found: dict[str, tuple[Labels, Labels]] = {}
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, sa.Enum) and column.type.name:
                labels, used_by = tuple(column.type.enums), found.get(column.type.name, ((), ()))[1]
                found[column.type.name] = (labels, (*used_by, f"{table.name}.{column.name}"))
    return found


@renderers.dispatch_for(ChangeEnum)
def render_change(context: AutogenContext, change: ChangeEnum) -> list[str]:
    context.imports.add(STEPS)
    if not change.old:
        return [f"enums.create({change.name!r}, {list(change.new)})"]
    if not change.new:
        return [f"enums.drop({change.name!r})"]
    used_by = f"used_by={list(change.used_by)}"
    if tuple(label for label in change.new if label in change.old) == change.old:
        return [
            f"enums.add_value({change.name!r}, {label!r}, {_place(label, change)}, {used_by})"
            for label in change.new
            if label not in change.old
        ]
    # An ellipsis is no label: the step refuses it until somebody has decided where the rows go.
    moves = "{" + ", ".join(f"{label!r}: ..." for label in change.old if label not in change.new) + "}"
    return [f"enums.replace_values({change.name!r}, {list(change.new)}, moves={moves}, {used_by})"]


def _place(label: str, change: ChangeEnum) -> str:
    index = change.new.index(label)
    return f"after={change.new[index - 1]!r}" if index else f"before={change.old[0]!r}"


@renderers.dispatch_for(AddEnumColumn)
def render_add_column(context: AutogenContext, operation: AddEnumColumn) -> str:
    context.imports.add(STEPS)
    return f"enums.add_column({operation.table!r}, {_render_column(operation.column, context)})"


@renderers.dispatch_for(DropEnumColumn)
def render_drop_column(context: AutogenContext, operation: DropEnumColumn) -> str:
    context.imports.add(STEPS)
    return f"enums.drop_column({operation.table!r}, {operation.column!r})"


rewriter = Rewriter()


@rewriter.rewrites(ops.ModifyTableOps)
def take_out_enum_columns(_: object, __: object, changes: ops.ModifyTableOps) -> list[ops.MigrateOperation]:
    """Give the enum columns of a changed table steps of their own, outside of the batch."""
    rest: list[ops.MigrateOperation] = []
    taken: list[ops.MigrateOperation] = []
    for change in changes.ops:
        if isinstance(change, ops.AddColumnOp) and isinstance(change.column.type, sa.Enum):
            taken.append(AddEnumColumn(changes.table_name, change.column))
        elif isinstance(change, ops.DropColumnOp) and _drops_enum(change):
            taken.append(DropEnumColumn(changes.table_name, change.column_name))
        else:
            rest.append(change)
    return [*taken, *([ops.ModifyTableOps(changes.table_name, rest)] if rest else [])]


def _drops_enum(change: ops.DropColumnOp) -> bool:
    return isinstance(change.to_column().type, sa.Enum)
