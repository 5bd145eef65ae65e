"""An application whose AI is in the test's hands."""

from collections.abc import AsyncIterator

import pytest

from tests.fake_ai import FakeAI
from tests.harness import Served, served


@pytest.fixture(scope="session")
async def small_app(database_url: str) -> AsyncIterator[Served]:
    """Serve an application whose AI is in the test's hands, and whose pool has one connection."""
    async with served(database_url, ai=FakeAI(), database_pool_size=1, database_max_overflow=0) as running:
        yield running


@pytest.fixture
async def app(small_app: Served) -> AsyncIterator[Served]:
    """Return that application on an empty database, its AI as new."""
    vars(small_app.resources.ai).update(vars(FakeAI()))
    yield small_app
    await small_app.empty()


@pytest.fixture
def ai(app: Served) -> FakeAI:
    assert isinstance(app.resources.ai, FakeAI)
    return app.resources.ai
