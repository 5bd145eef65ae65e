"""RFC 7517 keys, outside the envelopes as the standard asks."""

from pydantic import ConfigDict

from src.schemas.base import Schema


class Key(Schema):
    """A public key. RSA keys have `n` and `e`, EC keys `crv`, `x` and `y`."""

    model_config = ConfigDict(extra="allow")

    kty: str
    kid: str
    alg: str
    use: str


class KeySet(Schema):
    keys: list[Key]
