"""A model has a table or a column that no migration creates, or has lost a column that its table requires.

## What it does
Replays the migrations and compares the tables they leave, and the columns of each, with the models and with the tables
between them that are objects of `Table`. A column that only the table has is reported where it is NOT NULL and has no
default.

## Why is this bad
Tests that build the schema from the models pass; the deployed database lacks the column, and every query of the model
fails there. The other way round every `INSERT` fails, because the model does not know the column.

## Example
```python
# file: app/models.py
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    nickname: Mapped[str | None] = mapped_column()


# file: migrations/versions/0001_users.py
import sqlalchemy as sa
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("users")
```

## Use instead
```python
# file: app/models.py
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    nickname: Mapped[str | None] = mapped_column()


# file: migrations/versions/0001_users.py
import sqlalchemy as sa
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.create_table(
        "users", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("nickname", sa.String())
    )


def downgrade() -> None:
    op.drop_table("users")
```

## Known limits
Silent as soon as a table's history cannot be read in full: SQL of other forms, names that are not written out, helpers
of other modules that cannot be followed, `create_all`, a `create_table` that no revision has; for columns that a `.sql`
file beside revisions adds to any table; for views, and tables that `include_object` of `env.py` may leave out; and for
models with an unknown base. A table is missed only where the migrations create those of at least half of the models and
change none that they have not created; where `.sql` files are the migrations, only a column is. Other columns that only
the database has, and their other options, are left to `alembic check`.
"""

import ast
from collections import Counter
from collections.abc import Iterator

from plumb.analysis.alembic_environment import is_filtered, names_table
from plumb.analysis.table_history import Tables, tables_after_migrations
from plumb.analysis.table_objects import TableObject, table_objects
from plumb.findings import Place, Report, Severity
from plumb.index.facts import FieldFact
from plumb.index.models import DECLARATIVE, Model, all_models
from plumb.index.modules import External, ValueInfo
from plumb.index.table_names import column_name
from plumb.project import Project
from plumb.rule import project_rule
from plumb.views import view

MAPPING = frozenset({"sqlalchemy", "sqlmodel", "pydantic", "builtins", "typing", "abc"})
HARMLESS = frozenset({"eager_defaults", "version_id_col", "version_id_generator", "confirm_deleted_rows"})


@project_rule("PB904", "model-change-without-migration", Severity.ERROR)
def check(project: Project) -> Iterator[Report]:
    """Compare every model whose table the migrations create."""
    tables = tables_after_migrations(project)
    if not tables.columns or not tables.certain:
        return
    models = [model for model in all_models(project) if project.kind(model.owner.path) == "app"]
    objects = list(table_objects(project))
    named = Counter([model.table for model in models] + [one.table for one in objects])
    kept = {root: tables.complete and _are_kept(of_root, tables) for root, of_root in _by_root(models, project).items()}
    for model in models:
        if model.table in tables.doubtful or named[model.table] != 1 or not _is_read(model, project):
            continue
        known = tables.columns.get(model.table)
        if known:
            missing = list(_missing(model, known | tables.possible))
            required = {name for name in known if (model.table, name) in tables.required}
            yield from missing or (_lost(model, required) if _is_whole(model, project) else ())
        elif known is None and kept[_root(model, project)] and model.table and not _is_left_out(model, project):
            yield _new(model.table, model.name, model.owner.path, model.owner.fact.line, model.owner.key)
    for one in objects:
        if one.table not in tables.doubtful and named[one.table] == 1:
            yield from _of_object(one, tables.columns.get(one.table), tables.possible, kept=any(kept.values()))


def _by_root(models: list[Model], project: Project) -> dict[str, set[str]]:
    """The tables of the models by the base that they share, and with it the `metadata`."""
    found: dict[str, set[str]] = {}
    for model in models:
        found.setdefault(_root(model, project), set()).add(model.table)
    return found


def _root(model: Model, project: Project) -> str:
    for known in project.hierarchy.lineage(model.owner).classes:
        for base in project.hierarchy.bases(known):
            if isinstance(base, ValueInfo) or (isinstance(base, External) and base.key in DECLARATIVE):
                return base.key if isinstance(base, ValueInfo) else known.key
    return model.style


