"""The README's session works as it is printed: a real process, a real shell, curl."""

import re
import subprocess
from pathlib import Path

from tests.harness import migrate
from tests.process import serving

ROOT = Path(__file__).parents[3]


def session() -> str:
    """Return the shell session of the README."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return next(block for block in blocks if "API=" in block)


def test_session_of_the_readme(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/readme.db"
    migrate(url)
    with serving(url) as port:
        shell = ["sh", "-e", "-c", session().replace("127.0.0.1:8000", f"127.0.0.1:{port}")]
        shown = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    assert '"title":"Read API.md"' in shown
    assert '"title":"Try the API","description":"","priority":"high"' in shown
    assert '"subtask_count":1' in shown
    assert '"code":"UNAUTHORIZED"' in shown
