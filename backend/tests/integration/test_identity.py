"""Signing in with ID tokens: real RS256 tokens, checked against keys that a real server publishes."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey

from tests.harness import Served, served
from tests.issuer import Issuer

Forge = Callable[[Issuer], str]


@pytest.fixture
async def client(oidc_app: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with oidc_app.client() as client:
        yield client


async def sign_in(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await client.post("/api/v1/auth/google/callback", json={"id_token": token})


async def user_of(client: httpx2.AsyncClient, token: str) -> dict[str, Any]:
    answer = await sign_in(client, token)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["user"]


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def unsigned(issuer: Issuer) -> str:
    return f"{encoded({'alg': 'none', 'kid': 'first'})}.{encoded(issuer.claims())}."


def signed_with_the_public_key(issuer: Issuer) -> str:
    """Forge a token whose HMAC secret is what everybody can read."""
    signed = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(issuer.claims())}"
    signature = hmac.digest(issuer.keys["first"].as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def signed_with_another_key(issuer: Issuer) -> str:
    issuer.add_key("other", publish=False)
    return issuer.token(signed_with="other", header={"kid": "first"})


def with_claims_of_another_token(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{encoded(issuer.claims(sub='subject-2'))}.{signature}"


def carrying_its_own_key(issuer: Issuer) -> str:
    issuer.add_key("own", publish=False)
    return issuer.token(signed_with="own", header={"kid": "first", "jwk": issuer.public("own")})


def with_an_array_as_claims(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{encoded([1])}.{signature}"


def changed(**claims: Any) -> Forge:
    return lambda issuer: issuer.token(**claims)


FORGERIES: dict[str, Forge] = {
    "unsigned": unsigned,
    "signed with the public key": signed_with_the_public_key,
    "signed with another key": signed_with_another_key,
    "claims of another token": with_claims_of_another_token,
    "carries its own key": carrying_its_own_key,
    "claims are an array": with_an_array_as_claims,
    "wrong audience": changed(aud="another-client"),
    "wrong audiences": changed(aud=["one", "two"]),
    "no audience": changed(aud=None),
    "wrong issuer": changed(iss="https://evil.example"),
    "no issuer": changed(iss=None),
    "expired": changed(exp=int(time.time()) - 60),
    "no expiry": changed(exp=None),
    "expiry is text": changed(exp="tomorrow"),
    "not yet valid": changed(nbf=int(time.time()) + 600),
    "issued in the future": changed(iat=int(time.time()) + 600),
    "unverified address": changed(email_verified=False),
    "verification is text": changed(email_verified="true"),
    "no verification": changed(email_verified=None),
    "no address": changed(email=None),
    "no address at all": changed(email="ada"),
    "address is a list": changed(email=["ada@example.com"]),
    "no subject": changed(sub=None),
    "empty subject": changed(sub=""),
    "subject is a number": changed(sub=7),
    "subject with NUL": changed(sub="a\0b"),
    "subject too long": changed(sub="s" * 256),
    "garbage": lambda _: "garbage",
    "three dots": lambda _: "...",
    "not ASCII": lambda _: "é.é.é",
    "header is an array": lambda _: f"{encoded([1])}.{encoded({})}.x",
    "key id is a number": lambda issuer: f"{encoded({'alg': 'RS256', 'kid': 7})}.{encoded(issuer.claims())}.x",
    "huge": lambda _: "a" * 16_384,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_forged_token_is_401(client: httpx2.AsyncClient, issuer: Issuer, forge: Forge) -> None:
    answer = await sign_in(client, forge(issuer))
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"]["code"] == "INVALID_ID_TOKEN"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_token_beyond_the_size_limit_is_422(client: httpx2.AsyncClient) -> None:
    assert (await sign_in(client, "a" * 16_385)).status_code == 422


async def test_first_sign_in_takes_over_the_profile(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    user = await user_of(client, issuer.token())
    assert user["email"] == "ada@example.com"
    assert user["name"] == "Ada Lovelace"
    assert user["avatar_url"] == "https://pictures.example/ada.png"
    assert user["tier"] == "free"
    assert user["timezone"] == "UTC"


async def test_profile_claims_are_made_fit_for_the_database(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    user = await user_of(client, issuer.token(name=" A\0da " + "x" * 200, picture=["no", "text"]))
    assert user["name"] == "Ada " + "x" * 96
    assert user["avatar_url"] is None
    nameless = await user_of(client, issuer.token(sub="subject-2", email="eve@example.com", name=None))
    assert nameless["name"] == "eve"


@pytest.mark.parametrize("form", ["https://", ""])
async def test_issuer_may_sign_with_either_form_of_its_name(
    client: httpx2.AsyncClient, issuer: Issuer, form: str
) -> None:
    assert await user_of(client, issuer.token(iss=form + issuer.url.removeprefix("https://")))


async def test_one_of_several_audiences_is_enough(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    assert await user_of(client, issuer.token(aud=["another-client", "test-client"]))


async def test_elliptic_key_is_accepted(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    issuer.add_key("curve", kind=ECKey)
    assert await user_of(client, issuer.token(signed_with="curve"))


async def test_second_sign_in_follows_the_issuer_but_keeps_the_name(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    first = await user_of(client, issuer.token())
    second = await user_of(client, issuer.token(email="ada@new.example", name="Another", picture=None))
    assert second["id"] == first["id"]
    assert (second["email"], second["name"], second["avatar_url"]) == ("ada@new.example", "Ada Lovelace", None)


async def test_address_of_another_account_opens_nothing(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    await user_of(client, issuer.token())
    answer = await sign_in(client, issuer.token(sub="subject-2"))
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "CONFLICT"


async def test_account_keeps_its_address_where_the_new_one_is_taken(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    ada = await user_of(client, issuer.token())
    await user_of(client, issuer.token(sub="subject-2", email="eve@example.com"))
    again = await user_of(client, issuer.token(email="eve@example.com"))
    assert (again["id"], again["email"]) == (ada["id"], "ada@example.com")


async def test_development_account_is_claimed_by_its_address(
    oidc_app: Served, client: httpx2.AsyncClient, issuer: Issuer
) -> None:
    developer = await oidc_app.sign_in("ada")
    made = (await developer.get("/api/v1/users/me")).json()["data"]
    claimed = await user_of(client, issuer.token())
    assert claimed["id"] == made["id"]
    assert claimed["avatar_url"] == "https://pictures.example/ada.png"
    assert (await sign_in(client, issuer.token(sub="subject-2"))).status_code == 409
    developer = await oidc_app.sign_in("ada")
    assert (await developer.get("/api/v1/users/me")).json()["data"] == claimed


async def test_twenty_first_sign_ins_at_once_make_one_user(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    users = await asyncio.gather(*(user_of(client, issuer.token()) for _ in range(20)))
    assert len({user["id"] for user in users}) == 1


async def test_twenty_subjects_that_claim_one_account_at_once_get_it_once(
    oidc_app: Served, client: httpx2.AsyncClient, issuer: Issuer
) -> None:
    await oidc_app.sign_in("ada")
    # With keys and connections at hand, no request is ahead of the others.
    await asyncio.gather(*(sign_in(client, issuer.token(sub=f"{n}", email=f"{n}@example.com")) for n in range(20)))
    answers = await asyncio.gather(*(sign_in(client, issuer.token(sub=f"subject-{n}")) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19


async def test_settings_name_the_issuer(database_url: str, issuer: Issuer) -> None:
    settings: dict[str, Any] = {
        "oidc_issuer": issuer.url,
        "oidc_audience": "test-client",
        "oidc_jwks_url": issuer.jwks_url,
    }
    async with served(database_url, **settings) as app, app.client() as client:
        assert await user_of(client, issuer.token())
        await app.empty()


async def test_without_an_audience_the_sign_in_is_switched_off(database_url: str, issuer: Issuer) -> None:
    async with served(database_url, oidc_audience="", oidc_jwks_url=issuer.jwks_url) as app, app.client() as client:
        answer = await sign_in(client, issuer.token())
        assert answer.status_code == 401
        assert "OIDC_AUDIENCE" in answer.json()["error"]["message"]
