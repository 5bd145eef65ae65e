"""Signing in and out, before anybody is signed in; health and keys."""

from typing import Any

import httpx2

from tests.contract.recording import Recorder
from tests.harness import Served

BODIES: dict[str, Any] = {
    "POST /api/v1/auth/google/callback": {"id_token": "eyJhbGciOi..."},
    "POST /api/v1/auth/dev/login": {"email": "ada@example.com"},
    "POST /api/v1/auth/refresh": {"refresh_token": "unknown"},
    "POST /api/v1/auth/logout": {"refresh_token": "unknown"},
}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del ada
    anonymous = app.client()
    for path in ("//health/live", "//health/ready", "//.well-known/jwks.json"):
        await record(anonymous, "GET", path)
    for token in ("grace", "plain"):
        await record(anonymous, "POST", "/auth/google/callback", json={"id_token": token})
    await record(anonymous, "POST", "/auth/google/callback", json={"id_token": "forged"})
    await record(anonymous, "POST", "/auth/google/callback", json={"id_token": "impostor"})
    made = await record(anonymous, "POST", "/auth/dev/login", json={"email": "eve@example.com"})
    spent = {"refresh_token": made["data"]["refresh_token"]}
    await record(anonymous, "POST", "/auth/refresh", json=spent)
    await record(anonymous, "POST", "/auth/refresh", json=spent)
    await record(anonymous, "POST", "/auth/logout", json=spent)
    await anonymous.aclose()
