"""Several processes find what one finds, in its order, and leave nothing behind."""

import contextlib
import io
import json
import os
from itertools import islice
from pathlib import Path

import pytest

from plumb import ahead, parsing, testing
from plumb.cli import main
from plumb.runner import Runner

FIXTURES = Path(__file__).parent / "fixtures"
OF_EACH_RULE = 6
BROKEN = {
    "broken/syntax.py": b"def broken(:\n",
    "broken/encoding.py": b"# coding: no-such-coding\nx = 1\n",
    "broken/bytes.py": b"x = '\xff'\n",
    "broken/deep.py": b"x = " + b"-" * 20_000 + b"1\n",
}


@pytest.fixture(scope="module")
def code_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Violations of every rule in one project, beside files that cannot be read."""
    root = tmp_path_factory.mktemp("code_base")
    for fixture in sorted(FIXTURES.glob("*/bad*.py")):
        cases = testing.cases(fixture.read_text(encoding="utf-8"), "example.py")
        for number, case in enumerate(islice(cases, OF_EACH_RULE)):
            home = root / f"{fixture.parent.name}_{fixture.stem}_{number}"
            testing.write(home, {path: text for path, text in case.files.items() if path.endswith(".py")})
    for path, content in BROKEN.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(content)
    (root / "pyproject.toml").write_text("[tool.plumb]\n")
    return root


@pytest.fixture(scope="module")
def alone(code_base: Path) -> str:
    """What one process finds."""
    code, output = check(code_base, 1)
    assert code == 2
    assert len({one["code"] for one in json.loads(output)}) > 30
    return output


def check(root: Path, jobs: int, *arguments: str) -> tuple[int, str]:
    """The exit code and the output of a run that knows nothing yet."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        code = main(["check", str(root), "--no-cache", "--output-format", "json", "--jobs", str(jobs), *arguments])
    return code, output.getvalue()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the processes that plumb starts: this one has children of other tests, too."""
    fork = os.fork
    processes: list[int] = []

    def counted() -> int:
        process = fork()
        processes.append(process)
        return process

    monkeypatch.setattr(os, "fork", counted)
    return processes


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_processes_find_what_one_finds(code_base: Path, alone: str, jobs: int, started: list[int]) -> None:
    assert check(code_base, jobs) == (2, alone)
    assert len(started) == jobs - 1
    assert not any(map(is_there, started))


def test_the_files_of_a_large_project_are_checked_by_others_than_read_them(
    code_base: Path, alone: str, monkeypatch: pytest.MonkeyPatch, started: list[int]
) -> None:
    monkeypatch.setattr("plumb.trees.SMALL", 0)
    assert check(code_base, 2) == (2, alone)
    assert len(started) == 2
    assert not any(map(is_there, started))


def test_the_run_itself_parses_its_share_and_what_no_process_could(
    code_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = parsing.parse
    parsed: list[str] = []

    def parse(text: str) -> parsing.Parsed:
        parsed.append(text)
        return read(text)

    monkeypatch.setattr("plumb.project.parse", parse)
    assert check(code_base, 2, "--select", "PB6")[0] == 2
    size = sum(path.stat().st_size for path in code_base.rglob("*.py"))
    assert sum(map(len, parsed)) == pytest.approx(size / 2, rel=0.1)


def test_what_a_lost_process_has_not_done_is_done_all_the_same(
    code_base: Path, alone: str, monkeypatch: pytest.MonkeyPatch, started: list[int]
) -> None:
    checked = Runner.outcome
    home = os.getpid()

    def dies_in_the_middle(runner: Runner, path: str) -> object:
        if os.getpid() != home and path.startswith("PB5"):
            os._exit(1)
        return checked(runner, path)

    monkeypatch.setattr(Runner, "outcome", dies_in_the_middle)
    assert check(code_base, 2) == (2, alone)
    assert not any(map(is_there, started))


def test_an_interrupted_run_ends_its_processes(
    code_base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], started: list[int]
) -> None:
    def interrupted(_runner: Runner, _workers: list[ahead.Worker]) -> None:
        assert all(map(is_there, started))
        raise KeyboardInterrupt

    monkeypatch.setattr("plumb.ahead._exchange", interrupted)
    assert check(code_base, 3)[0] == 130
    assert capsys.readouterr().err == "plumb: interrupted\n"
    assert len(started) == 2
    assert not any(map(is_there, started))


@pytest.mark.parametrize("given", ["0", "-1", "two"])
def test_jobs_is_a_number_from_one(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["check", "--jobs", given])
    assert f"argument --jobs: '{given}' is no number of processes" in capsys.readouterr().err
