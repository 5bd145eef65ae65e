"""The signature of the payment provider."""

from datetime import UTC, datetime

import pytest

from src.errors import InvalidSignature
from src.integrations.payments import sign, verify

SECRET = "s3cret"
BODY = b'{"id": "evt_1"}'
NOW = datetime(2025, 1, 15, 9, 30, tzinfo=UTC)
INSTANT = str(int(NOW.timestamp()))
GOOD = "69bdbae376470efa6bad773fb18f22ec3f3d5ebc1b67bcf4c0f4049496ac22c9"


def check(header: str, body: bytes = BODY, *, secret: str = SECRET, at: float = NOW.timestamp()) -> None:
    verify(header, body, secret=secret, tolerance_seconds=300, now=datetime.fromtimestamp(at, UTC))


def signature(body: bytes = BODY, *, secret: str = SECRET, signed_at: str = INSTANT) -> str:
    return sign(body, secret=secret, signed_at=signed_at)


def test_signature_is_the_hmac_of_instant_dot_body() -> None:
    """The expected value was computed by another program: `openssl dgst -sha256 -hmac s3cret`."""
    assert signature() == GOOD


def test_good_signature_passes() -> None:
    check(f"t={INSTANT},v1={signature()}")
    check(f"v1={signature().upper()} , t={INSTANT}")


def test_one_good_signature_among_several_is_enough() -> None:
    check(f"t={INSTANT},v1={signature(secret='old')},v0=x,v1={signature()}")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"t={INSTANT}",
        f"v1={signature()}",
        f"t=,v1={signature()}",
        f"t={INSTANT},v1=",
        f"t={INSTANT},v1={signature()[:-1]}",
        f"t={INSTANT},v1=\u00e9{signature()[1:]}",
        f"t={INSTANT},v0={signature()}",
        f"t={INSTANT},t={INSTANT},v1={signature()}",
        f"t=-{INSTANT},v1={signature(signed_at='-' + INSTANT)}",
        f"t={INSTANT}.0,v1={signature(signed_at=INSTANT + '.0')}",
        f"t=\u0661,v1={signature(signed_at=chr(0x661))}",
        f"t={'9' * 5000},v1={signature(signed_at='9' * 5000)}",
        f"t={int(INSTANT) + 1},v1={signature()}",
    ],
)
def test_malformed_or_wrong_header_is_refused(header: str) -> None:
    with pytest.raises(InvalidSignature):
        check(header)


def test_every_byte_of_the_body_counts() -> None:
    with pytest.raises(InvalidSignature):
        check(f"t={INSTANT},v1={signature()}", BODY + b"\n")


def test_another_secret_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        check(f"t={INSTANT},v1={signature()}", secret="other")


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_signature_within_the_tolerance_passes(seconds: int) -> None:
    check(f"t={INSTANT},v1={signature()}", at=NOW.timestamp() + seconds)


@pytest.mark.parametrize("seconds", [-300.5, 300.5])
def test_signature_too_old_or_too_far_ahead_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidSignature):
        check(f"t={INSTANT},v1={signature()}", at=NOW.timestamp() + seconds)
