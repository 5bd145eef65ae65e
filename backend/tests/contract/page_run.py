"""Runs the examples of `docs/API.md` and says what the application really answered, made the same each time."""

import json
import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from src.integrations.identity import Identity
from tests.contract.api_md import Example, PageError
from tests.contract.people import KnownPeople
from tests.harness import Served, migrate, served

PEOPLE = KnownPeople(
    {"eyJhbGciOi...": Identity("1102", "grace@example.com", "Grace Hopper", "https://example.com/grace.png")}
)
START = datetime(2025, 1, 15, 9, 30, tzinfo=UTC)
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
SECRETS = {
    "access_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6...",
    "refresh_token": "Zk3T9Qw5...",
    "request_id": "4fd1c6f0a3b14c0e9b4f0a7d2b6c8e15",
    "kid": "VjZhSXl3...",
    "n": "w7Zd9vQk...",
}


async def run(examples: list[Example]) -> list[str]:
    """Return the answer to each example as the page shows it: status, then body."""
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder)}/examples.db"
        migrate(url)
        async with served(url, identities=PEOPLE) as app:
            app.clock.instant = START
            return [text async for text in _answers(app, examples)]


async def _answers(app: Served, examples: list[Example]) -> AsyncGenerator[str]:
    known: dict[str, str] = {}
    names: dict[str, str] = {}
    for example in examples:
        app.clock.advance(minutes=1)
        client = await app.sign_in("ada")  # A page takes longer than an access token lives.
        answer = await _send(client, example, known)
        await client.aclose()
        for name, path in example.keep.items():
            known[name] = _dig(answer.json() if answer.content else None, path, example)
        yield _shown(answer, names)


async def _send(client: httpx2.AsyncClient, example: Example, known: dict[str, str]) -> httpx2.Response:
    def filled(text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), text)

    headers = {name: filled(value) for name, value in example.headers.items()}
    if example.body:
        headers.setdefault("Content-Type", "application/json")
    return await client.request(example.method, filled(example.path), headers=headers, content=filled(example.body))


def _dig(body: Any, path: str, example: Example) -> str:
    """Return the value at *path*. Raises PageError where the answer has none, which is then the fault to mend first."""
    value = body
    try:
        for part in path.split("."):
            value = value[int(part) if part.isdigit() else part]
    except (KeyError, IndexError, TypeError) as error:
        raise PageError(f"{example.method} {example.path}: the answer has no `{path}`, it is {body}") from error
    return str(value)


def _shown(answer: httpx2.Response, names: dict[str, str]) -> str:
    if not answer.content:
        return f"\n`{answer.status_code}`, no body.\n"
    if answer.headers["Content-Type"].startswith("text/event-stream"):
        first, *others, last = answer.text.strip().split("\n\n")
        events = "\n\n".join([first, *others[:1], "...", last])
        return f"\n`{answer.status_code}`\n\n```text\n{events}\n```\n"
    body = json.dumps(_masked(answer.json()), indent=2, ensure_ascii=False)
    body = UUID.sub(lambda match: names.setdefault(match[0], _stable_id(len(names))), body)
    return f"\n`{answer.status_code}`\n\n```json\n{INSTANT.sub(_stable_instant, body)}\n```\n"


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: SECRETS.get(key) or _masked(inner) for key, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list) else value


def _stable_id(number: int) -> str:
    return f"5f0c2a7e-0000-4000-8000-{number + 1:012d}"


def _stable_instant(match: re.Match[str]) -> str:
    """Show the moments that come from the machine's own clock as the start of the page's day."""
    machine = abs(datetime.now(UTC) - datetime.fromisoformat(match[0])) < timedelta(days=1)
    return START.strftime("%Y-%m-%dT%H:%M:%SZ") if machine else match[0]
