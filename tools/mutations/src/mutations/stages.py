"""What may catch a mutant: plumb, the gates that need no tests, the tests. Each says who caught it, or nothing."""

import json
import os
import re
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mutations.mutants import Mutant
from mutations.selection import WHOLE, chosen_for

CHECKED = ("backend/src", "backend/tests", "backend/migrations")
PLUMB_SECONDS = 60
GATE_SECONDS = 180
TESTS_SECONDS = 300
WHOLE_SECONDS = 1200

STARTS = """
from src.config import load_settings
from src.main import create_app
create_app(load_settings(_env_file=None, environment="test", database_url="sqlite+aiosqlite:///never-opened.db")).openapi()
"""


class Run(NamedTuple):
    """How a program ended; -1 where it was still running when its time was over."""

    code: int
    output: str


class StageError(Exception):
    """A stage could not do its work, which says nothing of the mutant."""


def plumb(mutant: Mutant, folder: Path) -> str:
    """The codes that plumb reports."""
    found = _plumb(folder)
    if mutant.operator.against_base:
        found |= _plumb(folder, "--diff-base", "HEAD")
    return " ".join(sorted(found))


def construction(mutant: Mutant, folder: Path) -> str:
    """Which gate stops the mutant: the start of the application, the types, the linter, or the chain of migrations."""
    changed = [path for path in mutant.texts if path.endswith(".py")]
    if not changed:
        return ""
    backend = folder / "backend"
    if any(path.startswith("backend/src") for path in changed):
        started = run([sys.executable, "-c", STARTS], backend, GATE_SECONDS)
        if started.code:
            return f"start: {_last_line(started.output)}"
    _tidy(changed, folder)
    if run([sys.executable, "-m", "ruff", "check", "--quiet", *changed], folder, GATE_SECONDS).code:
        return "lint"
    types = ["--pythonpath", sys.executable, *changed]
    # Its exit code is not 0 either where it misses the environment that the settings name, which is not copied.
    said = run([sys.executable, "-m", "basedpyright", *types], folder, GATE_SECONDS).output
    if re.search(r"^[1-9]\d* errors?,", said, re.MULTILINE):
        return "types"
    if run([sys.executable, "-m", "migrations.lint"], backend, GATE_SECONDS).code:
        return "revisions"
    return ""


def tests(mutant: Mutant, folder: Path) -> str:
    """The first test that fails of those that are chosen for the file; on SQLite, where the rule is not about both."""
    once = [] if mutant.operator.both_databases else ["-k", "not postgresql"]
    return _pytest(folder, [*chosen_for(mutant.path, folder), *once], TESTS_SECONDS)


def suite(mutant: Mutant, folder: Path) -> str:
    """The first test that fails of all the tests of the backend."""
    del mutant
    return _pytest(folder, WHOLE, WHOLE_SECONDS)


@cache
def confirm(test: str, folder: Path) -> None:
    """Make sure that the test which caught a mutant passes without one. Raises StageError."""
    only = [] if "::" in test else ["--collect-only"]
    if test.startswith("backend/tests/") and (Path(folder) / test.partition("::")[0]).exists():
        done = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *only, test], folder, TESTS_SECONDS)
        if done.code:
            raise StageError(f"{test} fails without any mutant, too:\n{done.output}")


def run(argv: list[str], folder: Path, seconds: float) -> Run:
    """Run a program in a process group of its own, so that what it has started ends with it."""
    settings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "VIRTUAL_ENV": sys.prefix}
    child = subprocess.Popen(
        argv, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        output, _ = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        output, _ = child.communicate()
        return Run(-1, output.decode(errors="replace"))
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
    return Run(child.returncode, output.decode(errors="replace"))


def _tidy(changed: list[str], folder: Path) -> None:
    """Lay out a mutant as its author would: that an import is out of order has caught nothing."""
    for arguments in (["check", "--fix-only", "--quiet", "--select", "I,F401,W"], ["format", "--quiet"]):
        run([sys.executable, "-m", "ruff", *arguments, *changed], folder, GATE_SECONDS)


def _plumb(folder: Path, *options: str) -> set[str]:
    done = run(
        [sys.executable, "-m", "plumb", "check", "--output-format", "json", *options, *CHECKED], folder, PLUMB_SECONDS
    )
    if done.code not in {0, 1, 2}:
        raise StageError(f"plumb ended with {done.code}:\n{done.output}")
    return {finding["code"] for finding in json.loads(done.output[done.output.index("[") :])}


def _pytest(folder: Path, chosen: list[str], seconds: float) -> str:
    options = ["-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider"]
    done = run([sys.executable, "-m", "pytest", *options, *chosen], folder, seconds)
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+\.py\b.*?)(?: - .*)?$", done.output, re.MULTILINE)
    match done.code, failed:
        case 0, _:
            return ""
        case -1, _:
            return f"no end after {seconds} s"
        case _, [first, *_]:
            return first
        case ((1 | 2 | 3 | 4), _):
            return _last_line(done.output)
        case _:
            pass
    raise StageError(f"pytest ended with {done.code}:\n{done.output}")


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["?"])[-1][:160]
