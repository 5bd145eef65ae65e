"""PB601 and PB602 against pylint and ruff, over every ordered pair of a set of exceptions."""

import json
import subprocess
import sys
from itertools import product
from pathlib import Path

from plumb import testing

PROJECT = """
class AppError(Exception): ...
class NotFound(AppError, LookupError): ...
class TaskNotFound(NotFound): ...
"""
NAMES = [
    *("BaseException", "Exception", "OSError", "IOError", "ConnectionError", "TimeoutError", "ValueError"),
    *(
        "UnicodeDecodeError",
        "LookupError",
        "KeyError",
        "AppError",
        "NotFound",
        "TaskNotFound",
        "(KeyError, ValueError)",
    ),
]


def every_pair() -> str:
    """A try statement for each ordered pair; those of one name twice included."""
    tries = [
        f"try:\n    run()\nexcept {one}:\n    pass\nexcept {other}:\n    pass\n" for one, other in product(NAMES, NAMES)
    ]
    return f"from operator import call as run\n{PROJECT}\n" + "".join(tries)


def test_both_tools_and_plumb_find_the_same_handlers(tmp_path: Path) -> None:
    result = testing.run(tmp_path, testing.Case("pairs", {"pairs.py": every_pair()}), "PB601", "PB602")
    found = {finding.place.line for finding in result.findings if finding.severity == "error"}
    file = tmp_path / "pairs.py"
    oracle = pylint_lines(file) | ruff_lines(file)
    assert len(oracle) > len(NAMES)
    assert found == oracle


def pylint_lines(file: Path) -> set[int]:
    enabled = ["--disable=all", "--enable=bad-except-order,duplicate-except", "--output-format=json2", "--rcfile="]
    report = json.loads(run_tool("pylint", *enabled, str(file)))
    return {message["line"] for message in report["messages"]}


def ruff_lines(file: Path) -> set[int]:
    report = json.loads(run_tool("ruff", "check", "--isolated", "--select=B025", "--output-format=json", str(file)))
    return {message["location"]["row"] for message in report}


def run_tool(name: str, *arguments: str) -> str:
    return subprocess.run([sys.executable, "-m", name, *arguments], capture_output=True, text=True, check=False).stdout
