"""Every rule of the lint has a revision that breaks it; what the rules ask for instead passes."""

import pytest

from migrations.lint import Finding, lint
from migrations.lint_rules import RULES, statements
from migrations.released import Release, read
from tests.integration.migrations.chain import FIXTURES, REAL, in_thread

RELEASED = Release(columns={"shelves": ["id", "label", "size"]})
EXPECTED = {
    "shelves": set(),
    "not_null_without_backfill": {"not-null-without-backfill"},
    "adding_required_field": {"adding-required-field"},
    "type_change_without_conversion": {"type-change-without-conversion", "changing-column-type"},
    "changing_column_type": {"changing-column-type"},
    "drop_type_cascade": {"drop-type-cascade"},
    "still_in_use": {"still-in-use"},
    "still_in_use_renamed": {"still-in-use"},
    "still_in_use_table": {"still-in-use"},
    "require_concurrent_index_creation": {"require-concurrent-index-creation"},
    "missing_downgrade": {"missing-downgrade"},
    "missing_downgrade_function": {"missing-downgrade"},
    "open_question": {"open-question"},
    "work_beside_a_committing_step": {"work-beside-a-committing-step"},
}


@pytest.fixture(scope="module")
def bad() -> list[Finding]:
    return in_thread(lint, [FIXTURES / "bad"], RELEASED)


@pytest.mark.parametrize("name", [path.stem for path in sorted((FIXTURES / "bad").glob("*.py"))])
def test_bad_revision_is_found(bad: list[Finding], name: str) -> None:
    assert {finding.rule for finding in bad if finding.file == name} == EXPECTED[name]


def test_every_finding_says_what_to_do_instead(bad: list[Finding]) -> None:
    assert {finding.rule for finding in bad if not finding.instead} == set()
    assert {rule.name for rule in RULES} <= {finding.rule for finding in bad}


def test_what_the_rules_ask_for_passes() -> None:
    assert in_thread(lint, [FIXTURES / "good"], Release()) == []
    assert in_thread(lint, [FIXTURES / "example"], Release()) == []


def test_revision_that_asks_the_database_is_found() -> None:
    found = in_thread(lint, [FIXTURES / "needs_connection"], Release())
    assert [(finding.file, finding.rule) for finding in found] == [("needs_connection", "needs-a-connection")]


def test_the_chain_passes() -> None:
    assert in_thread(lint, [REAL], read()) == []


def test_statements_are_cut_outside_of_blocks() -> None:
    script = "-- a;\nSET a = 1;\n\nDO $$ BEGIN x; END $$;\nDO $q$ y; $q$;"
    assert statements(script) == ["SET a = 1", "DO $$ BEGIN x; END $$", "DO $q$ y; $q$"]
