"""What the tests of the agents' own files can ask for."""

from pathlib import Path

import pytest

from tests import checkout


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project for tests that put every edit back."""
    return checkout.make(tmp_path_factory.mktemp("agents") / "project")
