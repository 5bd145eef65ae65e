"""The issuer's keys: rotated, odd, slow, broken or gone."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.harness import Served
from tests.integration.test_identity import sign_in
from tests.issuer import Issuer


@pytest.fixture
async def client(oidc_app: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with oidc_app.client() as client:
        yield client


async def statuses(client: httpx2.AsyncClient, *tokens: str) -> list[int]:
    return [answer.status_code for answer in await asyncio.gather(*(sign_in(client, token) for token in tokens))]


async def test_keys_are_fetched_once(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    assert await statuses(client, *[issuer.token()] * 20) == [200] * 20
    assert issuer.requests == 1


async def test_new_key_is_fetched_at_once(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    assert await statuses(client, issuer.token()) == [200]
    issuer.add_key("second")
    assert await statuses(client, issuer.token(signed_with="second")) == [200]
    assert issuer.requests == 2


async def test_withdrawn_key_is_forgotten_within_an_hour(
    oidc_app: Served, client: httpx2.AsyncClient, issuer: Issuer
) -> None:
    oidc_app.clock.advance()
    assert await statuses(client, issuer.token()) == [200]
    issuer.published.clear()
    issuer.add_key("second")
    oidc_app.clock.advance(minutes=59)
    assert await statuses(client, issuer.token()) == [200]
    oidc_app.clock.advance(minutes=2)
    assert await statuses(client, issuer.token(exp=2**40)) == [401]


async def test_invented_key_ids_cause_few_fetches(oidc_app: Served, client: httpx2.AsyncClient, issuer: Issuer) -> None:
    oidc_app.clock.advance()
    for number in range(30):
        assert await statuses(client, issuer.token(header={"kid": f"invented-{number}"})) == [401]
    assert issuer.requests == 10
    assert await statuses(client, issuer.token()) == [200]
    issuer.add_key("second")
    oidc_app.clock.advance(seconds=61)
    assert await statuses(client, issuer.token(signed_with="second")) == [200]


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512"])
async def test_token_that_cannot_pass_causes_no_fetch(
    client: httpx2.AsyncClient, issuer: Issuer, algorithm: str
) -> None:
    body = issuer.token().partition(".")[2]
    head = {"none": "eyJhbGciOiJub25lIn0", "HS256": "eyJhbGciOiJIUzI1NiJ9", "RS512": "eyJhbGciOiJSUzUxMiJ9"}[algorithm]
    assert await statuses(client, f"{head}.{body}") == [401]
    assert issuer.requests == 0


ODD_KEYS: list[Any] = [
    {},
    7,
    None,
    {"kty": "AKP", "kid": "post-quantum", "alg": "ML-DSA-44", "pub": "AAAA"},
    {"kty": "OKP", "crv": "Ed25519", "kid": "edwards", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kty": "oct", "kid": "first", "k": "c2VjcmV0"},
    {"kty": "RSA", "kid": "no-modulus", "e": "AQAB"},
    {"kty": "RSA", "kid": "bad-modulus", "n": "!", "e": "AQAB"},
    {"kty": "EC", "kid": "bad-curve", "crv": "P-1", "x": "AA", "y": "AA"},
    {"kty": 7, "kid": "odd-kind"},
    {"kty": ["RSA"], "kid": "odd-list"},
]


@pytest.mark.parametrize("odd", ODD_KEYS, ids=str)
async def test_odd_key_does_not_spoil_the_set(client: httpx2.AsyncClient, issuer: Issuer, odd: Any) -> None:
    issuer.published.insert(0, odd)
    assert await statuses(client, issuer.token()) == [200]


async def test_encryption_key_signs_nothing(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    issuer.add_key("encryption", publish=False)
    issuer.published.append(issuer.public("encryption", use="enc"))
    assert await statuses(client, issuer.token(signed_with="encryption")) == [401]


def slow(issuer: Issuer) -> None:
    issuer.delay_seconds = 3600


def dripping(issuer: Issuer) -> None:
    issuer.drip = True


def failing(issuer: Issuer) -> None:
    issuer.status = 500


def redirecting(issuer: Issuer) -> None:
    issuer.status = 302


def broken(issuer: Issuer) -> None:
    issuer.body = '{"keys": ['


def without_keys(issuer: Issuer) -> None:
    issuer.body = '{"keys": []}'


def of_another_shape(issuer: Issuer) -> None:
    issuer.body = '["keys"]'


def down(issuer: Issuer) -> None:
    issuer.down = True


TROUBLES = (failing, redirecting, broken, without_keys, of_another_shape, down)
troubled = pytest.mark.parametrize(
    ("trouble", "patience_seconds"), [(slow, 1), (dripping, 1), *((trouble, 10) for trouble in TROUBLES)]
)


@troubled
async def test_issuer_in_trouble_is_503_for_everyone_at_once(
    client: httpx2.AsyncClient, issuer: Issuer, trouble: Any
) -> None:
    trouble(issuer)
    answers = await asyncio.gather(*(sign_in(client, issuer.token()) for _ in range(20)))
    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in answers} == {
        (503, "SERVICE_UNAVAILABLE")
    }
    assert issuer.requests <= 10


@troubled
async def test_known_keys_outlive_their_issuers_trouble(
    oidc_app: Served, client: httpx2.AsyncClient, issuer: Issuer, trouble: Any
) -> None:
    oidc_app.clock.advance()
    assert await statuses(client, issuer.token()) == [200]
    trouble(issuer)
    issuer.add_key("second")
    assert await statuses(client, issuer.token(signed_with="second")) == [503]
    oidc_app.clock.advance(hours=2)
    lasting = issuer.token(exp=2**40)
    requests = issuer.requests
    assert await statuses(client, *[lasting] * 20) == [200] * 20
    assert await statuses(client, lasting) == [200]
    assert issuer.requests - requests <= 1


async def test_issuer_that_comes_back_is_asked_again(client: httpx2.AsyncClient, issuer: Issuer) -> None:
    issuer.status = 500
    assert await statuses(client, issuer.token()) == [503]
    issuer.status = 200
    assert await statuses(client, issuer.token()) == [200]