def _are_kept(names: set[str], tables: Tables) -> bool:
    """Whether the migrations create at least half of the tables."""
    return sum(name in tables.columns for name in names) * 2 >= len(names)


def _is_read(model: Model, project: Project) -> bool:
    """Whether all bases are known and none of them maps a table of its own."""
    lineage = project.hierarchy.lineage(model.owner)
    arguments = [field for known in lineage.classes if (field := known.field("__mapper_args__")) is not None]
    above = lineage.classes[1:]
    return all(map(_keeps_columns, arguments)) and not any(known.key in _tables(project) for known in above)


def _keeps_columns(arguments: FieldFact) -> bool:
    """Whether what `__mapper_args__` says leaves the table and its columns to the class."""
    said = arguments.value.node if arguments.value is not None else None
    keys = said.keys if isinstance(said, ast.Dict) else [None]
    return all(isinstance(key, ast.Constant) and key.value in HARMLESS for key in keys)


def _is_left_out(model: Model, project: Project) -> bool:
    """Whether a function of Alembic's environment may leave the table out, by its name or by what `info` says."""
    arguments = project.hierarchy.member(model.owner, "__table_args__")
    value = arguments.fact.value if arguments is not None else None
    marked = value is not None and '"info"' in value.text.replace("'", '"')
    return model.table == "alembic_version" or names_table(project, model.table) or (marked and is_filtered(project))


def _is_whole(model: Model, project: Project) -> bool:
    """Whether no library but those of mapping may give the model columns."""
    lineage = project.hierarchy.lineage(model.owner)
    others = (key.partition(".")[0] for key in lineage.keys if "::" not in key)
    return lineage.complete and all(package in MAPPING for package in others)


@view
def _tables(project: Project) -> frozenset[str]:
    return frozenset(model.owner.key for model in all_models(project))


def _missing(model: Model, known: set[str]) -> Iterator[Report]:
    for attribute in model.columns:
        name = column_name(attribute.field)
        if name and name not in known:
            field = attribute.field
            path = attribute.owner.path
            yield Report(
                Place(path, field.line, field.column, field.end_line, field.end_column),
                f"no migration creates the column `{model.table}.{name}` of `{model.name}`",
                f'alembic revision --autogenerate -m "add {model.table}.{name}"\n'
                f'op.add_column("{model.table}", sa.Column("{name}", ...))',
                keys=(model.owner.key,),
            )


def _lost(model: Model, required: set[str]) -> Iterator[Report]:
    """Columns that a new row needs, and that the model, all of whose columns have names, does not have."""
    names = {column_name(attribute.field) for attribute in model.columns}
    fact = model.owner.fact
    for name in sorted(required - names) if "" not in names and not model.owner.field("__table__") else ():
        yield Report(
            Place(model.owner.path, fact.line, 1, fact.line, 1),
            f"`{model.table}.{name}` is NOT NULL and has no default, and `{model.name}` has no such column",
            f'op.drop_column("{model.table}", "{name}")',
            keys=(model.owner.key,),
            severity=Severity.WARNING,
        )


def _new(table: str, name: str, path: str, line: int, *keys: str) -> Report:
    return Report(
        Place(path, line, 1, line, 1),
        f"no migration creates the table `{table}` of `{name}`",
        f'alembic revision --autogenerate -m "add {table}"\nop.create_table("{table}", ...)',
        keys=keys,
    )


def _of_object(one: TableObject, known: set[str] | None, possible: set[str], *, kept: bool) -> Iterator[Report]:
    if known is None and kept:
        yield _new(one.table, f'Table("{one.table}")', one.path, one.line)
    for name, line in one.columns.items():
        if known and name not in known | possible:
            yield Report(
                Place(one.path, line, 1, line, 1),
                f"no migration creates the column `{one.table}.{name}`",
                f'alembic revision --autogenerate -m "add {one.table}.{name}"\n'
                f'op.add_column("{one.table}", sa.Column("{name}", ...))',
            )
