"""The README's session works as it is printed: a real process, a real shell, curl."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness import migrate
from tests.servers import free_port

ROOT = Path(__file__).parents[3]


def session() -> str:
    """Return the shell session of the README."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return next(block for block in blocks if "API=" in block)


@contextmanager
def serving(database_url: str) -> Iterator[int]:
    """Serve as `make run` does once everything is set up, on a free port, and yield the port."""
    port = free_port()
    settings = {"DATABASE_URL": database_url, "PORT": str(port), "ENVIRONMENT": "development"}
    server = subprocess.Popen([sys.executable, "-m", "src"], cwd=ROOT / "backend", env={**os.environ, **settings})
    try:
        wait_until_live(server, port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def wait_until_live(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        assert server.poll() is None, "the server ended before it answered"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer")


def test_session_of_the_readme(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/readme.db"
    migrate(url)
    with serving(url) as port:
        commands = session().replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        shell = ["sh", "-e", "-c", commands]
        shown = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    assert '"title":"Read docs/API.md"' in shown
    assert '"title":"Try the API","description":"","priority":"high"' in shown
    assert '"subtask_count":1' in shown
    assert shown.rstrip().endswith("}}")
    assert '"code":"UNAUTHORIZED"' in shown
