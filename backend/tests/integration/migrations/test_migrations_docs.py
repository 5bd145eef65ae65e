"""The page on migrations shows code that is tested, and names files and commands that exist."""

import re

import pytest

from tests.integration.migrations.chain import FIXTURES
from tests.servers import BACKEND

ROOT = BACKEND.parent
PAGE = (ROOT / "docs" / "migrations.md").read_text("utf-8")
EXAMPLE = [path.read_text("utf-8") for path in FIXTURES.glob("example/*.py")]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_code_is_that_of_the_example(block: str) -> None:
    assert any(block in text for text in EXAMPLE)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`?((?:backend|bench)/[\w./]+\w)`?", PAGE))))
def test_path_exists(path: str) -> None:
    assert (ROOT / path.replace("/NAME.py", "")).exists()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python dev.py ([\w-]+)", PAGE))))
def test_command_exists(command: str) -> None:
    assert f"def {command.replace('-', '_')}(" in (ROOT / "dev.py").read_text("utf-8")
