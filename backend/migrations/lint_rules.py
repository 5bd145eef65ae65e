"""What is wrong with a revision that runs: it stops the application, loses something, or cannot be taken back."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from migrations.released import Release

NAME = r'"?(\w+)"?'
ALTER = rf"^ALTER TABLE (?:ONLY )?{NAME} "
PROMPT = "say what each gets in a new or changed column"
WORK = re.compile(r"(CREATE|ALTER|DROP|INSERT|UPDATE|DELETE|TRUNCATE)\b(?!.*\balembic_version\b)", re.DOTALL)


class Revision(NamedTuple):
    """A revision as it is written, and as PostgreSQL would be told."""

    text: str
    upgrade: list[str]
    downgrade: list[str]
    released: Release


class Rule(NamedTuple):
    """A fault, and what to do instead; `find` yields the statement or the place of each."""

    name: str
    fault: str
    instead: str
    find: Callable[[Revision], Iterator[str]]


def statements(sql: str) -> list[str]:
    """Cut a script where its statements end; a block between dollar quotes is one."""
    found, current = [], ""
    for part in re.sub(r"^--.*$", "", sql, flags=re.MULTILINE).split(";"):
        current += part
        if len(re.findall(r"\$\w*\$", current)) % 2:
            current += ";"
        else:
            found.append(current.strip())
            current = ""
    return [statement for statement in found if statement]


def _not_null(revision: Revision) -> Iterator[str]:
    before = ""
    for statement in revision.upgrade:
        found = re.match(rf"{ALTER}ALTER COLUMN {NAME} SET NOT NULL", statement)
        if found and not _filled(before, *found.groups()):
            yield statement
        before += f"{statement};\n"


def _filled(before: str, table: str, column: str) -> bool:
    """Whether the statements before fill the column, have its values validated, or make the table."""
    update = rf"^UPDATE {table} SET [^;]*\b{column}\b ?="
    validated = rf"CHECK \({column} IS NOT NULL\) NOT VALID;[^$]*VALIDATE CONSTRAINT"
    created = rf"^CREATE TABLE {table} "
    return any(re.search(sign, before, re.MULTILINE) for sign in (update, validated, created))


def _type_change(revision: Revision) -> Iterator[str]:
    for statement in revision.upgrade:
        if re.match(rf"{ALTER}ALTER COLUMN {NAME} (SET DATA )?TYPE (?!.*\bUSING\b)", statement, re.DOTALL):
            yield statement


def _cascade(revision: Revision) -> Iterator[str]:
    for statement in (*revision.upgrade, *revision.downgrade):
        if re.search(r"\bDROP\s+TYPE\b[^;]*\bCASCADE\b", statement, re.IGNORECASE):
            yield statement


def _in_use(revision: Revision) -> Iterator[str]:
    for statement in revision.upgrade:
        column = re.match(rf"{ALTER}(?:DROP COLUMN|RENAME(?: COLUMN)?) (?!TO ){NAME}", statement)
        table = re.match(rf"^DROP TABLE {NAME}", statement) or re.match(rf"{ALTER}RENAME TO ", statement)
        if (column and revision.released.uses(*column.groups())) or (table and revision.released.uses(table[1])):
            yield statement


def _no_downgrade(revision: Revision) -> Iterator[str]:
    functions = {node.name: node for node in ast.parse(revision.text).body if isinstance(node, ast.FunctionDef)}
    if "downgrade" not in functions:
        yield "there is no downgrade()"
    elif (
        _acts(functions["upgrade"])
        and not _acts(functions["downgrade"])
        and not ast.get_docstring(functions["downgrade"])
    ):
        yield "downgrade() does nothing, and no docstring says why that is right"


def _acts(function: ast.FunctionDef) -> bool:
    """Whether a function does more than set its limits, refuse, or nothing."""
    idle = (ast.Pass, ast.Raise)
    return any(
        not isinstance(node, idle)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and "set_timeouts(" not in ast.unparse(node)
        for node in function.body
    )


def _open_question(revision: Revision) -> Iterator[str]:
    if PROMPT in revision.text:
        yield "the docstring still asks what happens to the rows that exist"
    if re.search(r"moves=\{[^}]*\.\.\.", revision.text):
        yield "a label that goes has no label to move its rows to"


def _mixed(revision: Revision) -> Iterator[str]:
    """Where a step commits half-way, the statements that stand in a transaction, before it or behind it."""
    if revision.upgrade.count("COMMIT") == 1:
        return
    inside = False
    for statement in revision.upgrade:
        inside = statement == "BEGIN" or (inside and statement != "COMMIT")
        if inside and WORK.match(statement):
            yield statement


RULES = [
    Rule(
        "not-null-without-backfill",
        "rows that exist have no value: the upgrade fails, or the table is locked while every row is read",
        "add the column nullable, fill it (`rows.fill`), then `online.set_not_null` in a later revision",
        _not_null,
    ),
    Rule(
        "type-change-without-conversion",
        "PostgreSQL is not told how to turn the old values into the new type",
        'say it: `postgresql_using="..."`; for a large table add a second column, fill it, and change over',
        _type_change,
    ),
    Rule(
        "drop-type-cascade",
        "CASCADE drops the columns of the type with it, and everything in them",
        "change the columns first, then `enums.drop(name)`; to change labels use the steps in `migrations.steps.enums`",
        _cascade,
    ),
    Rule(
        "still-in-use",
        "the code of the last release uses it, and goes on running while this one is being rolled out",
        "drop: stop using it in this release, list it in `migrations/leaving.py`, and drop it in the next one. "
        "rename: add the new one, write both, fill it, read the new one, and drop the old one in the next release",
        _in_use,
    ),
    Rule(
        "missing-downgrade",
        "a release that goes wrong cannot be taken back",
        "undo in downgrade() what upgrade() did, or let its docstring say why there is nothing to undo",
        _no_downgrade,
    ),
    Rule(
        "open-question",
        "a decision that only its author can make has not been made",
        "answer it in the revision",
        _open_question,
    ),
    Rule(
        "work-beside-a-committing-step",
        "the step commits what stands before it: a failure later in the revision leaves half of it behind",
        "give `rows.fill` and the steps of `online` a revision of their own",
        _mixed,
    ),
]
