"""The payment provider's signature: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<raw body>">`."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from src.errors import InvalidSignature

SCHEME = "v1"
MAX_DIGITS = 12


def verify(header: str, body: bytes, *, secret: str, tolerance_seconds: int, now: datetime) -> None:
    """Raise InvalidSignature unless *header* signs *body* with *secret*, not longer ago or ahead than the tolerance.

    A provider that changes its secret signs with both meanwhile: one good signature among several is enough.
    """
    signed_at, signatures = _parse(header)
    expected = sign(body, secret=secret, signed_at=signed_at)
    if not any(hmac.compare_digest(expected.encode(), offered) for offered in signatures):
        raise InvalidSignature
    if abs(now.timestamp() - int(signed_at)) > tolerance_seconds:
        raise InvalidSignature


def sign(body: bytes, *, secret: str, signed_at: str) -> str:
    """The signature of *body*, in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), b"%b.%b" % (signed_at.encode(), body), sha256).hexdigest()


def _parse(header: str) -> tuple[str, Sequence[bytes]]:
    """The one instant and every signature; what other schemes have put beside them is passed over."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    instants = [value for key, _, value in pairs if key == "t"]
    signatures = [value.lower().encode() for key, _, value in pairs if key == SCHEME]
    if len(instants) != 1 or not signatures:
        raise InvalidSignature
    signed_at = instants[0]
    if not (signed_at.isascii() and signed_at.isdecimal() and len(signed_at) <= MAX_DIGITS):
        raise InvalidSignature
    return signed_at, signatures
