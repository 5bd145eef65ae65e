"""`docs/openapi.json`: the document that generated clients are made from."""

import json
from functools import cache
from pathlib import Path

from src.config import load_settings
from src.main import create_app
from tests.contract.facts import Document

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"


@cache
def current() -> Document:
    """Return the OpenAPI document of the application in development, which serves every route there is."""
    return create_app(load_settings(_env_file=None, environment="development")).openapi()


def dumped(document: Document) -> str:
    """Return the document as the file holds it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
