"""Enum types that a revision uses before PostgreSQL has them: `ADD COLUMN` makes none, a label waits for a commit."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.alembic_environment import commits_each_statement
from plumb.analysis.databases import runs_on_postgresql
from plumb.analysis.enum_types import enum_type
from plumb.analysis.functions import values_of
from plumb.analysis.left_types import made_by
from plumb.analysis.migration_steps import Step, is_alone, is_not_for_postgresql, revision_function, steps_of
from plumb.analysis.revisions import in_order
from plumb.index.extract import last_name
from plumb.index.names import dotted_name
from plumb.views import view
from plumb.walk import levels

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

_ADD_VALUE = re.compile(r"\bALTER\s+TYPE\s+[\w.\"]+\s+ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?('[^']*')", re.IGNORECASE)
_USES = re.compile(r"^\s*(UPDATE|INSERT|DELETE|SELECT|WITH|ALTER\s+TABLE)\b", re.IGNORECASE)
_ANOTHER_TYPE = re.compile(r"\bCREATE\s+TYPE\b|\bRENAME\s+TO\b", re.IGNORECASE)
_COMMIT = re.compile(r"^\s*COMMIT\b", re.IGNORECASE)
_MAKES = re.compile(r"\bCREATE\s+TYPE\b", re.IGNORECASE)
MAY_MAKE = frozenset({"helper", "create_type", "sync_enum_values", "run_async", "invoke"})


class Unmade(NamedTuple):
    """A type that a step needs; `table_is_known` if the revisions have made its table, and so all that it needed."""

    step: Step
    name: str
    table_is_known: bool


def unmade_types(file: "SourceFile") -> list[Unmade]:
    """The columns of a revision whose type nobody has made or spoken of before."""
    return _by_revision(file.project).get(file.path, [])


def too_early(steps: list[Step], file: "SourceFile") -> Iterator[tuple[Step, str]]:
    """The statements that use a label in the transaction that adds it."""
    if any(_ANOTHER_TYPE.search(one.text) for one in steps) or commits_each_statement(file.project):
        return
    added: set[str] = set()
    for step in steps:
        text = step.text or _default_of(step)
        used = [label for label in sorted(added) if label in text]
        if _COMMIT.match(step.text) or last_name(step.node) == "commit":
            added.clear()
        elif used and (_USES.match(text) or not step.text):
            yield step, used[0]
        elif not is_alone(step.node, file):
            added.update(_ADD_VALUE.findall(step.text))


def _default_of(step: Step) -> str:
    """The server default that an operation gives a column, as SQL writes it."""
    calls = [one for one in levels(step.node) if isinstance(one, ast.Call)]
    given = (word.value for call in calls for word in call.keywords if word.arg == "server_default")
    return " ".join(f"'{one.value}'" for one in given if isinstance(one, ast.Constant))


@view
def _by_revision(project: "Project") -> dict[str, list[Unmade]]:
    return dict(_unmade(project))


def _unmade(project: "Project") -> Iterator[tuple[str, list[Unmade]]]:
    texts = [*project.sql_files().values()]
    tables: set[str] = set()
    for file in in_order(project) if runs_on_postgresql(project) else ():
        upgrade = revision_function(file, "upgrade")
        steps = steps_of(upgrade, file) if upgrade is not None else []
        tables.update(step.table for step in steps if step.kind == "create_table")
        if not any(step.kind in MAY_MAKE or _MAKES.search(step.text) for step in steps):
            made = {name for step in steps for name in made_by(step, file)}
            needed = [Unmade(step, name, step.table in tables) for step in steps for name in _needed(step, file)]
            yield file.path, [one for one in needed if one.name not in made and not _is_spoken_of(one.name, texts)]
        texts.append(file.text)


def _needed(step: Step, file: "SourceFile") -> Iterator[str]:
    """The types of the columns that an operation adds or changes, by their names in the database."""
    if step.kind not in {"add_column", "alter_column"} or is_not_for_postgresql(step, file):
        return
    given = [word.value for word in step.node.keywords if word.arg == "type_"]
    for node in (one for root in (given if step.kind == "alter_column" else [step.node]) for one in levels(root)):
        values = values_of(node, file) if isinstance(node, ast.Name) else []
        made = values[0] if len(values) == 1 else node
        found = enum_type(made, file.scope(made)) if isinstance(made, ast.Call | ast.Name) else None
        if found is not None and found.native and found.name and "mysql" not in dotted_name(found.call.func):
            yield found.name


def _is_spoken_of(name: str, texts: list[str]) -> bool:
    named = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return any(named.search(text) for text in texts)
