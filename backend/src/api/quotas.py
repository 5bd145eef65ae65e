"""Which quota a request uses up: signing in and AI have their own, everything else under `/api/v1` shares one."""

from starlette.datastructures import Headers
from starlette.types import Scope

from src.api.client_address import client_address
from src.api.deps import Resources
from src.integrations.rate_limits import Quota, Usage

LIMITED = "/api/v1/"
AI = "/api/v1/ai/"
SIGN_IN = frozenset({"/api/v1/auth/google/callback", "/api/v1/auth/dev/login"})


async def count(scope: Scope) -> Usage | None:
    """Count a request of its user, or of its address where there is no user. None for what is free."""
    if not scope["path"].startswith(LIMITED):
        return None
    resources: Resources = scope["state"]["resources"]
    return await resources.limiter.hit(_quota(scope, resources))


def _quota(scope: Scope, resources: Resources) -> Quota:
    rules, path = resources.rules, scope["path"]
    address = client_address(scope, resources.trusted_proxies)
    if path in SIGN_IN:
        return Quota("sign-in", rules.rate_limit_sign_in_per_minute, address)
    caller = _user(scope, resources) or address
    if path.startswith(AI):
        return Quota("ai", rules.rate_limit_ai_per_minute, caller)
    return Quota("default", rules.rate_limit_default_per_minute, caller)


def _user(scope: Scope, resources: Resources) -> str | None:
    """Whose token this is; an expired one still tells, and what it may do is decided later."""
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return resources.tokens.subject(token.strip()) if scheme.lower() == "bearer" else None
