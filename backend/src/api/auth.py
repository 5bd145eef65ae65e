"""Signing in and out."""

from fastapi import APIRouter, Depends, Response

from src.api.deps import IdentitiesDep, Now, RulesDep, SessionDep, TokensDep
from src.errors import Conflict, InvalidIdToken, InvalidRefreshToken, responses
from src.integrations.identity import Identity
from src.schemas.base import DataResponse
from src.schemas.user import DevSignIn, GoogleSignIn, RefreshRequest, SessionRead, TokensRead
from src.services import auth


async def no_store(response: Response) -> None:
    """Tokens are for the one who asked, and not for a cache on the way: RFC 6749, section 5.1."""
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/auth", tags=["auth"], dependencies=[Depends(no_store)])
dev_router = APIRouter(prefix="/auth/dev", tags=["auth"], dependencies=[Depends(no_store)])
"""Included in development and test only: elsewhere the route does not exist."""


@router.post("/google/callback", responses=responses(InvalidIdToken, Conflict))
async def sign_in_with_google(
    session: SessionDep, tokens: TokensDep, identities: IdentitiesDep, rules: RulesDep, now: Now, data: GoogleSignIn
) -> DataResponse[SessionRead]:
    """Sign in with an ID token of the identity provider. The first sign-in makes the account."""
    identity = await identities.verify(data.id_token, now)
    return DataResponse[SessionRead].of(await auth.sign_in(session, tokens, identity, rules=rules, now=now))


@dev_router.post("/login")
async def sign_in_for_development(
    session: SessionDep, tokens: TokensDep, rules: RulesDep, now: Now, data: DevSignIn
) -> DataResponse[SessionRead]:
    """Sign in as anyone, without a password. Exists in development and test only."""
    identity = Identity(None, data.email, data.name or data.email.partition("@")[0][:100], None)
    return DataResponse[SessionRead].of(await auth.sign_in(session, tokens, identity, rules=rules, now=now))


@router.post("/refresh", responses=responses(InvalidRefreshToken))
async def refresh_tokens(
    session: SessionDep, tokens: TokensDep, rules: RulesDep, now: Now, data: RefreshRequest
) -> DataResponse[TokensRead]:
    """Trade a refresh token for a new pair. It works once; a second use signs the device out."""
    return DataResponse[TokensRead].of(await auth.refresh(session, tokens, data.refresh_token, rules=rules, now=now))


@router.post("/logout", status_code=204)
async def sign_out(session: SessionDep, now: Now, data: RefreshRequest) -> None:
    """Sign this device out. An unknown token is signed out already."""
    await auth.sign_out(session, data.refresh_token, now=now)
