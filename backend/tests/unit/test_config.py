"""Settings: a wrong or missing variable stops the start by name; production takes no risk."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from src import config
from src.config import ROOT, Settings, SettingsError, load_settings
from src.tokens import generate_signing_key, import_signing_key
from tests.production import production, signing_key
from tests.servers import BACKEND

ASSIGNMENT = re.compile(r"#([A-Z][A-Z0-9_]*)=(.*)")


def faults(**settings: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(_env_file=None, **settings)
    return str(refused.value)


WRONG: dict[str, str] = {
    "ENVIRONMENT": "staging",
    "DATABASE_URL": "mysql://localhost/app",
    "DATABASE_POOL_SIZE": "0",
    "DATABASE_MAX_OVERFLOW": "-1",
    "DATABASE_POOL_TIMEOUT_SECONDS": "0",
    "PORT": "70000",
    "CORS_ORIGINS": "https://app.example,app.example",
    "RATE_LIMIT_ENABLED": "perhaps",
    "RATE_LIMIT_STORAGE_URL": "memcached://localhost",
    "TRUSTED_PROXIES": "proxy.example",
    "JWT_PRIVATE_KEY": "/nowhere/key.pem",
    "OIDC_ISSUER": "accounts.google.com",
    "OIDC_JWKS_URL": "certs",
    "OIDC_TIMEOUT_SECONDS": "soon",
    "PAYMENTS_WEBHOOK_SECRET": "",
    "FREE_MAX_TASKS": "-1",
    "PRO_MAX_SUBTASKS": "1001",
    "ACCESS_TOKEN_TTL_SECONDS": "0",
    "FOCUS_SHARE_PERCENT": "101",
    "PRO_MAX_DESCRIPTION": "2001",
    "RATE_LIMIT_SIGN_IN_PER_MINUTE": "0",
}


def start(**variables: str) -> "subprocess.CompletedProcess[str]":
    """Start the server for real, in an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return subprocess.run(
        [sys.executable, "-m", "src"],
        env=clean | variables,
        cwd=BACKEND,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_each_wrong_variable_stops_the_start_by_name() -> None:
    found = {name: faults(**{name.lower(): value}) for name, value in WRONG.items() if name != "JWT_PRIVATE_KEY"}
    assert {name: fault.partition(":")[0] for name, fault in found.items()} == {name: name for name in found}


def test_process_stops_with_every_fault_named() -> None:
    ended = start(**WRONG)
    assert ended.returncode == 2
    named = [line.partition(":")[0] for line in ended.stderr.splitlines()[1:]]
    assert named == [name for name in NAMES if name in WRONG and name != "JWT_PRIVATE_KEY"]
    assert "Traceback" not in ended.stderr


NAMES = [name.upper() for name in Settings.model_fields]


def test_process_stops_for_a_key_that_cannot_be_used_and_does_not_show_it() -> None:
    ended = start(JWT_PRIVATE_KEY="MIIEvQIBADANBgkqhkiG9w0BAQEFAASC")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[1].startswith("JWT_PRIVATE_KEY: ")
    assert "MIIE" not in ended.stderr


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"database_url": "sqlite+aiosqlite:///./app.db"}, "DATABASE_URL"),
        ({"jwt_private_key": ""}, "JWT_PRIVATE_KEY"),
        ({"cors_origins": "https://app.example,*"}, "CORS_ORIGINS"),
        ({"oidc_audience": ""}, "OIDC_AUDIENCE"),
        ({"payments_webhook_secret": "short"}, "PAYMENTS_WEBHOOK_SECRET"),
    ],
    ids=str,
)
def test_production_refuses_what_only_development_may_have(change: dict[str, str], named: str) -> None:
    assert load_settings(_env_file=None, **production())
    assert faults(**production(**change)).startswith(named)


