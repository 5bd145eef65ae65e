"""The enum types that PostgreSQL makes for the tables of a revision, and that its downgrade leaves behind."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.databases import runs_on_postgresql
from plumb.analysis.enum_types import enum_type
from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.analysis.revisions import in_order
from plumb.index.scope import keyword
from plumb.views import view
from plumb.walk import levels

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

_TYPES = re.compile(r"\bTYPE\b|\bSCHEMA\b|\bDO\b", re.IGNORECASE)
_NAMED = re.compile(r"TYPE\s+\"?(\w+)", re.IGNORECASE)
_CREATED = re.compile(r"\bCREATE\s+TYPE\s+\"?(\w+)\"?\s+AS\s+ENUM", re.IGNORECASE)
MAY_DROP = frozenset({"drop_type", "helper", "write", "sync_enum_values", "run_async", "invoke"})


def left_types(done: list[Step], undone: list[Step], file: "SourceFile") -> list[str]:
    """The types that *done* makes, by themselves or with tables that *undone* drops, where *undone* names no type."""
    if any(one.kind in MAY_DROP or (one.kind == "sql" and _TYPES.search(one.text)) for one in undone):
        return []
    if not runs_on_postgresql(file.project):
        return []
    dropped = {one.table for one in undone if one.kind == "drop_table"}
    makers = [one for one in done if one.kind in {"create_type", "sql"} or one.table in dropped]
    found = dict.fromkeys(name for one in makers for name in made_by(one, file))
    first = _first_revisions(file.project)
    return [name for name in found if first.get(name) == file.path]


def made_by(step: Step, file: "SourceFile") -> Iterator[str]:
    """The types that a step makes: `create_table` by itself, `.create()` and `CREATE TYPE`; `add_column` makes none."""
    if step.kind == "sql":
        yield from _CREATED.findall(step.text)
    made = [step.node, *(one.node for one in step.columns)] if step.kind in {"create_table", "create_type"} else []
    for node in (one for whole in made for one in levels(whole)):
        found = enum_type(node, file.scope(node)) if isinstance(node, ast.Call | ast.Name) else None
        if found is None or not (found.native and found.stored and found.name):
            continue
        if step.kind == "create_type" or not _is_made_elsewhere(found.call):
            yield found.name


def _is_made_elsewhere(call: ast.Call) -> bool:
    made = keyword(call, "create_type")
    return isinstance(made, ast.Constant) and made.value is False


@view
def _first_revisions(project: "Project") -> dict[str, str]:
    """The revision in which each type is named first."""
    found: dict[str, str] = {}
    for file in in_order(project):
        upgrade = revision_function(file, "upgrade")
        for step in steps_of(upgrade, file) if upgrade is not None else ():
            for name in made_by(step, file):
                found.setdefault(name, file.path)
            for name in _NAMED.findall(step.text):
                found.setdefault(name, "")
    return found
