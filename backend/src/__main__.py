"""`python -m src`: serve on HOST:PORT."""

import sys

import uvicorn

from src.config import SettingsError, load_settings
from src.main import create_app


def main() -> int:
    try:
        settings = load_settings()
        settings.signing_key()
    except SettingsError as error:
        print(f"The settings are not usable:\n{error}", file=sys.stderr)
        return 2
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_config=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
