"""Settings: typed, from environment variables (in development from `.env` too), checked before anything starts."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, IPvAnyNetwork, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from src.rules import Rules
from src.tokens import generate_signing_key, import_signing_key

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT_KEY = ROOT / ".secrets" / "jwt_private_key.pem"
DEVELOPMENT_WEBHOOK_SECRET = ROOT / ".secrets" / "payments_webhook_secret"
WEBHOOK_SECRET_MIN_LENGTH = 32
DRIVERS = {"postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
IN_MEMORY = {None, "", ":memory:"}
QUERY_PARAMETERS = {"ssl", "sslmode", "prepared_statement_cache_size"}


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class AIKind(StrEnum):
    OFFLINE = "offline"
    OPENAI = "openai"


class SettingsError(Exception):
    """Says which variables are wrong, and how; one line each."""


def _with_driver(value: str) -> str:
    """Hosts hand out `postgres://` URLs; the application needs an asynchronous driver."""
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ValueError("expected a database URL, for example postgresql+asyncpg://user:secret@host/name") from error
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    if url.drivername not in DRIVERS.values():
        raise ValueError(
            f"unknown driver {url.drivername!r}, expected one of {', '.join(sorted(set(DRIVERS.values())))}"
        )
    if url.get_backend_name() == "sqlite" and url.database in IN_MEMORY:
        raise ValueError("SQLite in memory is one connection, and so one transaction, for all: name a file")
    if unknown := set(url.query) - QUERY_PARAMETERS:
        raise ValueError(f"asyncpg knows no parameter {', '.join(sorted(unknown))}: remove it from the URL")
    if "sslmode" in url.query:  # libpq's name for what asyncpg calls ssl
        url = url.update_query_dict({"ssl": url.query["sslmode"]}).difference_update_query(["sslmode"])
    return url.render_as_string(hide_password=False)


DatabaseUrl = Annotated[str, AfterValidator(_with_driver)]
Origin = Annotated[str, Field(pattern=r"^(\*|https?://[^/\s*]+)$")]
Address = Annotated[str, Field(pattern=r"^https?://\S+$")]
RateLimitStore = Annotated[str, Field(pattern=r"^(memory://$|rediss?://.)")]


class _EmptySecrets(EnvSettingsSource):
    """Elsewhere an empty variable counts as not set. An empty secret is a mistake, which has to be seen."""

    def __call__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__call__().items() if name == "payments_webhook_secret"}


class Settings(Rules, BaseSettings):
    """One instance per process, made by `load_settings()`; the numbers of the domain are inherited from Rules."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        # What a file holds and a platform hands out as a variable ends in a line break; a secret would be another.
        str_strip_whitespace=True,
    )

    environment: Environment = Environment.DEVELOPMENT
    database_url: DatabaseUrl = "sqlite+aiosqlite:///./perpetua.db"
    database_pool_size: Annotated[int, Field(ge=1, le=200)] = 5
    database_max_overflow: Annotated[int, Field(ge=0, le=200)] = 5
    database_pool_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    cors_origins: Annotated[list[Origin], NoDecode] = ["http://localhost:3000", "http://localhost:5173"]

    metrics_enabled: bool = True
    rate_limit_enabled: bool = True
    rate_limit_storage_url: RateLimitStore = "memory://"
    trusted_proxies: Annotated[list[IPvAnyNetwork], NoDecode] = []

    jwt_private_key: SecretStr = SecretStr("")
    jwt_issuer: Annotated[str, Field(min_length=1)] = "perpetua"
    jwt_audience: Annotated[str, Field(min_length=1)] = "perpetua-api"

    ai_provider: AIKind = AIKind.OFFLINE
    ai_base_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    ai_api_key: SecretStr = SecretStr("")
    ai_model: str = ""
    ai_timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 30

    oidc_issuer: Address = "https://accounts.google.com"
    oidc_audience: str = ""
    oidc_jwks_url: Address = "https://www.googleapis.com/oauth2/v3/certs"
    oidc_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5

    payments_webhook_secret: SecretStr | None = None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return *sources, *named.values(), _EmptySecrets(settings_cls, env_ignore_empty=False)

    @field_validator("payments_webhook_secret")
    @classmethod
    def _refuse_empty(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value():
            raise ValueError("empty, so that anyone could sign; leave it out in development, give a secret elsewhere")
        return value

    @field_validator("cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Read `https://a.example,https://b.example`."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def development(self) -> bool:
        """Whether conveniences for developers exist: the development sign-in and a key that makes itself."""
        return self.environment is not Environment.PRODUCTION

    @model_validator(mode="after")
    def _refuse_what_cannot_work(self) -> Self:
        wrong = self._faults() | ({} if self.development else self._production_faults())
        faults = [fault for fault, applies in wrong.items() if applies]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> dict[str, bool]:
        remote = self.ai_provider is AIKind.OPENAI
        patient = self.ai_timeout_seconds >= self.reservation_ttl_seconds
        return {
            "AI_BASE_URL: missing, AI_PROVIDER=openai needs the address of the API": remote and not self.ai_base_url,
            "AI_MODEL: missing, AI_PROVIDER=openai needs the name of a model": remote and not self.ai_model,
            "AI_TIMEOUT_SECONDS: not below RESERVATION_TTL_SECONDS, when credits of unfinished work go back": patient,
        }

    def _production_faults(self) -> dict[str, bool]:
        keyless = self.ai_provider is AIKind.OPENAI and not self.ai_api_key.get_secret_value()
        return {
            "DATABASE_URL: SQLite is for development, give a PostgreSQL URL": self.database_url.startswith("sqlite"),
            "JWT_PRIVATE_KEY: missing, give a PEM private key or the path of one": not self._given_key(),
            "CORS_ORIGINS: '*' together with credentials lets any site act for the user": "*" in self.cors_origins,
            f"PAYMENTS_WEBHOOK_SECRET: missing or short, give at least {WEBHOOK_SECRET_MIN_LENGTH} characters": (
                len(self._given_webhook_secret()) < WEBHOOK_SECRET_MIN_LENGTH
            ),
            "OIDC_AUDIENCE: missing, give the client id that ID tokens are made for": not self.oidc_audience,
            "AI_API_KEY: missing, AI_PROVIDER=openai needs the key of the API": keyless,
        }

    def signing_key(self) -> str:
        """The PEM of the access-token key: given, read from its path, or in development made once and kept.

        Raises SettingsError for a key that cannot be used.
        """
        given = self._given_key()
        try:
            pem = given if not given or "-----BEGIN" in given else Path(given).read_text()
            if pem:
                import_signing_key(pem)
        except OSError as error:  # Its text would show the value, which may be a secret in a wrong form.
            raise SettingsError("JWT_PRIVATE_KEY: neither a PEM private key nor the path of a readable one") from error
        except ValueError as error:
            raise SettingsError(f"JWT_PRIVATE_KEY: {error}") from error
        return pem or _kept(DEVELOPMENT_KEY, generate_signing_key)

    def webhook_secret(self) -> str:
        """The secret that payment events are signed with: given, or in development made once and kept."""
        return self._given_webhook_secret() or _kept(DEVELOPMENT_WEBHOOK_SECRET, secrets.token_hex)

    def _given_webhook_secret(self) -> str:
        return self.payments_webhook_secret.get_secret_value() if self.payments_webhook_secret else ""

    def _given_key(self) -> str:
        """The key as given; a host that keeps variables on one line has its line breaks written out."""
        return self.jwt_private_key.get_secret_value().replace("\\n", "\n")


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises SettingsError, which names every wrong or missing variable."""
    if os.environ.get("ENVIRONMENT") == Environment.PRODUCTION:
        overrides = {"_env_file": None, **overrides}  # A file left behind must not decide anything there.
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(fault) for fault in error.errors())) from error


def _explain(fault: Any) -> str:
    name = str(fault["loc"][0]).upper() if fault["loc"] else ""
    message = fault["msg"].removeprefix("Value error, ")
    return f"{name}: {message}" if name else message


def _kept(path: Path, make: Callable[[], str]) -> str:
    """A secret of this checkout alone: made when it is first needed, by the first process that needs it."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(make())
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text()
