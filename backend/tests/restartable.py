"""`python -m tests.restartable`: a PostgreSQL that stops and starts when its standard input says so."""

import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import IO

from tests import postgres
from tests.servers import launched, leave


class Switch:
    """The server from afar: each order returns when it is carried out."""

    def __init__(self, launcher: "subprocess.Popen[str]", url: str) -> None:
        self.url = url
        self._orders, self._done = pipes(launcher)

    def stop(self) -> None:
        self._order("stop")

    def start(self) -> None:
        self._order("start")

    def _order(self, order: str) -> None:
        self._orders.write(f"{order}\n")
        self._orders.flush()
        assert self._done.readline().strip() == order


@contextmanager
def running() -> Generator[Switch]:
    """Yield the switch of a server of its own, which runs."""
    with launched("tests.restartable") as (launcher, url):
        yield Switch(launcher, url)


def pipes(launcher: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert launcher.stdin
    assert launcher.stdout
    return launcher.stdin, launcher.stdout


def obey(cluster: postgres.Cluster) -> None:
    """Start the server, print its address, then do as told until standard input closes."""
    with ExitStack() as server:
        server.enter_context(cluster.serving())
        answer(cluster.url)
        for order in map(str.strip, sys.stdin):
            if order == "stop":
                server.close()
            else:
                server.enter_context(cluster.serving())
            answer(order)


def answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, leave)
    with postgres.made(next(postgres.installations())) as cluster:
        obey(cluster)
