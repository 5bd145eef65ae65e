"""The generated client compiles, and talks to the running server."""

from tests.contract import client, node
from tests.process import serving


def test_generated_client_talks_to_the_server(database_url: str) -> None:
    client.generate()
    with serving(database_url) as port:
        task = node.run("smoke.ts", f"http://127.0.0.1:{port}")
    assert task["title"] == "Typed"
    assert [subtask["title"] for subtask in task["subtasks"]] == ["Step"]
