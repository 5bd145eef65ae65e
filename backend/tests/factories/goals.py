"""Goals, made over HTTP as a client would make them, and the values that their tests need."""

from typing import Any

import httpx2

from tests.answers import data_of

VALID: dict[str, Any] = {
    "title": "First title",
    "status": "reached",
    "due_at": "2025-02-01T10:00:00Z",
}
"""Every field, with a value that is answered as it was sent."""

CHANGES: dict[str, Any] = {
    "title": "Second title",
    "status": "dropped",
    "due_at": "2025-06-30T08:15:00Z",
}
"""Another value for every field of its own."""

REQUIRED: list[str] = ["title"]

DEFAULTS: dict[str, Any] = {
    "status": "active",
    "due_at": None,
}
"""What a field that may be left out gets."""

FILTERS: list[str] = ["status"]
"""The fields that a listing can be filtered by."""

NULLABLE: list[str] = ["due_at"]

ACCEPTED: dict[str, tuple[str, Any, Any]] = {
    "title with blanks around it": ("title", "  First title ", "First title"),
    "title of the greatest length": ("title", "x" * 200, "x" * 200),
    "status active": ("status", "active", "active"),
    "status reached": ("status", "reached", "reached"),
    "status dropped": ("status", "dropped", "dropped"),
    "due_at with an offset": ("due_at", "2025-02-01T12:00:00+02:00", "2025-02-01T10:00:00Z"),
    "due_at null": ("due_at", None, None),
}
"""A field, what is sent, and what is answered."""

REFUSED: dict[str, tuple[str, Any]] = {
    "title empty": ("title", ""),
    "title blank": ("title", " \t\n"),
    "title too long": ("title", "x" * 201),
    "title with a NUL": ("title", "a\0b"),
    "title not text": ("title", 1),
    "title null": ("title", None),
    "status by name": ("status", "ACTIVE"),
    "status unknown": ("status", "active?"),
    "status null": ("status", None),
    "due_at without an offset": ("due_at", "2025-02-01T10:00:00"),
    "due_at a number": ("due_at", 1700000000),
}


async def goal_body(client: httpx2.AsyncClient, /, **fields: Any) -> dict[str, Any]:
    """What makes a goal: VALID, with *fields* in place of its own."""
    del client
    return {**VALID, **fields}


async def make_goal(client: httpx2.AsyncClient, /, **fields: Any) -> dict[str, Any]:
    """A goal, as GET returns it."""
    return data_of(await client.post("/api/v1/goals", json=await goal_body(client, **fields)))
