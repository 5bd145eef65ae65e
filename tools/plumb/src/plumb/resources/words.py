"""Words that a resource or a field may not be called, each kind with its reason."""

import builtins
import keyword

EVERYWHERE = {"id", "user_id", "version", "created_at", "updated_at"}
"""Columns that every resource has."""

KERNEL = {"changes", "filters", "limit", "offset", "of"}
"""What the schemas of the kernel call their own fields and methods."""

PYDANTIC = {
    *("construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema"),
    *("schema_json", "update_forward_refs", "validate", "metadata", "registry"),
}
PREFIXES = ("model_", "sqlmodel_")

BUILTINS = {
    *("bool", "bytes", "classmethod", "dict", "float", "int", "list", "object", "property", "set", "staticmethod"),
    *("str", "super", "tuple"),
}
"""Builtins that a class body still needs after the field."""

SQL = frozenset(
    [
        "add",
        "all",
        "alter",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "autoincrement",
        "between",
        "binary",
        "both",
        "case",
        "cast",
        "check",
        "collate",
        "collation",
        "column",
        "commit",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "default",
        "deferrable",
        "delete",
        "desc",
        "distinct",
        "do",
        "drop",
        "else",
        "end",
        "escape",
        "except",
        "exists",
        "false",
        "fetch",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "ilike",
        "in",
        "index",
        "initially",
        "inner",
        "insert",
        "intersect",
        "into",
        "is",
        "isnull",
        "join",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "natural",
        "not",
        "notnull",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "overlaps",
        "placing",
        "primary",
        "references",
        "returning",
        "right",
        "select",
        "session_user",
        "set",
        "similar",
        "some",
        "symmetric",
        "system_user",
        "table",
        "tablesample",
        "then",
        "to",
        "trailing",
        "transaction",
        "true",
        "union",
        "unique",
        "update",
        "user",
        "using",
        "values",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
    ]
)
"""Reserved by PostgreSQL or by SQLite."""


def why_not_a_column(name: str) -> str | None:
    """The reason why no field may be called *name*."""
    reasons = {
        "is a keyword of Python": keyword.iskeyword(name),
        "is a column that every resource has already": name in EVERYWHERE,
        "is reserved in SQL": name in SQL,
        "is what the schemas of the kernel call something of their own": name in KERNEL,
        "is taken by Pydantic or SQLModel": name in PYDANTIC or name.startswith(PREFIXES),
        "hides a builtin that the class needs": name in BUILTINS,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_a_noun(name: str, *, is_table: bool) -> str | None:
    """The reason why no resource may be called *name*, or no table."""
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return "is a keyword of Python"
    if is_table and name in SQL:
        return "is reserved in SQL"
    if hasattr(builtins, name):
        return "is a builtin of Python, which the code of the resource would hide"
    return None
