"""The generated client compiles, and talks to the running server."""

import shutil
from pathlib import Path

import pytest

from tests.contract import client, node
from tests.process import serving

DOCUMENT = "backend/docs/openapi.json"


@pytest.fixture(scope="module")
def front_end(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the front end with its client: another process may be making the client at the same time."""
    node.install()
    folder = tmp_path_factory.mktemp("client")
    copy = folder / "frontend"
    shutil.copytree(node.FRONTEND, copy, ignore=shutil.ignore_patterns(node.MODULES.name, "generated", ".installing-*"))
    (copy / node.MODULES.name).symlink_to(node.MODULES)
    (folder / DOCUMENT).parent.mkdir(parents=True)
    shutil.copy(node.FRONTEND.parent / DOCUMENT, folder / DOCUMENT)
    client.generate(copy)
    return copy


def test_generated_client_talks_to_the_server(database_url: str, front_end: Path) -> None:
    with serving(database_url) as port:
        goal = node.run("smoke.ts", f"http://127.0.0.1:{port}", front_end=front_end)
    assert goal["title"] == "Typed"
    assert goal["status"] == "active"
