"""The secret of the payments webhook: given, or made for a checkout in development, and never empty."""

from pathlib import Path

import pytest

from src import config
from src.config import Settings, SettingsError, load_settings

PRODUCTION = {
    "environment": "production",
    "database_url": "postgresql://db/app",
    "jwt_private_key": "a key",
    "oidc_audience": "client",
    "cors_origins": ["https://app.example"],
}


def load(**settings: object) -> Settings:
    return load_settings(_env_file=None, **settings)


@pytest.fixture(autouse=True)
def _no_secret_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYMENTS_WEBHOOK_SECRET", raising=False)


@pytest.mark.parametrize("settings", [{}, PRODUCTION], ids=["development", "production"])
def test_empty_secret_is_refused(monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]) -> None:
    monkeypatch.setenv("PAYMENTS_WEBHOOK_SECRET", "")
    with pytest.raises(SettingsError, match="PAYMENTS_WEBHOOK_SECRET: empty"):
        load(**settings)


@pytest.mark.parametrize("secret", [{}, {"payments_webhook_secret": "x" * 31}], ids=["missing", "short"])
def test_production_refuses_a_missing_or_short_secret(secret: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="PAYMENTS_WEBHOOK_SECRET: missing or short"):
        load(**PRODUCTION, **secret)


def test_production_takes_a_secret_that_is_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENTS_WEBHOOK_SECRET", "x" * 32)
    assert load(**PRODUCTION).webhook_secret() == "x" * 32


def test_development_makes_a_secret_and_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "new" / "secret"
    monkeypatch.setattr(config, "DEVELOPMENT_WEBHOOK_SECRET", kept)
    made = load().webhook_secret()
    assert len(made) == 64
    assert load().webhook_secret() == made
    assert kept.stat().st_mode & 0o777 == 0o600


def test_other_empty_variables_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert load().port == 8000
