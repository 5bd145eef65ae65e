"""PB7xx: what only one of the two databases does."""

import ast
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.places import MODELS, SERVICES, Function, fields
from mutations.source import Edit, Source

CONFTEST = "backend/tests/conftest.py"
TESTS = "backend/tests/integration/test_*.py"


@operator("PB701", "tests of row locks run on SQLite alone", CONFTEST)
def sqlite_alone(source: Source) -> Iterator[Edits]:
    """PostgreSQL is no database of the tests any more. What is left passes: a test has to ask what is run at all."""
    yield [source.replace_text('params=["sqlite", "postgresql"]', 'params=["sqlite"]')]


@operator("PB702", "an expected failure may pass", TESTS, tested=False)
def lenient_xfail(source: Source) -> Iterator[Edits]:
    """The first test of a file. A test that is marked so cannot fail."""
    tests = [node for node in source.tree.body if isinstance(node, Function) and node.name.startswith("test_")]
    for test in tests[:1]:
        start = source.lines(test)[0]
        mark = '@pytest.mark.xfail(reason="it is said to be flaky", strict=False)\n'
        imports = [] if "\nimport pytest" in source.text else [source.with_import("import pytest")]
        yield [Edit(source.path, start, start, mark), *imports]


@operator("PB703", "a default suits one database", MODELS, both_databases=True)
def server_default(source: Source) -> Iterator[Edits]:
    """Booleans get a default that SQLite reads as text, JSON one that only PostgreSQL can read."""
    for field in fields(source):
        kind = ast.unparse(field.node.annotation)
        default = {"bool": '"false"', "dict[str, Any]": "sa.text(\"'{}'::jsonb\")"}.get(kind)
        if default:
            words = [f'sa_column_kwargs={{"server_default": {default}}}']
            match field.node.value:
                case ast.Call(keywords=keywords):
                    words = [*(source.text_of(word) for word in keywords), *words]
                case ast.Constant() as value:
                    words.insert(0, f"default={ast.unparse(value)}")
                case _:
                    pass
            end = source.span(field.node.annotation)[1]
            text = f" = Field({', '.join(words)})"
            yield [Edit(source.path, end, source.span(field.node)[1], text)]


@operator("PB704", "the tests share a database in memory", CONFTEST)
def in_memory(source: Source) -> Iterator[Edits]:
    """One connection, and so one transaction, is shared by all that the tests do at once."""
    yield [
        source.replace_text(
            "f\"sqlite+aiosqlite:///{tmp_path_factory.mktemp('sqlite')}/test.db\"", '"sqlite+aiosqlite:///:memory:"'
        ),
        source.replace_text(", tmp_path_factory: pytest.TempPathFactory", ""),
    ]


@operator("PB705", "a stored instant is compared without its zone", SERVICES)
def naive_comparison(source: Source) -> Iterator[Edits]:
    """`row.expires_at <= now` becomes `row.expires_at <= now.replace(tzinfo=None)`.

    Comparisons that the database makes are passed over: they are between columns, in `where(...)`.
    """
    for node in source.walk(ast.If, ast.IfExp, ast.BoolOp):
        tests = node.values if isinstance(node, ast.BoolOp) else [node.test]
        for test in tests:
            match test:
                case ast.Compare(left=ast.Attribute(attr=left), comparators=[ast.Name() as right]):
                    if left.endswith("_at"):
                        yield [source.replace(right, f"{right.id}.replace(tzinfo=None)")]
                case _:
                    pass