def test_bare_production_names_everything_that_is_missing() -> None:
    ended = start(ENVIRONMENT="production")
    assert ended.returncode == 2
    for name in ("DATABASE_URL", "JWT_PRIVATE_KEY", "OIDC_AUDIENCE", "PAYMENTS_WEBHOOK_SECRET"):
        assert name in ended.stderr


def test_file_is_not_read_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9999\n")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    assert load_settings().port == 9999
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert load_settings(**production()).port == 8000


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p%40ss@h:1/n", "postgresql+asyncpg://u:p%40ss@h:1/n"),
        ("postgresql://u@h/n", "postgresql+asyncpg://u@h/n"),
        ("postgresql+asyncpg://u@h/n", "postgresql+asyncpg://u@h/n"),
        ("postgres://u@h/n?sslmode=require", "postgresql+asyncpg://u@h/n?ssl=require"),
        ("sqlite:///./x.db", "sqlite+aiosqlite:///./x.db"),
    ],
)
def test_database_url_gets_its_driver(given: str, used: str) -> None:
    assert load_settings(_env_file=None, database_url=given).database_url == used


@pytest.mark.parametrize("url", ["", "app", "postgresql+psycopg://h/n", "postgres://h/n?channel_binding=require"])
def test_database_url_that_cannot_work_is_refused_without_its_password(url: str) -> None:
    assert faults(database_url=url.replace("://h", "://u:topsecret@h")).startswith("DATABASE_URL: ")
    assert "topsecret" not in faults(database_url=url.replace("://h", "://u:topsecret@h"))


def test_line_break_behind_a_value_is_not_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(signing_key())
    given = load_settings(_env_file=None, host="::1\n", jwt_private_key=f"{path}\r\n")
    assert (given.host, given.signing_key()) == ("::1", signing_key())


def test_secret_of_blanks_alone_is_none() -> None:
    assert faults(**production(payments_webhook_secret=" " * 40)).startswith("PAYMENTS_WEBHOOK_SECRET: empty")


@pytest.mark.parametrize("origin", ["https://app.example/", "app.example", "https://*.example", "null"])
def test_origin_that_no_browser_would_send_is_refused(origin: str) -> None:
    assert faults(cors_origins=origin).startswith("CORS_ORIGINS: ")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite:///:memory:"])
def test_database_in_memory_is_refused(url: str) -> None:
    assert "name a file" in faults(database_url=url)


@pytest.mark.parametrize("form", ["text", "one line", "path"])
def test_signing_key_is_given_as_text_or_as_a_path(tmp_path: Path, form: str) -> None:
    path = tmp_path / "key.pem"
    path.write_text(signing_key())
    given = {"text": signing_key(), "one line": signing_key().replace("\n", "\\n"), "path": str(path)}[form]
    settings = load_settings(_env_file=None, jwt_private_key=given)
    assert settings.signing_key().strip() == signing_key().strip()
    assert "PRIVATE" not in repr(settings)


def test_development_makes_its_key_once_and_keeps_it_to_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "secrets" / "key.pem"
    monkeypatch.setattr(config, "DEVELOPMENT_KEY", kept)
    settings = load_settings(_env_file=None, jwt_private_key=SecretStr(""))
    first = settings.signing_key()
    assert import_signing_key(first)[1] == "RS256"
    assert settings.signing_key() == first
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["key.pem"]


def test_slower_process_takes_the_key_of_the_faster(tmp_path: Path) -> None:
    kept = tmp_path / "key.pem"

    def slow() -> str:
        kept.write_text("the faster one's")
        return generate_signing_key()

    assert config._kept(kept, slow) == "the faster one's"


def default_of(name: str) -> str:
    """Return the default of a setting as it stands in an environment."""
    value = Settings.model_fields[name.lower()].get_default()
    if isinstance(value, SecretStr) or value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


def test_example_file_lists_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    listed = {found[1]: found[2] for line in lines if (found := ASSIGNMENT.fullmatch(line))}
    assert listed == {name: default_of(name) for name in NAMES}


def test_example_file_sets_nothing_by_itself() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
