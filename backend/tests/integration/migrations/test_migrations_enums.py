"""Enum steps: labels, rows, defaults, checks and indexes follow, on both databases, up and down."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError

from tests.integration.migrations.chain import FIXTURES, Database

TICKETS = "SELECT id, state FROM tickets ORDER BY id"
# Each revision: the states of the three tickets after its upgrade, and after its downgrade from there.
JOURNEY = {
    "values": (["open", "closed", "open"], ["OPEN", "CLOSED", "OPEN"]),
    "add": (["open", "closed", "on ada's desk"], ["open", "closed", "open"]),
    "rename": (["open", "closed", "taken"], ["open", "closed", "on ada's desk"]),
    "remove": (["new", "done", "new"], ["open", "closed", "open"]),
    "retype": (["new", "done", "new"], ["new", "done", "new"]),
}


@pytest.fixture
def tickets(database: Database) -> Database:
    """Return a database with three tickets, each with a remark that hangs on it."""
    database = replace(database, versions=(FIXTURES / "enums",))
    database.upgrade("create")
    database.execute(
        "INSERT INTO tickets (id, state) VALUES (1, 'OPEN'), (2, 'CLOSED'), (3, 'OPEN')",
        "INSERT INTO remarks (id, ticket_id) VALUES (1, 1), (2, 2), (3, 3)",
    )
    return database


def states(database: Database) -> list[str]:
    return [state for _, state in database.query(TICKETS)]


def test_rows_follow_every_change_up_and_down(tickets: Database) -> None:
    for revision, (up, down) in JOURNEY.items():
        before = tickets.snapshot()
        tickets.upgrade(revision)
        if revision == "add":
            tickets.execute("UPDATE tickets SET state = 'on ada''s desk' WHERE id = 3")
        assert states(tickets) == up
        tickets.downgrade("-1")
        assert (states(tickets), tickets.snapshot()) == (down, before)
        tickets.upgrade(revision)
        tickets.execute(f"UPDATE tickets SET state = '{up[2].replace(chr(39), chr(39) * 2)}' WHERE id = 3")
        assert tickets.query("SELECT id, ticket_id FROM remarks ORDER BY id") == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize(("revision", "label"), [("values", "OPEN"), ("remove", "taken"), ("column", "gone")])
def test_label_that_is_gone_is_refused(tickets: Database, revision: str, label: str) -> None:
    tickets.upgrade(revision)
    with pytest.raises(DBAPIError, match=r"CHECK constraint failed: ck_tickets|invalid input value for enum"):
        tickets.execute(f"UPDATE tickets SET state = '{label}'")


def test_default_check_and_partial_index_name_the_new_label(tickets: Database) -> None:
    tickets.upgrade("remove")
    tickets.execute("INSERT INTO tickets (id) VALUES (4)")
    assert states(tickets)[-1] == "new"
    with pytest.raises(DBAPIError, match="closed_when_negative"):
        tickets.execute("INSERT INTO tickets (id, state) VALUES (-1, 'new')")
    assert any("ix_tickets_open" in line and "= 'new'" in line for line in tickets.snapshot())


def test_added_column_has_its_labels_checked(tickets: Database) -> None:
    tickets.upgrade("column")
    assert tickets.query("SELECT DISTINCT urgency FROM tickets") == [("low",)]
    with pytest.raises(DBAPIError, match=r"CHECK constraint failed: ck_tickets_urgency|invalid input value for enum"):
        tickets.execute("UPDATE tickets SET urgency = 'medium'")


@pytest.mark.parametrize("revision", ["values", "add", "rename"])
def test_adding_and_renaming_rewrite_nothing(empty_postgresql: Database, revision: str) -> None:
    storage = "SELECT relname, relfilenode FROM pg_class WHERE relname LIKE '%tickets%' ORDER BY relname"
    tickets = replace(empty_postgresql, versions=(FIXTURES / "enums",))
    tickets.upgrade(f"{revision}-1")
    before = tickets.query(storage)
    tickets.upgrade(revision)
    assert tickets.query(storage) == before
