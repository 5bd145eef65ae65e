"""The programs that pages show: each runs in an empty folder, beside nothing but what its page says to copy."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from plumb import cli
from tests.contract import node
from tests.pages.lines import PageError
from tests.pages.markdown import ROOT, Block

FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
SHORT_TRACEBACK = (
    "import importlib, runpy, sys, traceback\n"
    "sys.excepthook = lambda kind, error, _: sys.stderr.write(''.join(traceback.format_exception_only(error)))\n"
    "for module in sys.argv[2:]: importlib.import_module(module)\n"
    "runpy.run_path(sys.argv[1], run_name='__main__')\n"
)
"""Ends a failed program with the lines that end its traceback; those above name the folder it ran in."""
SHORT_STACK = (
    'process.on("uncaughtException", (error) => '
    "{ console.error(`${error.name}: ${error.message}`); process.exit(1); });\n"
)
"""The same for JavaScript."""
ENDED_BY_ERROR = 1


@dataclass(frozen=True, slots=True)
class Program:
    """Files by their names, of which the last one is run: Python, or JavaScript beside the modules of the front end."""

    files: dict[str, str]
    folder: Path
    beside: tuple[str, ...]
    """The modules that were copied. Each is imported first, whether the program needs it or not."""

    def run(self) -> str:
        """What it prints. Raises PageError where it fails."""
        ended = self._ended()
        if ended.returncode:
            raise PageError(f"a program that is right fails:\n{ended.stderr}")
        return ended.stdout

    def fail(self) -> str:
        """The message that it fails with. Raises PageError where it succeeds."""
        ended = self._ended()
        if ended.returncode != ENDED_BY_ERROR:
            raise PageError(f"a program that is wrong ends with {ended.returncode}, not by an error:\n{ended.stdout}")
        return ended.stderr

    def findings(self, codes: str) -> str:
        """What plumb says of it, a line per finding."""
        options = ["--select", codes, "--output-format", "concise", "--no-cache"]
        with chdir(self.folder), redirect_stdout(io.StringIO()) as shown:
            cli.main(["check", *options, *(name for name in self.files if name.endswith(".py"))])
        return shown.getvalue()

    def _ended(self) -> subprocess.CompletedProcess[str]:
        name, text = list(self.files.items())[-1]
        if name.endswith(".js"):
            node.install()
            command, folder, given = [node.node(), "--input-type=module", "-"], node.FRONTEND, SHORT_STACK + text
        else:
            command = [sys.executable, "-W", "ignore", "-c", SHORT_TRACEBACK, name, *self.beside]
            folder, given = self.folder, ""
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            command, cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False, timeout=60
        )


def program(block: Block, folder: Path, copied: Sequence[str] = ()) -> Program:
    """Lay out a block, whose files stand behind `# file: name`, beside the files that are copied."""
    for path in copied:
        place(path, folder)
    first, *pieces = FILE.split(block.text)
    only = "main.js" if block.language == "js" else "main.py"
    files = dict(zip(pieces[::2], pieces[1::2], strict=True)) or {only: first}
    write(folder / "pyproject.toml", "")  # Makes the folder a project.
    for name, content in files.items():
        write(folder / name, content)
    return Program(files, folder, tuple(module_of(path) for path in copied if path.endswith(".py")))


def place(path: str, folder: Path) -> None:
    """Copy a file of the repository as who copies it would: `backend/src/clock.py` becomes `src/clock.py`."""
    write(folder / path.removeprefix("backend/"), (ROOT / path).read_text("utf-8"))


def module_of(path: str) -> str:
    return path.removeprefix("backend/").removesuffix(".py").replace("/", ".")


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
