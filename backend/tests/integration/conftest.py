"""What the tests over HTTP can ask for besides the running application."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from src.api.deps import identities
from src.integrations.identity import OidcProvider
from src.integrations.jwks import IssuerKeys
from tests import issuer as issuers
from tests.harness import Served


@pytest.fixture
async def issuer() -> AsyncIterator[issuers.Issuer]:
    """Return an identity provider with one key, made for this test."""
    async with issuers.running() as running:
        yield running


@pytest.fixture
def patience_seconds() -> float:
    """Return how long the application waits for the issuer; a test of its impatience asks for less."""
    return 10


@pytest.fixture
async def oidc_app(app: Served, issuer: issuers.Issuer, patience_seconds: float) -> AsyncIterator[Served]:
    """Return the application with trust in the issuer, of which it knows no key yet."""
    async with httpx2.AsyncClient(verify=False) as client:
        keys = IssuerKeys(client, issuer.jwks_url, timeout_seconds=patience_seconds)
        provider = OidcProvider(keys, issuer=issuer.url, audience=issuers.AUDIENCE)
        app.app.dependency_overrides[identities] = lambda: provider
        yield app
        del app.app.dependency_overrides[identities]
