"""The log: one record, one line, on standard output, with the id of the request that caused it."""

import json
import logging
import sys
import time

from src.middleware.request_id import current_request_id

QUIET = {"uvicorn.access": logging.CRITICAL, "httpx2": logging.WARNING}
"""The access log says it already; the client of the outside world would write whole addresses."""


def configure(*, structured: bool) -> None:
    """Send every logger to standard output: as JSON for machines, or as plain lines for people."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if structured else PlainFormatter())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)


class PlainFormatter(logging.Formatter):
    """`2024-01-15T10:30:00.000Z INFO access [4fd1c6f0] GET /health/live 200 0.4 ms`, then the traceback if any."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = current_request_id.get()
        return super().format(record)


class JsonFormatter(PlainFormatter):
    """One JSON object in one line; a traceback is a field of it."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": current_request_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)
