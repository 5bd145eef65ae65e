"""The table of handlers is whole, or the application does not start."""

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from src.api import errors
from src.config import load_settings
from src.main import create_app


@pytest.mark.parametrize("kind", [HTTPException, RequestValidationError])
def test_error_that_the_framework_would_answer_itself_stops_the_start(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(errors.HANDLERS, kind)
    with pytest.raises(TypeError, match=f"would answer .*{kind.__name__}"):
        create_app(load_settings(_env_file=None))
