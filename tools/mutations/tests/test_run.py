"""The run: edits keep the layout, copies are as before, results survive an interruption, survivors are shown."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mutations import report, runner, stages
from mutations.cli import main
from mutations.mutants import Edits, Mutant, Operator
from mutations.results import Results
from mutations.selection import WHOLE, chosen_for
from mutations.source import Edit, Repository, Source, applied
from mutations.workspace import Workspace

ROOT = Path(__file__).parents[3]
CODE = '"""Grüße."""\n\nimport os\n\n\n@cache\nasync def café(x, *, y=1):\n    """Ä."""\n    return  x  # kept\n'


def upper(source: Source) -> Iterator[Edits]:
    yield [source.replace_text("x  # kept", "X  # kept")]


OPERATOR = Operator("PB999", "a name is shouted", upper, ("a.py",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small repository."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_text(CODE, "utf-8")
    (root / ".gitignore").write_text("secret\n", "utf-8")
    (root / "secret").write_text("x", "utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


@pytest.fixture
def mutant(root: Path) -> Mutant:
    """Return a mutant of its only file."""
    repository = Repository(root)
    return Mutant(OPERATOR, tuple(next(upper(repository.source("a.py")))), repository)


def test_edits_go_by_characters_and_leave_the_rest_alone(root: Path) -> None:
    source = Repository(root).source("a.py")
    function = next(node for node in source.tree.body if node is source.tree.body[2])
    edits = [
        source.before(function.body[-1], "first()"),  # pyright: ignore[reportAttributeAccessIssue] a function
        source.with_import("import ast"),
        source.replace_text("y=1", "y=2", within=function),
    ]
    expected = CODE.replace("import os", "import ast\nimport os").replace("y=1", "y=2")
    assert applied(CODE, edits) == expected.replace("    return", "    first()\n    return")
    assert applied(CODE, [source.remove(function)]) == CODE.partition("@cache")[0]
    assert source.text_of(function).startswith("@cache\nasync def café")


def test_copy_is_as_before_after_each_mutant(root: Path, tmp_path: Path) -> None:
    workspace = Workspace(root, tmp_path / "copy")
    assert not (workspace.folder / "secret").exists()
    with workspace.mutated({"a.py": "pass\n", "new.py": "pass\n"}) as folder:
        assert (folder / "a.py").read_text("utf-8") == (folder / "new.py").read_text("utf-8") == "pass\n"
        (folder / "left-by-a-test.py").touch()
    assert sorted(path.name for path in folder.iterdir()) == [".git", ".gitignore", "a.py"]
    assert (folder / "a.py").read_text("utf-8") == CODE
    assert (root / "a.py").read_text("utf-8") == CODE


def test_run_goes_on_where_it_was_interrupted(
    root: Path, tmp_path: Path, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def plumb(mutant: Mutant, folder: Path) -> str:
        asked.append((folder / mutant.path).read_text("utf-8"))
        return ""

    def interrupted(_mutant: Mutant, _folder: Path) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "STAGES", {"plumb": plumb, "tests": interrupted})
    file = tmp_path / "results.jsonl"
    with pytest.raises(KeyboardInterrupt):
        runner.run([mutant], ["plumb", "tests"], Results(file, root), jobs=2, root=root)
    monkeypatch.setattr(runner, "STAGES", {"plumb": plumb, "tests": lambda *_: "test_a.py::test_b"})
    results = Results(file, root)
    runner.run([mutant], ["plumb", "tests"], results, jobs=2, root=root)
    assert asked == [CODE.replace("x  # kept", "X  # kept")]
    assert report.table([mutant], results).splitlines()[1].split() == ["PB999", *"1000110"]
    assert list(report.survivors([mutant], results)) == [
        f"PB999 a name is shouted survived plumb\n  a.py:9\n{mutant.diff}\n"
    ]
    (root / "backend").mkdir()
    (root / "backend/b.py").write_text("", "utf-8")
    assert Results(file, root).get(mutant.id, "plumb") is None


def test_seed_draws_others_and_the_same_ones_again(capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*options: str) -> list[str]:
        assert main(["--rule", "PB405", "--each", "3", "--list", *options]) == 0
        return capsys.readouterr().out.splitlines()

    first, drawn = listed(), listed("--seed", "1")
    assert len(first) == len(drawn) == 6
    assert len({*first, *drawn}) > len(first)
    assert listed("--seed", "1") == drawn


def test_diff_shows_the_place(mutant: Mutant) -> None:
    assert mutant.diff.splitlines()[2:] == ["@@ -9 +9 @@", "-    return  x  # kept", "+    return  X  # kept"]


def test_program_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    child = f"import time, pathlib; time.sleep(2); pathlib.Path({str(tmp_path / 'late')!r}).touch()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert stages.run([sys.executable, "-c", parent], tmp_path, 1).code == -1
    time.sleep(2)
    assert not (tmp_path / "late").exists()


def test_test_that_fails_without_a_mutant_has_caught_none(tmp_path: Path) -> None:
    tests = tmp_path / "backend" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_a.py").write_text("def test_b():\n    pass\n\n\ndef test_c():\n    raise ValueError\n", "utf-8")
    stages.confirm("backend/tests/test_a.py::test_b", tmp_path)
    with pytest.raises(stages.StageError, match="fails without any mutant"):
        stages.confirm("backend/tests/test_a.py::test_c", tmp_path)


def test_new_file_is_an_edit_of_nothing(root: Path) -> None:
    mutant = Mutant(OPERATOR, (Edit("b.py", 0, 0, "pass\n"),), Repository(root))
    assert (mutant.texts, mutant.place) == ({"b.py": "pass\n"}, "b.py:1")


def test_tests_are_chosen_by_noun_and_kind() -> None:
    assert chosen_for("backend/src/services/tasks.py", ROOT) == ["backend/tests/integration/test_tasks.py"]
    chosen = chosen_for("backend/src/models/note.py", ROOT)
    assert {"backend/tests/integration/test_notes.py", "backend/tests/contract/test_models.py"} <= set(chosen)
    assert chosen_for("backend/tests/integration/test_tasks.py", ROOT) == ["backend/tests/integration/test_tasks.py"]
    assert chosen_for("backend/src/logs.py", ROOT)[0] == "backend/tests/unit/test_logs.py"
    assert chosen_for("pyproject.toml", ROOT) == WHOLE


@pytest.mark.parametrize("path", [path.relative_to(ROOT).as_posix() for path in (ROOT / "backend/src").rglob("*.py")])
def test_tests_that_are_chosen_exist(path: str) -> None:
    for chosen in chosen_for(path, ROOT):
        assert (ROOT / chosen).exists(), chosen
