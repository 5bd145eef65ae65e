"""The PostgreSQL of development: started where it is asked for and nobody else serves it, and its data is kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests import development, postgres
from tests.servers import free_port, scratch


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder in which the data is kept."""
    with scratch("kept-") as name:
        monkeypatch.setattr(development, "within_reach", lambda _: Path(name))
        yield Path(name)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("postgresql+asyncpg://postgres@127.0.0.1:5432/app", True),
        ("postgresql+asyncpg://postgres@localhost/app", True),
        ("postgresql+asyncpg://postgres:secret@127.0.0.1/app", False),
        ("postgresql+asyncpg://app@127.0.0.1/app", False),
        ("postgresql+asyncpg://postgres@db.example/app", False),
        ("sqlite+aiosqlite:///./app.db", False),
    ],
)
def test_only_a_server_without_a_secret_on_this_machine_is_started(url: str, ours: bool) -> None:  # noqa: FBT001
    assert development.is_ours(make_url(url)) is ours


def test_data_is_kept_from_one_run_to_the_next(folder: Path) -> None:
    url = make_url(f"postgresql://postgres@127.0.0.1:{free_port()}/my-app")
    assert not development.listening(url)
    with development.kept(url):
        assert development.listening(url)
        asyncio.run(postgres.execute(url.render_as_string(), "CREATE TABLE kept (n int)"))
    assert not development.listening(url)
    with development.kept(url):
        asyncio.run(postgres.execute(url.render_as_string(), "DROP TABLE kept"))
    assert (folder / "data").is_dir()
