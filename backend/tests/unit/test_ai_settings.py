"""An AI that cannot work does not start."""

from typing import Any

import pytest

from src.config import SettingsError, load_settings

REMOTE = {"ai_provider": "openai", "ai_base_url": "https://ai.example/v1", "ai_model": "small", "ai_api_key": "key"}


def test_complete_settings_are_accepted() -> None:
    assert load_settings(_env_file=None, **REMOTE).ai_provider == "openai"
    assert load_settings(_env_file=None).ai_provider == "offline"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({**REMOTE, "ai_base_url": ""}, "AI_BASE_URL: missing"),
        ({**REMOTE, "ai_base_url": "ai.example"}, "AI_BASE_URL"),
        ({**REMOTE, "ai_model": ""}, "AI_MODEL: missing"),
        ({"ai_provider": "crystal-ball"}, "AI_PROVIDER"),
        ({"ai_timeout_seconds": 121}, "AI_TIMEOUT_SECONDS"),
        ({"ai_timeout_seconds": 30, "reservation_ttl_seconds": 30}, "AI_TIMEOUT_SECONDS: not below"),
        ({**REMOTE, "environment": "production", "ai_api_key": ""}, "AI_API_KEY: missing"),
    ],
)
def test_what_is_missing_or_wrong_is_named(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(_env_file=None, **settings)
