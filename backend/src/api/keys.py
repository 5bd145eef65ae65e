"""The public keys of the access tokens."""

from fastapi import APIRouter, Response

from src.api.deps import TokensDep
from src.schemas.keys import KeySet

router = APIRouter(tags=["auth"])


@router.get("/.well-known/jwks.json")
async def get_key_set(tokens: TokensDep, response: Response) -> KeySet:
    """The RFC 7517 key set with which anyone can verify an access token."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return KeySet.model_validate(tokens.key_set())
