"""The generated client compiles, and talks to the running server."""

from tests.contract import client, node
from tests.process import serving


def test_generated_client_talks_to_the_server(database_url: str) -> None:
    client.generate()
    with serving(database_url) as port:
        goal = node.run("smoke.ts", f"http://127.0.0.1:{port}")
    assert goal["title"] == "Typed"
    assert goal["status"] == "active"
