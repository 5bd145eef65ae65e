"""What is written about a field in each file: one function per place."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from plumb.resources.field import Code, Enum, Field

MODEL_IMPORTS = {
    "Day": "src.clock",
    "Decimal": "decimal",
    "Field": "sqlmodel",
    "Timestamp": "src.clock",
    "enum_type": "src.models.base",
    "exact": "src.decimals",
}
SCHEMA_IMPORTS = {
    "Annotated": "typing",
    "Day": "src.clock",
    "Decimal": "decimal",
    "Exact": "src.decimals",
    "Field": "pydantic",
    "Flag": "src.schemas.base",
    "Strict": "pydantic",
    "StringConstraints": "pydantic",
    "Timestamp": "src.clock",
}
SERVICE_IMPORTS = {"Record": "src.models.base", "references": "src.services"}


def stored(field: Field) -> str:
    """A line of the table."""
    default = _default(field)
    if not field.options:
        return f"    {field.column}: {_nullable(field, field.stored)}{f' = {default}' if default else ''}\n"
    options = ", ".join([*([f"default={default}"] if default else []), *field.options])
    return f"    {field.column}: {_nullable(field, field.stored)} = Field({options})\n"


def alias(field: Field) -> str:
    return f"{field.alias_name} = {field.alias}\n" if field.alias else ""


def created(field: Field) -> str:
    default = _default(field)
    return f"    {field.column}: {_nullable(field, _taken(field))}{f' = {default}' if default else ''}\n"


def updated(field: Field) -> str:
    return f"    {field.column}: {_nullable(field, _taken(field))} = omittable()\n"


def filtered(field: Field) -> str:
    return f"    {field.column}: {field.filtered} | None = None\n" if field.filtered else ""


def answered(field: Field) -> str:
    return f"    {field.column}: {_nullable(field, field.answered)}\n"


def migrated(field: Field) -> str:
    return f'        sa.Column("{field.column}", {field.sa}, nullable={field.nullable}),\n'


def migrated_enum(field: Field, enum: Enum, type_name: str) -> str:
    labels = ", ".join(f'"{label}"' for label in enum.labels)
    return f'{field.sa} = sa.Enum({labels}, name="{type_name}", create_constraint=True)\n'


def enum_class(enum: Enum) -> str:
    members = "".join(f'    {label.upper()} = "{label}"\n' for label in enum.labels)
    return f"\n\nclass {enum.name}(StrEnum):\n{members}"


def zod(field: Field) -> str:
    return f"  {field.column}: {field.zod}{'.nullable()' if field.nullable else ''},\n"


def zod_enum(enum: Enum) -> str:
    labels = ", ".join(f'"{label}"' for label in enum.labels)
    return f"export const {enum.name} = z.enum([{labels}]);\n"


def constants(fields: Sequence[Field]) -> dict[str, str]:
    """The values of the factory's constants."""
    accepted = [(field, case, values) for field in fields for case, values in _accepted(field)]
    refused = [(field, case, value) for field in fields for case, value in _refused(field)]
    return {
        "VALID": _dict((field.column, literal(field.valid)) for field in fields),
        "CHANGES": _dict((field.column, literal(field.changed)) for field in fields if not field.target),
        "REQUIRED": literal([field.column for field in fields if not field.has_default]),
        "DEFAULTS": _dict((field.column, literal(field.left_out)) for field in fields if field.has_default),
        "FILTERS": literal([field.column for field in fields if field.filtered]),
        "NULLABLE": literal([field.column for field in fields if field.nullable]),
        "ACCEPTED": _dict((f"{f.column} {case}", literal((f.column, *values))) for f, case, values in accepted),
        "REFUSED": _dict((f"{f.column} {case}", literal((f.column, value))) for f, case, value in refused),
    }


def body(values: Iterable[tuple[str, Any]]) -> str:
    """A JSON body on one line."""
    return json.dumps(dict(values), ensure_ascii=False)


def literal(value: Any) -> str:
    """Python for *value*."""
    match value:
        case Code():
            return str(value)
        case str():
            return json.dumps(value).replace("\\u0000", "\\0")
        case list() | tuple():
            inner = ", ".join(map(literal, value))  # pyright: ignore[reportUnknownArgumentType]
            return f"[{inner}]" if isinstance(value, list) else f"({inner})"
        case _:
            return repr(value)


def _accepted(field: Field) -> Iterable[tuple[str, tuple[Any, Any]]]:
    yield from field.accepted.items()
    if field.nullable:
        yield "null", (None, None)


def _refused(field: Field) -> Iterable[tuple[str, Any]]:
    yield from field.refused.items()
    if not field.nullable:
        yield "null", None


def _dict(items: Iterable[tuple[str, str]]) -> str:
    lines = "".join(f'    "{key}": {value},\n' for key, value in items)
    return f"{{\n{lines}}}" if lines else "{}"


def _taken(field: Field) -> str:
    return "Flag" if field.answered == "bool" else field.taken


def _default(field: Field) -> str | None:
    return "None" if field.nullable else field.default


def _nullable(field: Field, annotation: str) -> str:
    return f"{annotation} | None" if field.nullable else annotation
