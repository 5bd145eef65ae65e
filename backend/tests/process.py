"""The application in a process of its own, served over HTTP as `make run` does once everything is set up."""

import os
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import BACKEND, free_port, scratch, started


@contextmanager
def serving(database_url: str, **settings: str) -> Generator[int]:
    """Serve on a free port, with settings given as environment variables, and yield the port."""
    port = free_port()
    settings = {"environment": "development", "database_url": database_url, "port": str(port), **settings}
    environment = {**os.environ, **{name.upper(): value for name, value in settings.items()}}
    argv = [sys.executable, "-m", "src"]
    with (
        scratch("server-") as folder,
        started(argv, Path(folder) / "log", lambda: _is_live(port), cwd=BACKEND, env=environment),
    ):
        yield port


def _is_live(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).close()
    except OSError:
        return False
    return True
