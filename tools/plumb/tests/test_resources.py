"""`plumb new resource`: what it writes is the exemplar with other fields, and what it refuses leaves no trace."""

import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plumb.cli import main
from plumb.resources import layout, own_files, shared_files, writing
from plumb.resources.command import HELP
from plumb.resources.field import Context, Field
from plumb.resources.kinds import KINDS
from plumb.resources.layout import EXEMPLAR
from plumb.resources.own_files import Wanted
from plumb.resources.project import BELOW, REVISION, Project
from plumb.resources.wish import Wish, read

ROOT = Path(__file__).parents[3]
PARTS = ("backend/src", "backend/tests", "backend/migrations/versions", "backend/docs", "frontend/schemas.ts")
EVERY_KIND = (
    "title:str client:str short:str(5)? body:text body_two:text(9)? whole:int whole_two:int? amount:Decimal"
    " amount_two:Decimal(5,0)? flag:bool flag_two:bool? day:date day_two:date? seen_at:datetime seen_two_at:datetime?"
    " mood:enum(good,bad) mood_two:enum(up,on_hold)? key:uuid key_two:uuid? customer:ref(user) aim:ref(goal)"
    " aim_two:ref(goal)?"
)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git repository that holds what the command reads of this project."""
    root = tmp_path_factory.mktemp("project")
    names = git(ROOT, "ls-files", "-co", "--exclude-standard", "--", "pyproject.toml", *PARTS).splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes((ROOT / name).read_bytes())
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    git(root, *identity, "commit", "--quiet", "--message=start")
    return root


@pytest.fixture
def project(checkout: Path) -> Iterator[Path]:
    """Return the checkout, as it was before the test."""
    yield checkout
    git(checkout, "reset", "--hard", "--quiet")
    git(checkout, "clean", "-ffdx", "--quiet")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S607
    return done.stdout


def new(project: Path, name: str, fields: str, *more: str) -> int:
    return main(["new", "resource", name, "--fields", fields, "--project", str(project), *more])


def wanted(name: str, fields: str) -> Wanted:
    wish = Wish(name, fields, plural=None, root=ROOT, dry_run=True, allow_dirty=True)
    return read(wish, datetime(2025, 1, 15, 9, 30))  # noqa: DTZ001 - the time of day of whoever types


def exemplar() -> Wanted:
    """The exemplar as it would be asked for: title:str status:enum(active,reached,dropped) due_at:datetime?."""

    def field(name: str, kind: str, *arguments: str, nullable: bool = False) -> Field:
        return KINDS[kind](Context(name, EXEMPLAR, nullable, {}), *arguments)

    found = Project(ROOT)
    migration = found.read(found.migration)
    revision, below = REVISION.search(migration), BELOW.search(migration)
    assert revision is not None
    assert below is not None
    fields = [
        field("title", "str"),
        field("status", "enum", "active", "reached", "dropped"),
        field("due_at", "datetime", nullable=True),
    ]
    return Wanted(found, EXEMPLAR, fields, revision["name"], below["name"], Path(found.migration).name)


@pytest.fixture(scope="module")
def again() -> dict[str, str]:
    """Return what the command writes when it is asked for the exemplar."""
    return writing.laid_out(ROOT, own_files.texts(exemplar()))


OWN = [*(path.format(**EXEMPLAR.forms()) for path in layout.OWN), Project(ROOT).migration]


@pytest.mark.parametrize("path", OWN)
def test_exemplar_is_written_again_byte_for_byte(again: dict[str, str], path: str) -> None:
    assert again.keys() == set(OWN)
    assert again[path] == (ROOT / path).read_text("utf-8")


def test_section_of_the_exemplar_is_written_again_but_for_what_is_generated() -> None:
    page = (ROOT / layout.PAGE).read_text("utf-8")
    section = shared_files.section(page, exemplar())
    begin = page.index("## Goals\n")
    assert section == shared_files.GENERATED.sub(r"\1\n\3", page[begin : page.index("\n## ", begin) + 1])


@pytest.mark.parametrize(
    ("part", "count"),
    [
        (r"^export const GoalStatus = .*\n", 1),
        (r"^export const Goal = z\.strictObject\(\{\n(?:  .*\n)*\}\);\n", 1),
        (r'^  "[A-Z]+ /api/v1/goals.*\n', 5),
    ],
    ids=["enum", "schema", "answers"],
)
def test_front_end_gets_the_exemplar_a_second_time(part: str, count: int) -> None:
    text = (ROOT / layout.FRONT_END).read_text("utf-8")
    once = re.findall(part, text, re.MULTILINE)
    twice = re.findall(part, shared_files.front_end(text, exemplar()), re.MULTILINE)
    assert len(once) == count
    assert twice == once * 2


def test_every_kind_of_field_is_laid_out_and_linted() -> None:
    everything = wanted("parcel", EVERY_KIND)
    texts = writing.laid_out(ROOT, own_files.texts(everything) | shared_files.texts(everything))
    for path, text in texts.items():
        if path.endswith(".py"):
            assert lint(path, text) == ""


def test_longest_names_still_fit_their_lines() -> None:
    longest = wanted("extraordinarily_long_name_abc", "name:str")
    texts = writing.laid_out(ROOT, own_files.texts(longest))
    faults = [lint(path, text) for path, text in texts.items()]
    assert faults == [""] * len(texts)


def lint(path: str, text: str) -> str:
    argv = [writing.binary(ROOT, "ruff"), "check", "--quiet", f"--stdin-filename={path}", "-"]
    return subprocess.run(argv, input=text, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def test_noun_of_two_words_has_the_form_of_each_place() -> None:
    texts = own_files.texts(wanted("order_line", "name:str"))
    assert '"""Order lines: each belongs to the user who made it."""' in texts["backend/src/models/order_line.py"]
    assert "class OrderLine(VersionedRecord, table=True):" in texts["backend/src/models/order_line.py"]
    routes = texts["backend/src/api/order_lines.py"]
    assert 'APIRouter(prefix="/order-lines", tags=["order_lines"]' in routes
    assert '"""Create an order line."""' in routes
    assert "from src.services import order_lines" in routes


def test_help_names_every_type() -> None:
    assert [kind for kind in KINDS if f"\n  {kind}" not in HELP] == []


REFUSED: dict[str, tuple[str, str, list[str], str]] = {
    "upper case": ("Invoice", "name:str", [], "resource `Invoice`: a name is lower case"),
    "plural for one": ("invoices", "name:str", [], "resource `invoices` looks like a plural: name one of them"),
    "its own plural": ("sheep", "name:str", [], "resource `sheep` is its own plural"),
    "plural that is reserved": (
        "value",
        "name:str",
        [],
        "its plural `values` is reserved in SQL: give another with --plural",
    ),
    "plural that is the singular": ("fox", "name:str", ["--plural", "fox"], "resource `fox` is its own plural"),
    "keyword": ("class", "name:str", [], "resource `class` is a keyword of Python: choose another"),
    "builtin": ("object", "name:str", [], "resource `object` is a builtin of Python"),
    "existing resource": ("goal", "name:str", [], "resource `goal` exists already: its model is src.models.goal"),
    "existing table": ("aim", "name:str", ["--plural", "goals"], "there is a table goals already, of `goal`"),
    "existing class": ("user_tier", "name:str", [], "there is a class or schema UserTier already"),
    "name of the kernel": ("page", "name:str", [], "`page` is a name that the code of a resource uses itself"),
    "no fields": ("invoice", " ", [], "there are no fields: give at least one"),
    "no type": ("invoice", "number", [], '"number" is no field: write name:type'),
    "unknown type": ("invoice", "number:string", [], "field `number`: there is no type `string`. Did you mean `str`?"),
    "type in another case": ("invoice", "total:decimal", [], "field `total`: there is no type `decimal`. Did you mean"),
    "field in upper case": ("invoice", "Number:str", [], "field `Number`: a name is lower case"),
    "field that is a keyword": ("invoice", "class:str", [], "field `class`: `class` is a keyword of Python"),
    "field that SQL reserves": ("invoice", "order:int", [], "field `order`: `order` is reserved in SQL"),
    "field that every resource has": (
        "invoice",
        "version:int",
        [],
        "field `version`: `version` is a column that every",
    ),
    "reference that every resource has": ("invoice", "user:ref(user) a:str", [], "field `user`: `user_id` is a column"),
    "field of Pydantic": ("invoice", "model_name:str", [], "field `model_name`: `model_name` is taken by Pydantic"),
    "field of the kernel": ("invoice", "limit:int", [], "field `limit`: `limit` is reserved in SQL"),
    "field that hides a builtin": ("invoice", "str:str", [], "field `str`: `str` hides a builtin"),
    "field that hides a schema": ("invoice", "input:str", [], "field `input`: its type Input would hide a name"),
    "two of a type": ("parcel", "parcel_kind:str kind:enum(a,b)", [], "two fields need a type ParcelKind: rename"),
    "two of a name": ("invoice", "number:str number:int", [], "field `number`: there are two of that name"),
    "column twice": ("invoice", "aim:ref(goal) aim_id:uuid", [], "field `aim_id`: there are two of that name"),
    "label empty": ("invoice", "status:enum(draft,)", [], "field `status`: the enum label `` is empty"),
    "label in upper case": ("invoice", "status:enum(Draft,sent)", [], "field `status`: the enum label `Draft` is"),
    "label twice": ("invoice", "status:enum(a,b,a)", [], "field `status`: the enum label `a` is there twice"),
    "one label": ("invoice", "status:enum(draft)", [], "field `status`: an enum has at least two labels"),
    "existing enum": ("user", "tier:enum(a,b)", ["--plural", "folk"], "resource `user` exists already"),
    "enum of a schema": (
        "invoice",
        "read:enum(a,b)",
        [],
        "field `read`: there is an enum or class InvoiceRead already",
    ),
    "reference to itself": ("category", "parent:ref(category)? a:str", [], "needs a guard against circles"),
    "unknown reference": ("invoice", "aim:ref(nothing) a:str", [], "there is no resource `nothing` to refer to: there"),
    "reference to nobody's": ("invoice", "a:str b:ref(subtask)", [], "field `b`: a row of subtasks has no `user_id`"),
    "reference without a factory": (
        "invoice",
        "a:str b:ref(note)",
        [],
        "field `b`: the tests cannot make a note: write",
    ),
    "only references": (
        "invoice",
        "aim:ref(goal)",
        [],
        "every field is a reference: give the resource a field of its own",
    ),
    "too many digits": (
        "invoice",
        "total:Decimal(19,2)",
        [],
        "field `total`: `Decimal(19)`: expected a number from 1 to 18",
    ),
    "more places than digits": ("invoice", "total:Decimal(4,5)", [], "`Decimal(5)`: expected a number from 0 to 4"),
    "no length": ("invoice", "number:str(0)", [], "field `number`: `str(0)`: expected a number from 1 to 2000"),
    "brackets for nothing": ("invoice", "paid:bool(1)", [], "field `paid`: bool takes nothing in brackets: remove (1)"),
    "constraint that is cut off": (
        "extraordinarily_long_name_abc",
        "another_extraordinary_name:ref(user) a:str",
        [],
        "characters, PostgreSQL keeps 63: shorten the resource or the field",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusal_names_the_word_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    name, fields, more, says = REFUSED[case]
    assert new(project, name, fields, *more) == 2
    output = capsys.readouterr()
    assert says in output.err
    assert output.err.endswith("Nothing was written.\n")
    assert (output.out, git(project, "status", "--porcelain")) == ("", "")


def test_dirty_tree_is_refused_unless_it_is_allowed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "draft.txt").write_text("mine")
    assert new(project, "invoice", "number:str") == 2
    assert "changes that are not committed, draft.txt first" in capsys.readouterr().err
    assert git(project, "status", "--porcelain") == "?? draft.txt\n"
    assert new(project, "invoice", "number:str", "--allow-dirty") == 0
    assert (project / "backend/src/models/invoice.py").exists()


def test_project_without_git_is_refused(tmp_path: Path, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(checkout, "worktree", "prune")
    copy = tmp_path / "copy"
    git(checkout, "checkout-index", "--all", f"--prefix={copy}/")
    assert new(copy, "invoice", "number:str") == 2
    assert "is no git repository" in capsys.readouterr().err
    assert not (copy / "backend/src/models/invoice.py").exists()


def test_project_without_the_exemplar_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "backend/src/services/goals.py").unlink()
    assert new(project, "invoice", "number:str", "--allow-dirty") == 2
    assert "backend/src/services/goals.py is missing: a resource is written after" in capsys.readouterr().err


def test_folder_that_is_no_project_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(tmp_path, "invoice", "number:str") == 2
    assert "is missing: a resource is written after the exemplar `goals`" in capsys.readouterr().err


def test_second_head_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    versions = project / layout.VERSIONS
    text = (project / Project(project).migration).read_text("utf-8")
    own = REVISION.search(text)
    assert own is not None
    second = text.replace(f'revision: str = "{own["name"]}"', 'revision: str = "9000"', 1).replace('"goals"', '"aims"')
    (versions / "2030_01_01_0000_create_aims.py").write_text(second)
    assert new(project, "invoice", "number:str", "--allow-dirty") == 2
    assert f"the chain has 2 heads ({own['name']}, 9000)" in capsys.readouterr().err


def test_dry_run_shows_files_and_changes_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(project, "invoice", "number:str", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "new      backend/src/models/invoice.py (" in shown
    assert "+++ b/backend/src/api/router.py" in shown
    assert "+from src.models.invoice import Invoice" in shown
    assert git(project, "status", "--porcelain") == ""


def test_it_works_from_a_folder_below(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "backend" / "src")
    assert main(["new", "resource", "invoice", "--fields", "number:str", "--dry-run"]) == 0


def test_without_an_environment_it_says_what_is_left(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(project, "invoice", "number:str") == 0
    said = capsys.readouterr().out
    assert "wrote backend/src/models/invoice.py" in said
    assert "`python dev.py docs` makes one and finishes backend/docs" in said


def make_python(project: Path, script: str) -> None:
    """Give the project a Python that does *script*."""
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def test_documentation_that_cannot_be_refreshed_undoes_everything(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".git" / "info" / "exclude").write_text(".venv\n")
    make_python(project, "echo spoiled > docs/openapi.json; echo 'ImportError: no driver' >&2; exit 1")
    assert new(project, "invoice", "number:str") == 2
    assert "cannot refresh its documentation (`python dev.py docs`): ImportError: no driver" in capsys.readouterr().err
    assert git(project, "status", "--porcelain") == ""


def test_documentation_is_refreshed_by_the_projects_own_modules(project: Path) -> None:
    (project / ".git" / "info" / "exclude").write_text(".venv\n")
    make_python(project, "pwd >> ../.venv/seen; echo $2 >> ../.venv/seen")
    assert new(project, "invoice", "number:str") == 0
    backend = str(project / "backend")
    seen = (project / ".venv" / "seen").read_text().splitlines()
    assert seen == [backend, "tests.contract.update", backend, "tests.pages.update"]


def test_file_that_cannot_be_written_undoes_the_others(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, done = Path.replace, list[Path]()

    def full(path: Path, target: Any) -> Path:
        if len(done) == 5:
            raise OSError(28, "No space left on device")
        done.append(path)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        new(project, "invoice", "number:str")
    assert git(project, "status", "--porcelain", "--ignored") == ""
