"""PB5xx: names where values belong."""

import ast
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.places import MODELS, SERVICES, VERSIONS, calls, enum_members, fields, keyword, snake
from mutations.source import Edit, Source

BASE = "backend/src/models/base.py"
ENUMS = "backend/src/schemas/enums.py"


@operator("PB501", "the helper stores names", BASE)
def helper_stores_names(source: Source) -> Iterator[Edits]:
    yield [source.replace_text("        values_callable=_values,\n", "")]


@operator("PB501", "a column stores names", MODELS, both_databases=True)
def column_stores_names(source: Source) -> Iterator[Edits]:
    """The column passes by the helper: with nothing in its place, and with SQLAlchemy's own type."""
    for call, enum in _columns(source):
        end = source.span(call)
        word = next(word for word in source.walk(ast.keyword) if word.value is call)
        yield [source.replace(call, f"sa.Enum({enum})"), *_sa(source)]
        start = end[0] - len("sa_type=")
        if source.text[start - 2 : start] == ", ":
            yield [Edit(source.path, start - 2, source.span(word)[1], "")]


@operator("PB502", "a column spells its labels out", MODELS)
def spelled_out(source: Source) -> Iterator[Edits]:
    for call, enum in _columns(source):
        labels = ", ".join(f'"{value}"' for value in enum_members(source.repository)[enum].values())
        yield [source.replace(call, f'sa.Enum({labels}, name="{snake(enum)}", create_constraint=True)'), *_sa(source)]


@operator("PB503", "types have no name of their own", BASE, both_databases=True)
def unnamed(source: Source) -> Iterator[Edits]:
    for call in calls(source, "Enum"):
        name = keyword(call, "name")
        if name:
            yield [source.remove(name)]


@operator("PB503", "a revision gives a type another name", VERSIONS, both_databases=True)
def renamed(source: Source) -> Iterator[Edits]:
    for call in calls(source, "Enum"):
        name = keyword(call, "name")
        if name and isinstance(name.value, ast.Constant):
            yield [source.replace(name.value, f'"{str(name.value.value).replace("_", "")}"')]


@operator("PB504", "a revision gives a type other labels", VERSIONS, both_databases=True)
def relabelled(source: Source) -> Iterator[Edits]:
    for call in calls(source, "Enum"):
        label = call.args[0]
        if isinstance(label, ast.Constant):
            yield [source.replace(label, f'"{str(label.value).upper()}"')]


@operator("PB504", "an enum has a member that no revision knows", ENUMS, both_databases=True)
def member_added(source: Source) -> Iterator[Edits]:
    """Of the enums that are columns."""
    stored = {enum for model in source.repository.matching(MODELS) for _, enum in _columns(model)}
    for owner in source.walk(ast.ClassDef):
        if owner.name in stored:
            yield [source.after(owner.body[-1], 'EXTRA = "extra"')]


@operator("PB505", "a query asks for a name", SERVICES)
def name_in_query(source: Source) -> Iterator[Edits]:
    """`== X.MEMBER` becomes `== "MEMBER"`, and `== X.MEMBER.name`. Comparisons by `is` are with values of Python."""
    for node in source.walk(ast.Compare):
        match node:
            case ast.Compare(
                ops=[ast.Eq()], comparators=[ast.Attribute(value=ast.Name(id=enum), attr=member) as found]
            ):
                if enum in enum_members(source.repository):
                    yield [source.replace(found, f'"{member}"')]
                    yield [source.replace(found, f"{enum}.{member}.name")]
            case _:
                pass


@operator("PB506", "two columns share a type", MODELS)
def shared(source: Source) -> Iterator[Edits]:
    """An enum is given the name of another one's type."""
    columns = list(_columns(source))
    for (call, enum), (_, other) in zip(columns, columns[1:] + columns[:1], strict=True):
        if other != enum:
            values = "values_callable=lambda kind: [member.value for member in kind]"
            yield [source.replace(call, f'sa.Enum({enum}, name="{snake(other)}", {values})'), *_sa(source)]


def _columns(source: Source) -> list[tuple[ast.Call, str]]:
    """The calls of `enum_type` in fields, and their enums."""
    typed = (call for field in fields(source) for call in calls(source, "enum_type", within=field.node))
    return [(call, ast.unparse(call.args[0])) for call in typed]


def _sa(source: Source) -> list[Edit]:
    return [] if "import sqlalchemy as sa" in source.text else [source.with_import("import sqlalchemy as sa")]
