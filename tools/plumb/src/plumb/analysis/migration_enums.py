"""The enum types of the database as the migrations leave them: name and labels, in the order of the revisions."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.enum_types import enum_type
from plumb.analysis.migration_names import UNKNOWN, Names
from plumb.analysis.migration_steps import sql_text
from plumb.analysis.written_lists import put
from plumb.findings import Place
from plumb.index.modules import External, Module
from plumb.index.scope import Scope, argument
from plumb.views import view
from plumb.walk import levels

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

_CREATE = re.compile(r"""CREATE\s+TYPE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w."]+)\s+AS\s+ENUM\s*\(([^)]*)\)""", re.IGNORECASE)
_ADD = re.compile(r"""ALTER\s+TYPE\s+([\w."]+)\s+ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?'([^']*)'""", re.IGNORECASE)
_RENAME = re.compile(r"""ALTER\s+TYPE\s+([\w."]+)\s+RENAME\s+VALUE\s+'([^']*)'\s+TO\s+'([^']*)'""", re.IGNORECASE)
_MOVE = re.compile(r"""ALTER\s+TYPE\s+([\w."]+)\s+RENAME\s+TO\s+([\w."]+)""", re.IGNORECASE)
_DROP = re.compile(r"""DROP\s+TYPE\s+(?:IF\s+EXISTS\s+)?([\w."]+)""", re.IGNORECASE)
_CHANGES_A_TYPE = re.compile(r"(CREATE|ALTER|DROP)\s+TYPE", re.IGNORECASE)
_CHANGES_A_NAMED_TYPE = re.compile(
    r"(?:CREATE|ALTER|DROP)\s+TYPE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?[\w\".]*\w\"?\s", re.IGNORECASE
)
_LABEL = re.compile(r"'([^']*)'")
_STATEMENT = re.compile("|".join(f"(?:{one.pattern})" for one in (_CREATE, _ADD, _RENAME, _MOVE, _DROP)), re.IGNORECASE)


class Created(NamedTuple):
    """A type and where its labels were last written; not `certain` once a statement could not be read in full."""

    name: str
    labels: tuple[str, ...]
    place: Place
    certain: bool = True


def labels_of(project: "Project", name: str) -> tuple[str, ...] | None:
    """The labels of the type *name* after all migrations; None when they create no such type."""
    found = created_types(project).get(name)
    return None if found is None else found.labels


@view
def created_types(project: "Project") -> dict[str, Created]:
    """Every enum type the migrations leave behind, by name."""
    return dict(_types(project))


@view
def labels_ever(project: "Project") -> set[str]:
    """Every label that some migration gives some type, also for a time."""
    return _types(project).ever


