"""What every test of the backend can ask for."""

from collections.abc import Iterator

import pytest

from tests import postgres, redis


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
