"""Servers that a test run starts for itself and that never outlive it.

Each runs under a launcher: a process of its own that prints the server's address and waits for its standard input to
close. The operating system closes it however the test run ends, so a killed run leaves no server and no data behind.
"""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

BACKEND = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108 - private folders are made below it
MEMORY_NEEDED_BYTES = 1024**3
START_SECONDS = 60
STOP_SECONDS = 10


@contextmanager
def borrowed(module: str, *arguments: str) -> Generator[str]:
    """Start a launcher and yield its server's address; once this returns the server is gone."""
    with launched(module, *arguments) as (_, address):
        yield address


@contextmanager
def launched(module: str, *arguments: str) -> Generator[tuple["subprocess.Popen[str]", str]]:
    """Start a launcher and yield it with its server's address."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=BACKEND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C ends the run, and the end of the run ends the launcher.
        text=True,
    ) as launcher:
        assert launcher.stdin
        assert launcher.stdout
        address = launcher.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"{module} started no server: see its error output")
        try:
            yield launcher, address
        finally:
            launcher.stdin.close()


def lend(server: AbstractContextManager[str]) -> None:
    """Be a launcher: keep a server running until standard input closes."""
    signal.signal(signal.SIGTERM, leave)
    with server as address:
        print(address, flush=True)  # noqa: T201 - the address is what a launcher is asked for
        sys.stdin.read()


def leave(signal_number: int, frame: FrameType | None) -> NoReturn:
    """Turn a signal into an exit that runs every clean-up."""
    del frame
    sys.exit(128 + signal_number)


@contextmanager
def started(argv: Sequence[str | Path], log: Path, ready: Callable[[], bool], **options: Any) -> Generator[None]:
    """Run a server until it is ready, yield, and stop it; if it dies first, its log says why."""
    with (
        log.open("wb") as output,
        subprocess.Popen(argv, stdout=output, stderr=output, **options) as server,
    ):
        try:
            give_up_at = time.monotonic() + START_SECONDS
            while not ready():
                if server.poll() is not None or time.monotonic() > give_up_at:
                    raise RuntimeError(f"{argv[0]} did not start:\n{log.read_text('utf-8', errors='replace')}")
                time.sleep(0.01)
            yield
        finally:
            stop(server)


def stop(server: subprocess.Popen[Any]) -> None:
    """Ask a server to stop at once, and kill it if it does not."""
    # Both servers take SIGINT for a fast and orderly stop; Windows has no such request.
    server.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


def scratch(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """Return a private folder that removes itself, in memory where there is room."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED_BYTES
    return tempfile.TemporaryDirectory(prefix=prefix, dir=MEMORY if in_memory else None)


def free_port() -> int:
    """Return a loopback port that the system offers to nobody else for the next minute.

    A connection that its server closes first leaves the port waiting: only who asks for it by number gets it then.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        with socket.create_connection(listener.getsockname()) as client:
            listener.accept()[0].close()
            client.recv(1)
        return listener.getsockname()[1]
