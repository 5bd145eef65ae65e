"""What the functions of an Alembic revision do, step by step: operations, SQL text, writes of rows."""

import ast
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import own_nodes, source_of, values_of
from plumb.analysis.given_columns import Given, given_columns
from plumb.analysis.helper_steps import moved, only_builds, skipped_by
from plumb.analysis.migration_names import UNKNOWN, Names
from plumb.index.extract import last_name
from plumb.index.modules import FunctionInfo
from plumb.index.names import dotted_name
from plumb.index.scope import argument
from plumb.walk import chained_calls

if TYPE_CHECKING:
    from plumb.source import FunctionNode, SourceFile

HELPERS = 2
ROW_METHODS = frozenset(
    {
        "bulk_insert",
        "bulk_save_objects",
        "bulk_update_mappings",
        "add_all",
        "merge",
        "executemany",
        "run_sync",
        "run_async",
        "commit",
        "flush",
    }
)
STATEMENTS = frozenset({"execute", "exec_driver_sql", "executemany", "scalar", "scalars"})
SQL_WRAPPERS = frozenset({"text", "DDL", "dedent", "cleandoc"})
SQL_METHODS = frozenset({"strip", "format", "bindparams", "execution_options"})
FACTORIES = frozenset({"update", "insert", "delete"})


_OTHER = re.compile(r"(==|\bin\b).*['\"](mysql|mariadb|sqlite|oracle|mssql)['\"]")
_POSTGRESQL = re.compile(r"(==|\bin\b).*['\"]postgresql['\"]")


class Step(NamedTuple):
    """`kind` is the name of the operation, "sql" (with its text) or "write" (rows changed in Python).

    `table` and `column` are `UNKNOWN` when they cannot be read; `given` is the expression of the column, `columns` are
    those of a table that is created. `helper` is the file of the function that does it, where that is another one.
    """

    kind: str
    table: str
    column: str
    node: ast.Call
    text: str = ""
    batch: bool = False
    given: ast.expr | None = None
    columns: tuple[Given, ...] = ()
    helper: str = ""


def revision_function(file: "SourceFile", name: str) -> "FunctionNode | None":
    """`upgrade` or `downgrade` at module level."""
    for node in file.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    return None


def is_revision(file: "SourceFile") -> bool:
    """Whether the file is an Alembic revision."""
    return revision_function(file, "upgrade") is not None and "revision" in file.text


def steps_of(function: "FunctionNode", file: "SourceFile") -> list[Step]:
    """What a function of a revision does, in the order of its text; functions of the same file are followed.

    The steps belong to the tree of *function* and are kept as long as it is.
    """
    return file.memo(("steps", function), lambda: list(_steps(function, Names(file), HELPERS)))


def is_not_for_postgresql(step: Step, file: "SourceFile") -> bool:
    """Whether an `if` around the step leaves it to another database, or its type is one of another."""
    below: ast.AST = step.node
    for above in file.ancestors(step.node):
        asked = ast.unparse(above.test) if isinstance(above, ast.If) else ""
        if isinstance(above, ast.If) and (_OTHER if below in above.body else _POSTGRESQL).search(asked):
            return True
        below = above
    return any(
        word.arg in {"type_", "existing_type"} and "mysql." in ast.unparse(word.value) for word in step.node.keywords
    )


def is_alone(node: ast.AST, file: "SourceFile") -> bool:
    """Whether something runs outside the transaction of its revision."""
    return any(
        isinstance(above, ast.With) and "autocommit" in ast.unparse(above.items[0].context_expr).lower()
        for above in file.ancestors(node)
    )


def sql_text(node: ast.expr | None, names: Names, depth: int = 4) -> str | None:  # noqa: PLR0911 one answer per form
    """SQL as text, with `{?}` for the parts that are not written out; None when it is no text at all."""
    if node is None or not depth:
        return None
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
        texts = [sql_text(part, names, depth - 1) for part in parts]
        return "".join(UNKNOWN if text is None else text for text in texts)
    if isinstance(node, ast.BinOp):
        left = sql_text(node.left, names, depth - 1)
        right = sql_text(node.right, names, depth - 1) if isinstance(node.op, ast.Add) else ""
        return None if left is None else left + (UNKNOWN if right is None else right)
    if isinstance(node, ast.Call):
        return _called_text(node, names, depth)
    if isinstance(node, ast.Name) and (node.id in names.meant or values_of(node, names.file)):
        meant = names.meaning(node)
        return None if meant is node else sql_text(meant, names, depth - 1)
    text = names.text(node)
    return None if text == UNKNOWN else text


def _called_text(node: ast.Call, names: Names, depth: int) -> str | None:
    name = last_name(node.func)
    if isinstance(node.func, ast.Attribute) and name in SQL_METHODS:
        return sql_text(node.func.value, names, depth - 1)
    return sql_text(node.args[0] if node.args else None, names, depth - 1) if name in SQL_WRAPPERS else None


def _steps(
    function: "FunctionNode", names: Names, depth: int, skipped: Collection[ast.AST] = frozenset()
) -> Iterator[Step]:
    for node in own_nodes(function):
        if isinstance(node, ast.Call) and node not in skipped:
            yield from _step(node, names, depth)


