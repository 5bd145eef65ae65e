"""Access tokens: what is in them, who can verify them, and what is refused."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from src.errors import TokenExpired, Unauthorized
from src.schemas.enums import UserTier
from src.tokens import AccessTokens, Actor, generate_signing_key, import_signing_key

NOW = datetime(2025, 1, 31, 12, tzinfo=UTC)
USER = UUID("00000000-0000-4000-8000-000000000001")
RSA = generate_signing_key()
CURVE = ECKey.generate_key("P-256").as_pem(private=True).decode()


def tokens(key: str = RSA, **changes: Any) -> AccessTokens:
    return AccessTokens(key, **{"issuer": "issuer", "audience": "audience", "ttl_seconds": 900, **changes})


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def encoded(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (CURVE, "ES256")], ids=["RSA", "EC"])
def test_token_holds_exactly_the_documented_claims(key: str, algorithm: str) -> None:
    issuing = tokens(key)
    token = issuing.issue(USER, UserTier.PRO, NOW)
    claims = part(token, 1)
    assert UUID(claims.pop("jti"))
    instant = int(NOW.timestamp())
    assert claims == {
        "sub": str(USER),
        "tier": "pro",
        "iat": instant,
        "exp": instant + 900,
        "iss": "issuer",
        "aud": "audience",
    }
    (published,) = issuing.key_set()["keys"]
    assert part(token, 0) == {"typ": "JWT", "alg": algorithm, "kid": published["kid"]}
    assert issuing.verify(token, NOW) == Actor(USER, UserTier.PRO)


def test_each_token_has_its_own_id() -> None:
    ids = {part(tokens().issue(USER, UserTier.FREE, NOW), 1)["jti"] for _ in range(3)}
    assert len(ids) == 3


def test_published_key_verifies_a_token_without_our_code() -> None:
    issuing = tokens()
    (published,) = issuing.key_set()["keys"]
    signed, _, signature = issuing.issue(USER, UserTier.FREE, NOW).rpartition(".")

    def number(name: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(published[name] + "=="))

    public = rsa.RSAPublicNumbers(number("e"), number("n")).public_key()
    raw = base64.urlsafe_b64decode(signature + "==")
    public.verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(("key", "private"), [(RSA, "dpqi"), (CURVE, "d")], ids=["RSA", "EC"])
def test_published_key_holds_nothing_private(key: str, private: str) -> None:
    (published,) = tokens(key).key_set()["keys"]
    assert (published["use"], set(published) & set(private)) == ("sig", set())
    assert KeySet.import_key_set({"keys": [published]})


def test_key_id_is_the_same_in_every_process() -> None:
    assert tokens().key_set() == tokens().key_set()
    assert tokens().key_set() != tokens(generate_signing_key()).key_set()


def test_token_expires_at_its_second() -> None:
    token = tokens().issue(USER, UserTier.FREE, NOW)
    assert tokens().verify(token, NOW + timedelta(seconds=899)).id == USER
    with pytest.raises(TokenExpired):
        tokens().verify(token, NOW + timedelta(seconds=900))


def test_token_of_a_clock_that_runs_ahead_is_accepted() -> None:
    token = tokens().issue(USER, UserTier.FREE, NOW + timedelta(seconds=2))
    assert tokens().verify(token, NOW).id == USER


def forged(header: dict[str, Any], sign: Callable[[bytes], bytes], **changes: Any) -> str:
    claims = part(tokens().issue(USER, UserTier.FREE, NOW), 1) | changes
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{base64.urlsafe_b64encode(sign(signed.encode())).decode().rstrip('=')}"


def signed_by_us(**changes: Any) -> str:
    """Return a token that our key signed, with other claims; None leaves one out."""
    claims = part(tokens().issue(USER, UserTier.FREE, NOW), 1) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(RSA), ["RS256"])


def public_pem() -> bytes:
    return RSAKey.import_key(RSA).as_pem(private=False)


REFUSED: dict[str, str] = {
    "other key": tokens(generate_signing_key()).issue(USER, UserTier.FREE, NOW),
    "other kind of key": tokens(CURVE).issue(USER, UserTier.FREE, NOW),
    "other issuer": tokens(issuer="another").issue(USER, UserTier.FREE, NOW),
    "other audience": tokens(audience="another").issue(USER, UserTier.FREE, NOW),
    "unsigned": forged({"alg": "none"}, lambda _: b""),
    "unsigned in capitals": forged({"alg": "NONE"}, lambda _: b""),
    "signed with the public key": forged({"alg": "HS256"}, lambda text: hmac.digest(public_pem(), text, "sha256")),
    "other hash": jwt.encode({"alg": "RS512"}, {"sub": str(USER)}, RSAKey.import_key(RSA), ["RS512"]),
    "expired and forged": tokens(generate_signing_key()).issue(USER, UserTier.FREE, NOW - timedelta(days=1)),
    "no subject": signed_by_us(sub=None),
    "subject is no id": signed_by_us(sub="ada"),
    "no tier": signed_by_us(tier=None),
    "unknown tier": signed_by_us(tier="gold"),
    "no expiry": signed_by_us(exp=None),
    "expiry is text": signed_by_us(exp="never"),
    "no token id": signed_by_us(jti=None),
    "not yet valid": signed_by_us(nbf=int(NOW.timestamp()) + 60),
    "empty": "",
    "garbage": "garbage",
    "dots": "..",
    "not ASCII": "é.é.é",
    "array": f"{encoded([])}.{encoded([])}.x",
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_refused_token_is_unauthorized(token: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        tokens().verify(token, NOW)
    assert type(refused.value) is Unauthorized


@pytest.mark.parametrize("position", [0, 1, 2])
def test_changed_token_is_unauthorized(position: int) -> None:
    pieces = tokens().issue(USER, UserTier.FREE, NOW).split(".")
    middle = len(pieces[position]) // 2
    other = "A" if pieces[position][middle] != "A" else "B"
    pieces[position] = pieces[position][:middle] + other + pieces[position][middle + 1 :]
    with pytest.raises(Unauthorized):
        tokens().verify(".".join(pieces), NOW)


WEAK: dict[str, tuple[str, str]] = {
    "garbage": ("garbage", "expected a PEM private key"),
    "public": (public_pem().decode(), "got a public one"),
    "public curve": (ECKey.import_key(CURVE).as_pem(private=False).decode(), "got a public one"),
    "other curve": (ECKey.generate_key("P-384").as_pem(private=True).decode(), "P-256 is needed"),
    "other kind": (OKPKey.generate_key("Ed25519").as_pem(private=True).decode(), "expected a PEM private key"),
    "symmetric": (json.dumps(OctKey.generate_key(256).as_dict()), "expected a PEM private key"),
    "cut off": (RSA[:200], "expected a PEM private key"),
}


@pytest.mark.parametrize(("pem", "reason"), WEAK.values(), ids=WEAK)
def test_unusable_key_is_refused(pem: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        import_signing_key(pem)


def test_short_key_is_refused() -> None:
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 that is the point
    form = serialization.PrivateFormat.PKCS8
    pem = short.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    refused = pytest.raises(ValueError, match="the RSA key has 1024 bits, at least 2048 are needed")
    with pytest.warns(SecurityWarning), refused:
        import_signing_key(pem)
