"""What every test of the backend can ask for."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from hypothesis import HealthCheck, settings

from tests import postgres, redis
from tests.harness import Served, migrate, served

# Hypothesis fails a test that took 200 ms once. A machine with other work does that, and it says nothing of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the URL of this worker's own empty PostgreSQL database."""
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> Iterator[str]:
    """Return the URL of this worker's own empty Redis database."""
    with redis.running() as server:
        yield f"{server}/{worker_id.removeprefix('gw').replace('master', '0')}"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of a migrated database of each kind: whoever asks for it runs on both."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('sqlite')}/test.db"
    else:
        url = request.getfixturevalue("postgres_url")
    migrate(url)
    return url


@pytest.fixture(scope="session")
async def shared_app(database_url: str) -> AsyncIterator[Served]:
    """Serve one application per database for the whole run: a test asks for `app`, which is emptied after it."""
    async with served(database_url, oidc_audience="test-client") as running:
        yield running


@pytest.fixture
async def app(shared_app: Served) -> AsyncIterator[Served]:
    """Return the running application on an empty database."""
    yield shared_app
    await shared_app.empty()


@pytest.fixture
async def ada(app: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client that is signed in."""
    client = await app.sign_in("ada")
    yield client
    await client.aclose()


@pytest.fixture
async def bob(app: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client that is signed in as somebody else."""
    client = await app.sign_in("bob")
    yield client
    await client.aclose()
