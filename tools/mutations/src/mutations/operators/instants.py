"""PB4xx: instants without their zone, or without their `Z`."""

import ast
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.places import MODELS, SCHEMAS, VERSIONS, Field, fields, instants
from mutations.source import Edit, Source

CLOCK = "backend/src/clock.py"


@operator("PB401", "a field is serialised by isoformat()", SCHEMAS)
def isoformat_serializer(source: Source) -> Iterator[Edits]:
    for field, _ in instants(source):
        yield _serialised(source, field, "value.isoformat()")


@operator("PB401", "a field is a text made by isoformat()", MODELS)
def isoformat_property(source: Source) -> Iterator[Edits]:
    """The schema says `str`, and a property of the model formats the instant."""
    schema_path = source.path.replace("/models/", "/schemas/")
    if not (source.repository.root / schema_path).exists():
        return
    schema = source.repository.source(schema_path)
    answered = {field.name: name for field, name in instants(schema)}
    for field in fields(source):
        name = answered.get(field.name)
        if name and "Timestamp" in ast.unparse(field.node.annotation) and "None" not in ast.unparse(field.node):
            text = f"\n@property\ndef {field.name}_text(self) -> str:\n    return self.{field.name}.isoformat()"
            owner = next(found for found, node in instants(schema) if node is name)
            alias = f'{field.name}: str = Field(validation_alias="{field.name}_text")'
            yield [
                source.after(field.owner.body[-1], text),
                schema.replace(owner.node, alias),
                schema.with_import("from pydantic import Field"),
            ]


@operator("PB402", "a field is serialised with an offset and a Z", SCHEMAS)
def offset_and_z(source: Source) -> Iterator[Edits]:
    for field, _ in instants(source):
        yield _serialised(source, field, 'value.isoformat() + "Z"')


@operator("PB403", "a field of an answer is a bare datetime", SCHEMAS)
def bare_datetime(source: Source) -> Iterator[Edits]:
    for _, name in instants(source):
        yield [source.replace(name, "datetime"), source.with_import("from datetime import datetime")]


@operator("PB404", "the clock has no zone", CLOCK)
def naive_now(source: Source) -> Iterator[Edits]:
    yield [source.replace_text("datetime.now(UTC)", "datetime.now()")]
    yield [source.replace_text("datetime.now(UTC)", "datetime.utcnow()")]


@operator("PB405", "a column loses the zone", MODELS)
def naive_column(source: Source) -> Iterator[Edits]:
    for field in fields(source):
        if "Timestamp" not in ast.unparse(field.node.annotation):
            continue
        words = ["sa_type=sa.DateTime"]
        end = source.span(field.node.annotation)[1]
        match field.node.value:
            case ast.Call(args=[], keywords=keywords):
                words = [*(source.text_of(word) for word in keywords), *words]
            case ast.Constant(value=None):
                words.insert(0, "default=None")
            case _:
                pass
        text = f" = Field({', '.join(words)})"
        imports = "import sqlalchemy as sa\nfrom sqlmodel import Field"
        yield [Edit(source.path, end, source.span(field.node)[1], text), source.with_import(imports)]


@operator("PB405", "a revision makes a column without a zone", VERSIONS, both_databases=True)
def naive_revision(source: Source) -> Iterator[Edits]:
    """The first instant of each table."""
    for statement in source.walk(ast.Expr, ast.Assign):
        column = source.text_of(statement).find("sa.DateTime(timezone=True)")
        if column >= 0:
            yield [source.replace_text("sa.DateTime(timezone=True)", "sa.DateTime()", within=statement)]


def _serialised(source: Source, field: Field, expression: str) -> Edits:
    nullable = "None" in ast.unparse(field.node.annotation)
    kind = "datetime | None" if nullable else "datetime"
    answer = f"{expression} if value else None" if nullable else expression
    text = "str | None" if nullable else "str"
    method = (
        f'\n@field_serializer("{field.name}")\ndef _{field.name}_text(self, value: {kind}) -> {text}:\n'
        f"    return {answer}"
    )
    imports = "from datetime import datetime\n\nfrom pydantic import field_serializer\n"
    return [source.after(field.owner.body[-1], method), source.with_import(imports)]
