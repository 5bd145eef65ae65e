"""The application: what it is made of, in the order a request meets it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from alembic.script import ScriptDirectory
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.middleware import Middleware

from src.api import errors, health, keys, prometheus, quotas
from src.api.deps import Resources
from src.api.openapi import trimmed
from src.api.router import api_router
from src.config import AIKind, Settings, load_settings
from src.db import Database
from src.integrations.ai import AIProvider
from src.integrations.ai_offline import OfflineAI
from src.integrations.ai_openai import OpenAICompatible
from src.integrations.identity import OidcProvider
from src.integrations.jwks import IssuerKeys
from src.integrations.prometheus import Metrics
from src.integrations.rate_limits import RateLimiter
from src.middleware.access_log import AccessLog
from src.middleware.body_limit import BodyLimit
from src.middleware.catch_errors import CatchErrors
from src.middleware.cors import Cors
from src.middleware.head import HeadAsGet
from src.middleware.rate_limit import RateLimit
from src.middleware.request_id import RequestId
from src.middleware.request_metrics import RequestMetrics
from src.tokens import AccessTokens

VERSION = "0.1.0"
MAX_BODY_BYTES = 2**20
MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
EXPOSED_HEADERS = (
    "X-Request-ID",
    "Idempotency-Replayed",
    "Retry-After",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """A new application. Everything with a lifetime is made in its lifespan, so two applications share nothing."""
    settings = settings or load_settings()
    metrics, paths = Metrics(), dict[object, str]()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        async with _resources(settings, metrics) as resources:
            yield {"resources": resources}

    app = FastAPI(
        title="Perpetua API",
        version=VERSION,
        lifespan=lifespan,
        middleware=_middleware(settings, metrics, paths),
        exception_handlers=errors.HANDLERS,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
    )
    errors.refuse_others(app.exception_handlers)
    app.include_router(health.router)
    app.include_router(keys.router)
    if settings.metrics_enabled:
        app.include_router(prometheus.router)
    app.include_router(api_router(development=settings.development))
    paths |= {route.endpoint: route.path or "" for route in iter_route_contexts(app.routes)}
    derive = app.openapi
    app.openapi = lambda: app.openapi_schema or trimmed(derive())
    return app


@asynccontextmanager
async def _resources(settings: Settings, metrics: Metrics) -> AsyncGenerator[Resources]:
    tokens = AccessTokens(
        settings.signing_key(),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        ttl_seconds=settings.access_token_ttl_seconds,
    )
    database = Database(
        settings.database_url,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_max_overflow,
        pool_timeout=settings.database_pool_timeout_seconds,
    )
    metrics.watch(database.engine, limit=settings.database_pool_size + settings.database_max_overflow)
    limiter = RateLimiter(settings.rate_limit_storage_url)
    async with httpx2.AsyncClient(timeout=settings.oidc_timeout_seconds) as client:
        keys = IssuerKeys(client, settings.oidc_jwks_url, timeout_seconds=settings.oidc_timeout_seconds)
        identities = OidcProvider(keys, issuer=settings.oidc_issuer, audience=settings.oidc_audience)
        ai = _ai(settings, client)
        revisions = frozenset(ScriptDirectory(MIGRATIONS).get_heads())
        try:
            yield Resources(
                database,
                settings,
                tokens,
                identities,
                revisions,
                settings.webhook_secret(),
                limiter,
                ai,
                metrics,
                trusted_proxies=settings.trusted_proxies,
            )
        finally:
            await limiter.close()
            await database.dispose()


def _ai(settings: Settings, client: httpx2.AsyncClient) -> AIProvider:
    if settings.ai_provider is AIKind.OFFLINE:
        return OfflineAI()
    return OpenAICompatible(
        client,
        base_url=settings.ai_base_url,
        api_key=settings.ai_api_key.get_secret_value(),
        model=settings.ai_model,
        timeout_seconds=settings.ai_timeout_seconds,
    )


def _middleware(settings: Settings, metrics: Metrics, paths: Mapping[object, str]) -> list[Middleware]:
    """Outermost first. CORS is outside everything that can fail, so that a browser can read every failure."""
    return [
        Middleware(RequestId),
        Middleware(AccessLog),
        Middleware(
            Cors,
            render=errors.render,
            allow_origins=settings.cors_origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            expose_headers=EXPOSED_HEADERS,
        ),
        Middleware(HeadAsGet),
        *([Middleware(RequestMetrics, metrics=metrics, paths=paths)] if settings.metrics_enabled else []),
        Middleware(CatchErrors, render=errors.render),
        *([Middleware(RateLimit, count=quotas.count)] if settings.rate_limit_enabled else []),
        Middleware(BodyLimit, max_bytes=MAX_BODY_BYTES),
    ]


def _operation_id(route: APIRoute) -> str:
    """The function's name: stable, readable, and the method name of generated clients."""
    return route.name
