"""Every test that asks for the application is run on every database that it can be served on."""

import re
import subprocess
import sys
from pathlib import Path

from tests.capabilities import CAPABILITIES

ROOT = Path(__file__).parents[3]


def test_whoever_asks_for_the_application_runs_on_every_database() -> None:
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "backend/tests/integration/test_head.py"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"\[(\w+)", done.stdout)) == CAPABILITIES.keys()
