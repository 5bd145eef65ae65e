"""The application in a process of its own, served over HTTP as `make run` does once everything is set up."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import free_port

BACKEND = Path(__file__).parents[1]
ATTEMPTS = 200


@contextmanager
def serving(database_url: str, **settings: str) -> Generator[int]:
    """Serve on a free port, with settings given as environment variables, and yield the port."""
    port = free_port()
    settings = {"environment": "development", "database_url": database_url, "port": str(port), **settings}
    environment = {**os.environ, **{name.upper(): value for name, value in settings.items()}}
    log = subprocess.DEVNULL
    server = subprocess.Popen([sys.executable, "-m", "src"], cwd=BACKEND, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_live(server, port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def _wait_until_live(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(ATTEMPTS):
        assert server.poll() is None, "the server ended before it answered"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer")