def _step(node: ast.Call, names: Names, depth: int) -> Iterator[Step]:
    symbol = names.file.resolve(node.func)
    if isinstance(symbol, FunctionInfo):
        yield from _helper(symbol, node, names, depth)
        return
    operation = _operation_name(node, names.file)
    if operation:
        yield from _operation(operation, node, None, names)
        return
    if not isinstance(node.func, ast.Attribute):
        return
    name = node.func.attr
    batch = _batch_of(node.func.value, names)
    if batch is not None:
        yield from _operation(name, node, batch, names)
    elif name in STATEMENTS:
        yield from _executed(node, names)
    elif name in ROW_METHODS or (name in FACTORIES and _is_query(node.func.value)):
        yield Step("write", UNKNOWN, UNKNOWN, node)
    elif name == "create" and _creates_type(node):
        yield Step("create_type", UNKNOWN, UNKNOWN, node)
    elif name == "drop":
        yield Step("drop_type", UNKNOWN, UNKNOWN, node)


def _operation_name(node: ast.Call, file: "SourceFile") -> str:
    """`add_column` of `op.add_column()`; a folder `alembic` of the project hides the library, so the import decides."""
    dotted = dotted_name(node.func)
    first, _, rest = dotted.partition(".")
    if dotted.startswith("alembic.op."):
        return dotted.removeprefix("alembic.op.")
    known = any(
        one.name == first and (one.module, one.attribute) in {("alembic", "op"), ("alembic.op", None)}
        for one in file.module.facts.imports
    )
    return rest if known else ""


def _creates_type(node: ast.Call) -> bool:
    return any(word.arg == "checkfirst" for word in node.keywords) or bool(node.args)


def _helper(symbol: FunctionInfo, node: ast.Call, names: Names, depth: int) -> Iterator[Step]:
    """A function of the project is followed; what it does in another file stands where it is called.

    What a function of another file does is not known if it depends on an argument that is not written out.
    """
    source, inner = source_of(names.file.project, symbol) if depth else (None, None)
    skipped = skipped_by(node, symbol.fact, inner) if inner is not None else None
    if source is None or inner is None or (skipped is None and source is not names.file):
        yield Step("helper", UNKNOWN, UNKNOWN, node)
        return
    turns = [one._replace(file=source) for one in names.given(node, symbol.fact)]
    found = [step for given in turns for step in _steps(inner, given, depth - 1, skipped or ())]
    yield from found if source is names.file else (moved(step, node, symbol) for step in found)
    if not found and source is not names.file and not only_builds(inner, source):
        yield Step("helper", UNKNOWN, UNKNOWN, node)


def _operation(name: str, node: ast.Call, batch: ast.expr | None, names: Names) -> Iterator[Step]:
    """The operation, once for each turn of the loops that it takes names from; *batch* is the table of its block."""
    if name == "execute":
        yield from _executed(node, names)
        return
    if name == "create_table":
        yield from _created(node, names)
        return
    column = argument(node, "column_name" if name != "add_column" else "column", int(batch is None))
    if name in {"bulk_insert", "run_async"}:
        yield Step("write", UNKNOWN, UNKNOWN, node)
        return
    table = argument(node, "table_name", 0) if batch is None else batch
    for turn in names.in_loops(table, column):
        columns = given_columns([column] if column is not None else [], turn)
        made = next((one for one in columns if one.is_column), None)
        called = turn.column(column) if made is None or made.name == UNKNOWN else made.name
        given = made.node if made is not None else None if column is None else turn.meaning(column)
        yield Step(name, turn.text(table), called, node, batch=batch is not None, given=given)


def _created(node: ast.Call, names: Names) -> Iterator[Step]:
    """`create_table`, once for each turn of the loops that it takes names from."""
    for turn in names.in_loops(node):
        table, columns = turn.text(argument(node, "table_name", 0)), given_columns(node.args[1:], turn)
        yield Step("create_table", table, UNKNOWN, node, columns=columns)


def _executed(node: ast.Call, names: Names) -> Iterator[Step]:
    given = node.args[0] if node.args else next((word.value for word in node.keywords), None)
    texts = [sql_text(given, turn) for turn in names.in_loops(given)] if given is not None else []
    if texts and None not in texts:
        yield from (Step("sql", UNKNOWN, UNKNOWN, node, text) for text in texts if text is not None)
    elif given is not None and not _is_select(given, names.file):
        yield Step("write", UNKNOWN, UNKNOWN, node, _text_of_file(given, names))


def _text_of_file(node: ast.expr, names: Names) -> str:
    """The text of the one `.sql` file that `(folder / "fill.sql").read_text()` names; nothing if there are others."""
    if isinstance(node, ast.Name) and len(values := values_of(node, names.file)) == 1:
        node = values[0]
    parts = [one for one in ast.walk(node) if isinstance(one, ast.Constant) and str(one.value).endswith(".sql")]
    named = str(parts[0].value).rpartition("/")[2] if len(parts) == 1 and last_name(node) == "read_text" else ""
    files = names.file.project.sql_files().items() if named else ()
    found = [text for path, text in files if path.rpartition("/")[2] == named]
    return found[0] if len(found) == 1 else ""


def _is_select(node: ast.expr, file: "SourceFile") -> bool:
    if isinstance(node, ast.Name):
        values = values_of(node, file)
        return bool(values) and all(_is_select(value, file) for value in values)
    return any(last_name(one.func) == "select" for one in chained_calls(node))


def _is_query(node: ast.expr) -> bool:
    return isinstance(node, ast.Call)


def _batch_of(node: ast.expr, names: Names) -> ast.expr | None:
    """The table of `with op.batch_alter_table("tasks") as batch_op`, when *node* is its name."""
    if not isinstance(node, ast.Name):
        return None
    for above in names.file.ancestors(node):
        for item in above.items if isinstance(above, ast.With) else ():
            if getattr(item.optional_vars, "id", "") == node.id and last_name(item.context_expr) == "batch_alter_table":
                call = item.context_expr
                table = argument(call, "table_name", 0) if isinstance(call, ast.Call) else None
                return ast.Constant(None) if table is None else table
    return None
