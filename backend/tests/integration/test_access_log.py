"""One line in the log for each request, with nothing secret in it."""

import logging

import httpx2
import pytest

from tests.harness import Served


async def test_each_request_is_one_line(ada: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="access"):
        await ada.get("/api/v1/goals?limit=1")
        await ada.get("/nothing")
    lines = [record for record in caplog.records if record.name == "access"]
    noted = [vars(record)["fields"] for record in lines]
    assert [(line["method"], line["path"], line["status"]) for line in noted] == [
        ("GET", "/api/v1/goals", 200),
        ("GET", "/nothing", 404),
    ]
    assert all(line["duration_ms"] > 0 for line in noted)


async def test_secrets_are_not_logged(app: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client = await app.sign_in("ada")
        await client.get("/api/v1/goals?access_token=query-secret")
        await client.post("/api/v1/auth/refresh", json={"refresh_token": "body-secret"})
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx2"))
    assert "secret" not in ours
    assert client.headers["Authorization"].removeprefix("Bearer ") not in ours


async def test_line_break_in_a_path_cannot_forge_a_line(
    ada: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="access"):
        await ada.get("/a%0AINFO forged")
    assert "GET /a%0AINFO%20forged 404" in caplog.text


async def test_cause_of_a_500_is_logged_once(
    app: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("src.services.goals.search", None)
    client = await app.sign_in("ada")
    with caplog.at_level(logging.INFO):
        assert (await client.get("/api/v1/goals")).status_code == 500
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "'NoneType' object is not callable" in logging.Formatter().format(record)