class _Types(dict[str, Created]):
    """The types as they are by now, and all labels that there were."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: set[str] = set()

    def __setitem__(self, name: str, created: Created) -> None:
        self.ever.update(created.labels)
        super().__setitem__(name, created)


def _types(project: "Project") -> _Types:
    return project.memo(("created enums",), lambda: _replay(project))


def _replay(project: "Project") -> _Types:
    types = _Types()
    for path in revisions_in_order(project):
        source = project.source(path)
        if source is not None:
            functions = {node.name: node for node in source.nodes(ast.FunctionDef) if node.col_offset == 0}
            if "upgrade" in functions:
                _apply(source, functions.pop("upgrade"), types, functions)
    for path, text in project.sql_files().items():
        if types and "alembic_version" in text:
            continue  # What `alembic upgrade --sql` has printed once.
        for found in _STATEMENT.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            _execute(found[0], types, Place(path, line, 1, line, 1))
    return types


@view
def revisions_in_order(project: "Project") -> list[str]:
    """Migration files, each behind those its `down_revision` names; files outside a chain by their path."""
    return _in_order(project)


def _in_order(project: "Project") -> list[str]:
    paths = revision_paths(project)
    parents = {path: _revisions(project, path, "down_revision") for path in paths}
    by_revision = {revision: path for path in paths for revision in _revisions(project, path, "revision")}
    waiting = {path: {by_revision[one] for one in parents[path] if one in by_revision} - {path} for path in paths}
    ordered: list[str] = []
    while waiting:
        ready = sorted(path for path, needs in waiting.items() if not needs) or sorted(waiting)[:1]
        for path in ready:
            del waiting[path]
        for needs in waiting.values():
            needs.difference_update(ready)
        ordered += ready
    return ordered


@view
def revision_paths(project: "Project") -> list[str]:
    """Migration files by their folder, and files elsewhere that have a revision and an upgrade."""
    return [module.path for module in project.modules() if _holds(module, project)]


def _holds(module: Module, project: "Project") -> bool:
    kind = project.kind(module.path)
    if kind == "app" and module.function("upgrade") is not None:
        return any((one.scope, one.name) == ("", "down_revision") for one in module.facts.assignments)
    return kind == "migration"


def _revisions(project: "Project", path: str, name: str) -> list[str]:
    """The string, or the strings of a tuple, assigned to *name* in a migration."""
    scope = Scope(project, project.module(path))
    found = next(
        (one.value.node for one in scope.module.facts.assignments if (one.scope, one.name) == ("", name)), None
    )
    parts = found.elts if isinstance(found, ast.Tuple | ast.List) else [found]
    return [literal for part in parts if isinstance(literal := scope.literal(part), str)]


def _apply(
    source: "SourceFile", function: ast.FunctionDef, types: dict[str, Created], others: dict[str, ast.FunctionDef]
) -> None:
    """Apply a function of a revision; those of the same file that it calls, once each, where it calls them."""
    found: list[tuple[int, ast.expr]] = [
        (node.lineno, node)
        for node in levels(function)
        if isinstance(node, ast.Call | ast.Constant | ast.JoinedStr | ast.BinOp | ast.Name)
    ]
    for _, node in sorted(found, key=lambda item: item[0]):
        if isinstance(node, ast.Call) and _attribute_called(node) == "sync_enum_values":
            _synchronise(node, source, types)
        elif isinstance(node, ast.Name | ast.Call):
            made = _made(node, source) if _may_be_enum(node) else []
            for one in made:
                types[one.name] = one
            if not made and isinstance(node, ast.Call):
                _called(node, source, types, others)
        elif isinstance(node, ast.JoinedStr | ast.BinOp):
            _computed(node, source, types)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for statement in _statements(node.value):
                _execute(statement, types, source.place(node))


def _called(
    node: ast.Call, source: "SourceFile", types: dict[str, Created], others: dict[str, ast.FunctionDef]
) -> None:
    """A call that makes no type by itself."""
    if isinstance(node.func, ast.Name) and node.func.id in others:
        _apply(source, others.pop(node.func.id), types, others)
    elif not _is_operation(node, source):
        _doubt_named(node, types)


def _made(node: ast.Name | ast.Call, source: "SourceFile") -> list[Created]:
    """The types that an expression makes: one, or one in each turn of the loops that it takes names from."""
    scope = source.scope(node)
    turns = Names(source).in_loops(node)
    found = [enum_type(put(node, turn.meant, node) if turn.meant else node, scope) for turn in turns]
    made = [one for one in found if one is not None and one.stored and one.called]
    return [Created(one.called, one.stored or (), source.place(node)) for one in made]


def _synchronise(node: ast.Call, source: "SourceFile", types: dict[str, Created]) -> None:
    """`op.sync_enum_values(schema, name, labels, ...)` of alembic-postgresql-enum."""
    scope = source.scope(node)
    name = scope.literal(argument(node, "enum_name", 1))
    given = argument(node, "new_values", 2)
    home, written = scope.value(given) if given is not None else (scope, None)
    labels = [home.literal(one) for one in written.elts] if isinstance(written, ast.List | ast.Tuple) else [None]
    texts = tuple(label for label in labels if isinstance(label, str))
    if isinstance(name, str):
        types[name] = Created(name, texts, source.place(node), certain=len(texts) == len(labels))


def _computed(node: ast.JoinedStr | ast.BinOp, source: "SourceFile", types: dict[str, Created]) -> None:
    """A text with the names of a loop that is written out says what it does; any other leaves doubt."""
    names = Names(source)
    texts = [sql_text(node, turn) or UNKNOWN for turn in names.in_loops(node)]
    if any(UNKNOWN in text for text in texts):
        _doubt(node, types)
        return
    for statement in (one for text in texts for one in _statements(text)):
        _execute(statement, types, source.place(node))


def _doubt(node: ast.JoinedStr | ast.BinOp, types: dict[str, Created]) -> None:
    """A statement with parts that are not written out leaves its type open; one whose type is not, every type."""
    text = " ".join(
        part.value for part in levels(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    if _CHANGES_A_TYPE.search(text) is None:
        return
    named = [name for name in types if re.search(rf"\b{re.escape(name)}\b", text)]
    written = _CHANGES_A_NAMED_TYPE.search(text) is not None
    for name in named if named or written else list(types):
        types[name] = types[name]._replace(certain=False)


def _attribute_called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _is_operation(node: ast.Call, source: "SourceFile") -> bool:
    """A call of `op.` or `sa.`, or of anything else of these libraries, whose meaning is known."""
    symbol = source.resolve(node.func)
    if isinstance(symbol, External) and symbol.package in {"sqlalchemy", "alembic"}:
        return True
    called = node.func
    while isinstance(called, ast.Attribute) and not isinstance(called.value, ast.Name):
        called = called.value.func if isinstance(called.value, ast.Call) else called.value
    first = called.value if isinstance(called, ast.Attribute) else called
    return isinstance(first, ast.Name) and first.id in {"op", "sa", "sqlalchemy", "postgresql", "batch", "batch_op"}


def _doubt_named(node: ast.Call, types: dict[str, Created]) -> None:
    """A function of the project's own that is told the name of a type may do anything to it."""
    for given in (*node.args, *(word.value for word in node.keywords)):
        if isinstance(given, ast.Constant) and given.value in types:
            types[str(given.value)] = types[str(given.value)]._replace(certain=False)


def _may_be_enum(node: ast.Call | ast.Name) -> bool:
    if isinstance(node, ast.Name):
        return isinstance(node.ctx, ast.Load)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return "enum" in name.lower()


def _statements(sql: str) -> Iterator[str]:
    yield from (found[0] for found in _STATEMENT.finditer(sql))


def _execute(statement: str, types: dict[str, Created], place: Place) -> None:
    if found := _CREATE.search(statement):
        types[_plain(found[1])] = Created(_plain(found[1]), tuple(_LABEL.findall(found[2])), place)
    elif found := _ADD.search(statement):
        _relabel(types, found[1], place, lambda labels: (*labels, found[2]))
    elif found := _RENAME.search(statement):
        _relabel(
            types, found[1], place, lambda labels: tuple(found[3] if label == found[2] else label for label in labels)
        )
    elif (found := _MOVE.search(statement)) and _plain(found[1]) in types:
        old = types.pop(_plain(found[1]))
        types[_plain(found[2])] = old._replace(name=_plain(found[2]))
    elif found := _DROP.search(statement):
        types.pop(_plain(found[1]), None)


def _relabel(
    types: dict[str, Created], name: str, place: Place, change: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> None:
    known = types.get(_plain(name))
    if known is not None:
        types[_plain(name)] = known._replace(labels=change(known.labels), place=place)


def _plain(name: str) -> str:
    """A type's name without schema and quotes."""
    return name.replace('"', "").rpartition(".")[2]
