"""`python -m src`: serve on HOST:PORT."""

import sys

import uvicorn

from src import logs
from src.config import SettingsError, load_settings
from src.main import create_app


def main() -> int:
    try:
        settings = load_settings()
        settings.signing_key()
    except SettingsError as error:
        print(f"The settings are not usable:\n{error}", file=sys.stderr)
        return 2
    logs.configure(structured=not settings.development)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        server_header=False,
        # uvicorn would believe any forwarded address that comes from this machine.
        proxy_headers=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
