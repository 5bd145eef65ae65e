"""`python -m tests.development MODULE ...`: run a module, beside the PostgreSQL of its DATABASE_URL if that is ours.

Ours is one of user `postgres` without a password on this machine, where nothing listens yet. Its data is kept in
`.postgres/`. Every other database is left alone.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from src.config import ROOT, SettingsError, load_settings
from tests import postgres

FOLDER = ROOT / ".postgres"


def main(module: Sequence[str]) -> int:
    command = [sys.executable, "-m", *module]
    try:
        url = make_url(load_settings().database_url)
    except SettingsError:
        return take_over(command)  # The module says what is wrong.
    if not is_ours(url) or listening(url):
        return take_over(command)
    with kept(url):
        return beside(command)


def take_over(command: Sequence[str]) -> int:
    """Let the module take the place of this process, so that signals reach it."""
    if os.name == "posix":
        os.execv(command[0], list(command))  # noqa: S606 - no shell is wanted
    return beside(command)


def beside(command: Sequence[str]) -> int:
    """Run the module to its end. Ctrl-C reaches it too, and what it does then is waited for."""
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def is_ours(url: URL) -> bool:
    """Whether a server for *url* would be one that we may start."""
    local = url.host in {"127.0.0.1", "localhost"}
    return url.drivername.startswith("postgresql") and local and url.username == "postgres" and not url.password


def listening(url: URL) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", url.port or 5432)) == 0


@contextmanager
def kept(url: URL) -> Generator[None]:
    """Serve the database of *url*, made at the first time, until this returns."""
    folder = within_reach(FOLDER)
    folder.mkdir(exist_ok=True)
    cluster = postgres.cluster(next(postgres.installations()), folder, url.port or 5432)
    with cluster.serving():
        asyncio.run(make_database(cluster.url.replace("+asyncpg", ""), str(url.database)))
        yield


async def make_database(server: str, name: str) -> None:
    if not await postgres.exists(server, name):
        await postgres.execute(server, f'CREATE DATABASE "{name}"')


def within_reach(folder: Path) -> Path:
    """Another folder, where root runs this: PostgreSQL refuses root, and others may not enter root's folders."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return folder
    return Path(tempfile.gettempdir()) / f"{ROOT.name}.postgres"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
