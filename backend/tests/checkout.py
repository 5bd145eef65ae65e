"""A copy of the project as it stands, committed in a repository of its own: a test may edit it at will.

What is installed is linked, not copied: the copy is set up as soon as it is made.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".env", ".*_cache", ".hypothesis")
SET_UP = """
import dev
dev.STAMP.write_text(f"{dev.interpreter()}\\n{dev.locked()}", "utf-8")
"""


def make(folder: Path) -> Path:
    """Copy the project into *folder*, which is not there yet, and return it."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "the project")
    git(folder, "clean", "-fdXq")  # what was ignored there
    for installed in (".venv", "frontend/node_modules"):
        _link(ROOT / installed, folder / installed)
    subprocess.run([sys.executable, "-c", SET_UP], cwd=folder, check=True)
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything in *folder*."""
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", f"--message={message}")


def git(folder: Path, *arguments: str, given: str | None = None) -> None:
    """Run git in *folder*; its words are part of the error where it refuses."""
    argv = ["git", *arguments]  # wherever the reader has it
    done = subprocess.run(argv, cwd=folder, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {arguments[0]}: {done.stderr}"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which a shell finds the copy's own python and tools."""
    tools = folder / ".venv" / Path(sys.executable).parent.name
    path = os.pathsep.join([str(tools), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(folder / ".venv")}


def _link(original: Path, copy: Path) -> None:
    """Make a folder of links to what *original* holds: the copy can have files of its own beside them."""
    copy.mkdir()
    for entry in original.iterdir() if original.is_dir() else ():
        if entry.name != "set-up.stamp":
            (copy / entry.name).symlink_to(entry)
