"""The types that revisions give to columns, by the names that SQLAlchemy has for them."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.column_changes import changes_of, columns_of
from plumb.analysis.migration_enums import created_types
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.analysis.revisions import in_order
from plumb.analysis.sql_statements import altered_table, created_table, statements
from plumb.analysis.sql_types import changed_types, renamed_type, type_named
from plumb.index.scope import keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile


class Kind(NamedTuple):
    """The name of a type, and the one that an enum has in the database where it is written out."""

    name: str
    enum: str = ""


UNREAD = Kind("")
Types = dict[tuple[str, str], Kind]
Changes = dict[tuple[str, int, int], Kind]


def type_before(step: Step, file: "SourceFile") -> Kind:
    """The type that the column of an `alter_column` has by then; `UNREAD` where that cannot be told."""
    return _at_every_change(file.project).get((file.path, step.node.lineno, step.node.col_offset), UNREAD)


def enums_at(step: Step, file: "SourceFile") -> dict[tuple[str, str], str]:
    """The enum types, by table and column, of the tables that a statement names, as they are by then."""
    return {key: kind.enum for key, kind in types_at(step, file).items() if kind.enum}


def types_at(step: Step, file: "SourceFile") -> Types:
    """The types, by table and column, of the tables that a statement names, as they are by then."""
    return _at_every_statement(file.project).get((file.path, step.node.lineno, step.node.col_offset), {})


@view
def enums_after_migrations(project: "Project") -> dict[tuple[str, str], str]:
    """The enum types that columns are left with, by table and column."""
    found: Types = _through_statements(project)[1]
    return {key: kind.enum for key, kind in found.items() if kind.enum}


def kind_of(node: ast.expr, file: "SourceFile") -> Kind:
    """What a type is called; an enum that is not native is text."""
    _, value = file.scope(node).value(node)
    native, name = (keyword(value, word) if isinstance(value, ast.Call) else None for word in ("native_enum", "name"))
    if isinstance(native, ast.Constant) and native.value is False:
        return Kind("VARCHAR")
    return Kind(name_of(value), str(name.value) if isinstance(name, ast.Constant) else "")


def name_of(node: ast.expr) -> str:
    """The last name of a class or of a call of it."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@view
def _at_every_change(project: "Project") -> Changes:
    found: Changes = {}
    now: Types = {}
    for file in in_order(project):
        _follow("upgrade", file, now, found)
        _follow("downgrade", file, dict(now), found)
    return found


def _follow(name: str, file: "SourceFile", now: Types, found: Changes) -> None:
    function = revision_function(file, name)
    for step in steps_of(function, file) if function is not None else ():
        if step.kind == "alter_column":
            found[file.path, step.node.lineno, step.node.col_offset] = now.get((step.table, step.column), UNREAD)
        _apply(step, file, now)


@view
def _at_every_statement(project: "Project") -> dict[tuple[str, int, int], Types]:
    return _through_statements(project)[0]


def _through_statements(project: "Project") -> tuple[dict[tuple[str, int, int], Types], Types]:
    """The types at each statement, and those in the end."""
    return project.memo(("types at statements",), lambda: _followed(project))


def _followed(project: "Project") -> tuple[dict[tuple[str, int, int], Types], Types]:
    found: dict[tuple[str, int, int], Types] = {}
    now: Types = {}
    for file in in_order(project):
        _follow_statements("upgrade", file, now, found)
        _follow_statements("downgrade", file, dict(now), found)
    return found, now


def _follow_statements(name: str, file: "SourceFile", types: Types, found: dict[tuple[str, int, int], Types]) -> None:
    function = revision_function(file, name)
    for step in steps_of(function, file) if function is not None else ():
        if step.kind == "sql":
            named = {key: kind for key, kind in types.items() if key[0] in step.text}
            found.setdefault((file.path, step.node.lineno, step.node.col_offset), {}).update(named)
        _apply(step, file, types)


def _apply(step: Step, file: "SourceFile", now: Types) -> None:
    if step.kind == "create_table":
        now.update({(step.table, one.name): _declared(one.node, file) for one in step.columns if one.is_column})
    elif step.kind == "add_column":
        now[step.table, step.column] = _declared(step.given, file)
    elif step.kind == "alter_column":
        changed = keyword(step.node, "type_")
        if changed is not None:
            now[step.table, step.column] = kind_of(changed, file)
        if keyword(step.node, "new_column_name") is not None:
            now.pop((step.table, step.column), None)
    elif step.kind == "sql":
        for statement in statements(step.text):
            _follow_sql(statement.text, now, file.project)
    elif step.kind in {"rename_table", "drop_table", "helper"}:
        _forget(now, UNKNOWN if step.kind == "helper" else step.table)


def _follow_sql(text: str, now: Types, project: "Project") -> None:
    """What a statement makes of the columns of its table; nothing is known of it if some of that is not understood."""
    if renamed := renamed_type(text):
        old, new = renamed
        now.update({key: Kind(kind.name, new) for key, kind in now.items() if kind.enum.lower() == old})
        return
    table, enums = altered_table(text) or created_table(text), {one.lower() for one in created_types(project)}
    changes = columns_of(text) if created_table(text) else changes_of(text)
    if changes is None:
        _forget(now, table)
        return
    for one in changes:
        before = now.pop((table, one.column.lower()), UNREAD)
        if one.kind == "add":
            now[table, one.column.lower()] = Kind(*type_named(one.given, enums))
        elif one.kind == "rename":
            now[table, one.new.lower()] = before
    for column, target in changed_types(text):
        now[table, column] = Kind(*type_named(target, enums))


def _forget(now: Types, table: str) -> None:
    """What SQL of another form, or a function of another file, does is not read: nothing is known of the table."""
    for known in [one for one in now if table in {UNKNOWN, one[0].lower(), one[0]}]:
        del now[known]


def _declared(column: ast.expr | None, file: "SourceFile") -> Kind:
    if not isinstance(column, ast.Call):
        return UNREAD
    given = keyword(column, "type_") or (column.args[1] if len(column.args) > 1 else None)
    return UNREAD if given is None else kind_of(given, file)
