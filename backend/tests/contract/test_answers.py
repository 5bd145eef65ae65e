"""Every documented answer is given, and every given one is documented and expected by the front end."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from src.integrations.identity import Identity
from tests.contract import document, node, provoke, recording, tour
from tests.contract.people import KnownPeople
from tests.contract.recording import Recorder
from tests.harness import migrate, served

DOCUMENT = document.current()
PEOPLE = {
    "grace": Identity("1102", "grace@example.com", "Grace Hopper", "https://example.com/grace.png"),
    "plain": Identity("1103", "plain@example.com", "Plain", None),
    "impostor": Identity("6666", "grace@example.com", "Not Grace", None),
    "eyJhbGciOi...": Identity("1104", "alan@example.com", "Alan", None),
}


@pytest.fixture(scope="module")
async def record(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Recorder:
    """Return what both databases answered to the tour and to the provocations."""
    recorder = Recorder(DOCUMENT)
    sqlite = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('answers')}/answers.db"
    for recorder.source, url in (("sqlite", sqlite), ("postgresql", postgres_url)):
        migrate(url)
        await visit(recorder, url)
    return recorder


async def visit(record: Recorder, url: str) -> None:
    settings: dict[str, Any] = {"identities": KnownPeople(PEOPLE), **tour.SETTINGS}
    async with served(url, **settings) as app:
        await app.empty()
        await tour.take(record, app)
        client = await app.sign_in("ada")
        await provoke.with_a_bad_request(record, app, client)
        await provoke.with_a_bad_key(record, app, client)
        await provoke.with_a_broken_application(record, app)
        await client.aclose()
        await app.empty()
    for stop in tour.APART:
        async with served(url, **stop.SETTINGS, **settings) as app:
            await stop.visit(record, app)
            await app.empty()
    await provoke.with_too_many_requests(record, url, **settings)


def test_every_documented_answer_is_given(record: Recorder) -> None:
    assert recording.unseen_answers(DOCUMENT, record.answers) == []


def test_every_given_answer_is_documented(record: Recorder) -> None:
    assert recording.undocumented_answers(DOCUMENT, record.answers) == []


def test_every_field_shows_all_that_it_can_be(record: Recorder) -> None:
    assert recording.unseen_values(DOCUMENT, record.answers) == []


def test_front_end_accepts_every_answer(record: Recorder) -> None:
    lines = "\n".join(json.dumps(asdict(answer)) for answer in record.answers)
    assert node.run("check.ts", given=lines) == []


def test_front_end_and_document_agree() -> None:
    assert node.run("drift.ts", given=json.dumps(DOCUMENT)) == []
