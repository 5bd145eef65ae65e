"""PB9xx: revisions that lose rows, or leave the database behind the models."""

import ast
import re
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.places import MODELS, VERSIONS, calls, fields, keyword, tables
from mutations.source import Edit, Repository, Source

STEPS = "backend/migrations/steps/*.py"
REPAIRS = "backend/migrations/*.sql"

REVISION = '''"""Change {table}.

Revision ID: 9999
Revises: {head}
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "9999"
down_revision: str | None = "{head}"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


@operator("PB901", "a column is added without a value for the rows", MODELS, both_databases=True)
def required_column(source: Source) -> Iterator[Edits]:
    """The model gets a column and a revision of its own, NOT NULL and without a default."""
    for owner, table in tables(source):
        yield [
            source.after(_last_column(source, owner), "nickname: str = Field(max_length=10)"),
            *_field_import(source),
            _revision(
                source.repository,
                table,
                f'op.add_column("{table}", sa.Column("nickname", sa.String(length=10), nullable=False))',
                f'op.drop_column("{table}", "nickname")',
            ),
        ]


@operator("PB901", "a column becomes NOT NULL without a backfill", MODELS, both_databases=True)
def tightened_column(source: Source) -> Iterator[Edits]:
    """The first column of a table that may be empty may be so no more."""
    owners = dict(tables(source))
    for owner, table in owners.items():
        for field in [found for found in fields(source) if found.owner is owner and _is_optional(found.node)][:1]:
            batch = (
                f'with op.batch_alter_table("{table}") as batch:\n        batch.alter_column("{field.name}", nullable='
            )
            plain = ast.unparse(field.node.annotation).replace(" | None", "")
            yield [
                source.replace(field.node.annotation, plain),
                _revision(source.repository, table, f"{batch}False)", f"{batch}True)"),
            ]


@operator("PB901", "a repair fills no rows", REPAIRS, both_databases=True)
def backfill_removed(source: Source) -> Iterator[Edits]:
    """The UPDATE before a SET NOT NULL is gone."""
    start = source.text.find("    EXECUTE format(\n        'UPDATE")
    if start >= 0:
        end = source.text.index("    );\n", start) + len("    );\n")
        yield [Edit(source.path, start, end, "")]


@operator("PB902", "a type is dropped with its columns", VERSIONS, STEPS, both_databases=True)
def cascade(source: Source) -> Iterator[Edits]:
    """`DROP TYPE` with CASCADE.

    In a downgrade the tables are gone before, so that the database looks the same after it: only a table that a
    downgrade forgets makes the difference.
    """
    for text in source.walk(ast.JoinedStr):
        if "DROP TYPE" in ast.unparse(text):
            end = source.span(text)[1] - 1
            yield [Edit(source.path, end, end, " CASCADE")]


@operator("PB902", "a column changes its type without a conversion", MODELS, both_databases=True)
def unconverted(source: Source) -> Iterator[Edits]:
    """Each text of a table becomes a number: `name` of users, for example."""
    owners = dict(tables(source))
    for owner, table in owners.items():
        texts = (field for field in fields(source) if field.owner is owner)
        for field in [found for found in texts if ast.unparse(found.node.annotation) == "str"][:1]:
            change = f'op.alter_column("{table}", "{field.name}", type_='
            yield [
                source.replace(field.node, f"{field.name}: int"),
                _revision(source.repository, table, f"{change}sa.Integer())", f"{change}sa.String())"),
            ]


@operator("PB903", "a backfill looks for the present", MODELS, both_databases=True)
def backfill_of_now(source: Source) -> Iterator[Edits]:
    """A revision fills the rows whose `created_at` is now()."""
    for _, table in tables(source):
        statement = f"UPDATE {table} SET updated_at = created_at WHERE created_at = now()"
        yield [
            _revision(
                source.repository, table, f'op.execute("{statement}")', "# Nothing to undo: the rows stay.\n    pass"
            )
        ]


@operator("PB904", "a column has no migration", MODELS)
def column_added(source: Source) -> Iterator[Edits]:
    for owner, _ in tables(source):
        text = "nickname: str | None = Field(default=None, max_length=10)"
        yield [source.after(_last_column(source, owner), text), *_field_import(source)]


@operator("PB904", "a renamed column has no migration", MODELS)
def column_renamed(source: Source) -> Iterator[Edits]:
    """The last column of a table: what names it in code is left alone."""
    for owner, _ in tables(source):
        column = _last_column(source, owner)
        yield [source.replace(column.target, f"{ast.unparse(column.target)}_now")]


@operator("PB905", "a released revision is edited", VERSIONS, against_base=True)
def edited(source: Source) -> Iterator[Edits]:
    """The first text of a revision gets longer; its first column may be empty."""
    for call in list(calls(source, "String"))[:1]:
        length = keyword(call, "length")
        if length and isinstance(length.value, ast.Constant):
            yield [source.replace(length.value, str(int(str(length.value.value)) + 1))]
    required = (call for call in calls(source, "Column") if "nullable=False" in source.text_of(call))
    for call in list(required)[:1]:
        yield [source.replace_text("nullable=False", "nullable=True", within=call)]


@operator("PB906", "a downgrade does nothing", VERSIONS)
def downgrade_emptied(source: Source) -> Iterator[Edits]:
    for function in source.walk(ast.FunctionDef):
        if function.name == "downgrade":
            start, end = source.span(function.body[0])[0], source.span(function.body[-1])[1]
            yield [Edit(source.path, start, end, "pass")]


@operator("PB906", "a downgrade forgets a step", VERSIONS)
def downgrade_shortened(source: Source) -> Iterator[Edits]:
    """Tables, columns, and indexes of tables that stay: any other index goes with its table, line or no line."""
    for function in source.walk(ast.FunctionDef):
        if function.name == "downgrade" and len(function.body) > 1:
            lines = {statement: ast.unparse(statement) for statement in function.body}
            gone = re.findall(r"drop_table\('(\w+)'\)", "\n".join(lines.values()))
            for statement, line in lines.items():
                table = re.search(r"drop_index\(.*table_name='(\w+)'", line)
                if "drop_table" in line or "drop_column" in line or (table and table[1] not in gone):
                    yield [source.remove(statement)]


@operator("PB906", "a downgrade leaves a type", VERSIONS, both_databases=True)
def type_left(source: Source) -> Iterator[Edits]:
    """The statement that drops the enum types of the tables is gone."""
    for function in source.walk(ast.FunctionDef):
        for statement in function.body if function.name == "downgrade" else ():
            if "DROP TYPE" in ast.unparse(statement) or "enums.drop(" in ast.unparse(statement):
                yield [source.remove(statement)]


def _revision(repository: Repository, table: str, upgrade: str, downgrade: str) -> Edit:
    heads = (source.text.split('revision: str = "')[1].split('"')[0] for source in repository.matching(VERSIONS))
    text = REVISION.format(table=table, head=max(heads), upgrade=upgrade, downgrade=downgrade)
    return Edit(VERSIONS.replace("*", "2099_01_01_0000_mutant"), 0, 0, text)


def _last_column(source: Source, owner: ast.ClassDef) -> ast.AnnAssign:
    own = [field.node for field in fields(source) if field.owner is owner and "related(" not in ast.unparse(field.node)]
    return own[-1]


def _field_import(source: Source) -> list[Edit]:
    return [] if "Field" in source.text else [source.with_import("from sqlmodel import Field")]


def _is_optional(node: ast.AnnAssign) -> bool:
    return "None" in ast.unparse(node.annotation)
