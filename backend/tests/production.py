"""Settings with which production starts."""

from functools import cache
from typing import Any

from src.tokens import generate_signing_key


@cache
def signing_key() -> str:
    return generate_signing_key()


def production(**changes: str) -> dict[str, Any]:
    """Return everything that production asks for, by the names of the settings."""
    return {
        "environment": "production",
        "database_url": "postgres://app:secret@db.example/app",
        "jwt_private_key": signing_key(),
        "oidc_audience": "client-id",
        "payments_webhook_secret": "a-secret-of-more-than-32-characters",
        "cors_origins": "https://app.example",
        **changes,
    }
