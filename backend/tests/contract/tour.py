"""A tour of the API: every operation used as a person would, until every field has shown what it can be.

It runs on a database of its own, with a clock that it sets and an identity provider that knows two people. Each noun is
a module of `tours`: what it does there, and a valid body for each operation that needs one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.contract.recording import Recorder
from tests.contract.tours import (
    achievements,
    ai,
    auth,
    credits,
    focus,
    goals,
    limits,
    notes,
    payments,
    tasks,
    tombstones,
    users,
)
from tests.harness import Served

STOPS = (
    auth,
    users,
    goals,
    tasks,
    notes,
    focus,
    achievements,
    tombstones,
    payments,
    credits,
    ai,
)
"""In this order: later ones use what earlier ones have left."""

APART = (limits,)
"""Those that need an application with settings of their own."""

BODIES: dict[str, dict[str, Any] | Callable[[datetime], dict[str, Any]]] = {
    name: body for stop in STOPS for name, body in stop.BODIES.items()
}
"""A body, or a function of the present instant that returns the options of a request."""

SETTINGS: dict[str, Any] = {"payments_webhook_secret": payments.SECRET}


async def take(record: Recorder, app: Served) -> None:
    """Make the whole tour."""
    app.clock.set(2025, 1, 15, 9, 30)
    ada = await app.sign_in("ada")
    for stop in STOPS:
        await stop.visit(record, app, ada)
    await ada.aclose()
