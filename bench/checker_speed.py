"""What `plumb check` costs beside `ast.parse` of the same files, in the same minutes and on the same machine.

    PYTHONPATH=tools/plumb/src .venv/bin/python bench/checker_speed.py [FOLDER]

Copies what plumb reads of FOLDER (default: this repository) and runs it there: cold in one process and in as many as
there are processors, then warm. Each figure is the least of three: seconds of processor time and of the clock, and both
as multiples of `ast.parse`; the clock counts on a machine that does nothing else. Memory is that of all processes,
pages that they share once; it is counted on Linux.
"""

import ast
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import plumb
from plumb.discovery import find_files

REPOSITORY = Path(__file__).parents[1]
READ = (".py", ".sql", ".md", ".toml")
RUNS = 3
SAMPLE_SECONDS = 0.05


class Cost(NamedTuple):
    """Seconds of processor time and of the clock, and the most memory at one time."""

    processor: float
    clock: float
    megabytes: float

    def row(self, name: str, parse: float) -> str:
        """A row of the table."""
        times = "   ".join(f"{spent:6.2f} s {spent / parse:5.1f}x" for spent in (self.processor, self.clock))
        return f"{name:<32}{times}   {self.megabytes:4.0f} MB"


def main() -> None:
    """Print the table."""
    source = Path(sys.argv[1] if sys.argv[1:] else REPOSITORY).resolve()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path in (path for suffix in READ for path in find_files(source, suffix)):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes((source / path).read_bytes())
        texts = {path: _text(root / path) for path in find_files(root, ".py")}
        lines = sum(text.count("\n") for text in texts.values())
        parse = min(_parse(texts) for _ in range(RUNS))
        print(f"{len(texts)} files, {lines:,} lines; ast.parse {parse:.2f} s of processor time")
        print(f"{'':<32}{'processor':^16}   {'clock':^16}")
        jobs = len(os.sched_getaffinity(0))
        print(_least(root, "--no-cache", "--jobs", "1").row("cold, one process", parse))
        print(_least(root, "--no-cache", "--jobs", str(jobs)).row(f"cold, {jobs} processes", parse))
        _run(root)
        print(_least(root).row("warm, nothing changed", parse))
        imported = _imported(texts)
        leaf = max(texts, key=lambda path: ("tests/" not in path, not imported[path], len(texts[path])))
        for name, path in (("a leaf", leaf), ("a hub", max(texts, key=imported.__getitem__))):
            for kind, added in (("body", "# edited {}"), ("declaration", "class Edited{}: ...")):
                costs = [_edited(root / path, f"\n{added.format(turn)}\n", root) for turn in range(RUNS)]
                print(min(costs).row(f"warm, {kind} of {name}", parse), path)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _parse(texts: dict[str, str]) -> float:
    began = time.process_time()
    for text in texts.values():
        with warnings.catch_warnings(action="ignore"):
            try:
                ast.parse(text)
            except (SyntaxError, ValueError):
                continue
    return time.process_time() - began


def _imported(texts: dict[str, str]) -> Counter[str]:
    """How many files name each file in an import, judged by the last part of its name."""
    words: Counter[str] = Counter()
    for text in texts.values():
        lines = re.findall(r"^\s*(?:from|import) .*", text, re.MULTILINE)
        words.update({word for line in lines for word in re.split(r"[\s.,]+", line)})
    return Counter({path: words[Path(path).stem] for path in texts})


def _edited(path: Path, added: str, root: Path) -> Cost:
    """The cost of a run after an edit that a run before has not seen."""
    before = path.read_bytes()
    path.write_bytes(before + added.encode())
    try:
        return _run(root)
    finally:
        path.write_bytes(before)
        _run(root)


def _least(root: Path, *arguments: str) -> Cost:
    return min(_run(root, *arguments) for _ in range(RUNS))


def _run(root: Path, *arguments: str) -> Cost:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(Path(plumb.__file__).parents[1])
    began = time.perf_counter()
    command = [sys.executable, "-m", "plumb", "check", "--statistics", *arguments]
    process = subprocess.Popen(  # noqa: S603 The checker itself.
        command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0.0
    before = os.times()
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        time.sleep(SAMPLE_SECONDS)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(used, time.perf_counter() - began, most)


def _memory(process: int) -> float:
    """The megabytes of a process and those it has started."""
    try:
        started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        rolled = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in (process, *started)]
    except OSError:
        return 0.0
    return sum(int(found[1]) for text in rolled if (found := re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE))) / 1024


if __name__ == "__main__":
    main()
