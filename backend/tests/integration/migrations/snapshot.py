"""What a database is made of, so that two can be compared: columns, constraints, indexes, types and the rest."""

from typing import Any

import sqlalchemy as sa

Snapshot = set[str]

HERE = "current_schema()::regnamespace"
POSTGRESQL = {
    "column": f"""
        SELECT r.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        WHERE r.relnamespace = {HERE} AND r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": f"""
        SELECT r.relname, c.conname, pg_get_constraintdef(c.oid), c.convalidated
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
        WHERE c.connamespace = {HERE} AND c.contype <> 'n'""",
    "index": f"""
        SELECT pg_get_indexdef(i.indexrelid), i.indisvalid
        FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid WHERE r.relnamespace = {HERE}""",
    "enum": f"""
        SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
        FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = {HERE} GROUP BY t.typname""",
    "domain": f"SELECT typname FROM pg_type WHERE typnamespace = {HERE} AND typtype = 'd'",
    "relation": f"SELECT relname, relkind FROM pg_class WHERE relnamespace = {HERE} AND relkind NOT IN ('i', 'I')",
    "function": f"SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = {HERE}",
    "trigger": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def snapshot(connection: sa.Connection) -> Snapshot:
    """Return one line for each part, two databases with the same lines differ in their rows alone."""
    lines = _postgresql(connection) if connection.dialect.name == "postgresql" else _sqlite(connection)
    return {line for line in lines if "alembic_version" not in line}


def _postgresql(connection: sa.Connection) -> list[str]:
    return [_line(kind, *row) for kind, query in POSTGRESQL.items() for row in connection.exec_driver_sql(query)]


def _sqlite(connection: sa.Connection) -> list[str]:
    inspector = sa.inspect(connection)
    lines = [
        _line("statement", *row)
        for row in connection.exec_driver_sql(
            "SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"
        )
    ]
    for table in inspector.get_table_names():
        lines.append(_line("table", table))
        lines += [_line("column", table, *row[1:]) for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
        for kind in ("check_constraints", "unique_constraints", "foreign_keys"):
            lines += [_line(kind, table, _sorted(part)) for part in getattr(inspector, f"get_{kind}")(table)]
    return lines


def _sorted(part: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(part.items())


def _line(*parts: object) -> str:
    return " | ".join(map(str, parts))
