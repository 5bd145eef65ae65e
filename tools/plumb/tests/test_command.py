"""The command as a user meets it: what it prints, what it writes and how it exits."""

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from plumb import catalog
from plumb.cli import main
from plumb.findings import Report, Severity
from plumb.project import Project
from plumb.rule import Rule

README = Path(__file__).parents[1] / "README.md"
BAD = """def run():
    try:
        return 1
    except Exception:
        return 2
    except ValueError:
        return 3
"""
GOOD = """def run():
    try:
        return 1
    except ValueError:
        return 3
    except Exception:
        return 2
"""
ROUTE = """from fastapi import FastAPI
app = FastAPI()


@app.get("/tasks")
async def tasks() -> list[int]:
    return []
"""


pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (tmp_path / "pyproject.toml").write_text("[tool.plumb]\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/bad.py").write_text(BAD)
    (tmp_path / "app/good.py").write_text(GOOD)
    return tmp_path


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    main(["check", "--output-format", "json", *arguments])
    return json.loads(capsys.readouterr().out)


def test_a_clean_file_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "app/good.py"]) == 0
    assert capsys.readouterr() == ("", "1 file checked, nothing found\n")


def test_a_finding_has_its_five_parts_as_the_readme_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1
    sample = re.search(r"```text\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert sample is not None
    assert capsys.readouterr().out == f"{sample[1]}\n"


def test_output_is_the_same_whatever_the_order_of_paths(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/again.py").write_text(BAD)
    forward = findings(capsys, "app/again.py", "app/bad.py", "app/good.py")
    backward = findings(capsys, "app/good.py", "app/bad.py", "app/again.py", "--no-cache")
    assert [one["path"] for one in forward] == ["app/again.py", "app/bad.py"]
    assert forward == backward


def test_findings_come_in_the_order_of_their_places(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twice = BAD.replace("except Exception", "except ValueError").replace("return 2", "return 2  # noqa: PB601 idle")
    (project / "app/bad.py").write_text(BAD + twice + BAD)
    assert [(one["code"], one["line"]) for one in findings(capsys)] == [
        ("PB601", 6),
        ("PB002", 12),
        ("PB602", 13),
        ("PB601", 20),
    ]


def test_a_rule_that_is_found_often_is_explained_a_few_times(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/bad.py").write_text(BAD * 6 + "import datetime\nNOW = datetime.datetime.utcnow()\n")
    main(["check"])
    text = capsys.readouterr()
    assert text.out.count("error[PB601]") == 3
    assert (
        "PB601: 3 more (plumb check --select PB601 explains each)\n  --> app/bad.py:27:12  `ValueError` is" in text.out
    )
    assert text.out.index("error[PB404]") < text.out.index("error[PB601]")
    assert text.err == "2 files checked: 7 errors (PB601 6, PB404 1)\n"
    main(["check", "--select", "PB601"])
    assert capsys.readouterr().out.count("error[PB601]") == 6


def test_errors_come_before_warnings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/a.py").write_text("import os  # noqa: PB601 idle\n")
    main(["check"])
    text = capsys.readouterr()
    assert text.out.index("error[PB601]") < text.out.index("warning[PB002]")
    assert text.err == "3 files checked: 1 error, 1 warning (PB002 1, PB601 1)\n"


def test_json_names_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = findings(capsys)
    assert finding["similar"] == {"path": "app/good.py", "line": 4, "source": "except ValueError:"}
    assert {key: finding[key] for key in ("code", "name", "severity", "path", "line", "column")} == {
        "code": "PB601",
        "name": "parent-caught-before-child",
        "severity": "error",
        "path": "app/bad.py",
        "line": 6,
        "column": 12,
    }


def test_github_annotations_escape_what_would_end_them(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--output-format", "github"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error file=app/bad.py,line=6,col=12,endLine=6,endColumn=22,title=PB601 parent-")
    assert "%0APut the clause" in line


def test_junit_counts_findings_as_failures(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--output-format", "junit"])
    suite = ET.fromstring(capsys.readouterr().out).find("testsuite")  # noqa: S314 Our own output.
    assert suite is not None
    assert suite.attrib == {"name": "plumb", "tests": "1", "failures": "1", "errors": "0"}


def test_statistics_count_by_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics"]) == 1
    assert capsys.readouterr().out == "     1  PB601  error    parent-caught-before-child\n"


def test_select_and_ignore_take_prefixes() -> None:
    assert main(["check", "--select", "PB5"]) == 0
    assert main(["check", "--select", "PB6", "--ignore", "PB601"]) == 0
    assert main(["check", "--select", "PB601", "--ignore", "PB6"]) == 1


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("selct = ['PB6']", "unknown key 'selct', did you mean 'select'?"),
        ("select = 'PB6'", "'select' in [tool.plumb] must be a list of strings"),
        ("select = ['PB6O1']", "unknown rule 'PB6O1', did you mean 'PB601'?"),
        ("severity = {PB601 = 'fatal'}", "severity of 'PB601' must be one of error, warning, off"),
        ("per-file-ignores = {'*.py' = 'PB6'}", "per-file-ignores of '*.py' must be a list of strings"),
        ("select = [", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(project: Path, capsys: pytest.CaptureFixture[str], table: str, message: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.plumb]\n{table}\n")
    assert main(["check"]) == 2
    assert message in capsys.readouterr().err


def test_settings_choose_severity_and_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = (
        "[tool.plumb]\nseverity = {PB6 = 'warning'}\nper-file-ignores = {'app/old/**' = ['PB6']}\nexclude = ['gen']\n"
    )
    (project / "pyproject.toml").write_text(table)
    for folder in ("app/old", "gen"):
        (project / folder).mkdir()
        (project / folder / "bad.py").write_text(BAD)
    assert [(one["path"], one["severity"]) for one in findings(capsys)] == [("app/bad.py", "warning")]


def test_noqa_silences_its_line_and_is_reported_where_it_is_idle(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "app/bad.py").write_text(
        BAD.replace("except ValueError:", "except ValueError:  # noqa: E722, PB601 read elsewhere").replace(
            "return 1", "return 1  # noqa: PB601 nothing here"
        )
    )
    assert [(one["code"], one["line"]) for one in findings(capsys)] == [("PB002", 3)]


def test_noqa_without_a_code_silences_nothing(project: Path) -> None:
    (project / "app/bad.py").write_text(BAD.replace("except ValueError:", "except ValueError:  # noqa"))
    assert main(["check"]) == 1


def test_noqa_in_a_string_is_text(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/bad.py").write_text(BAD.replace("return 3", 'return "# noqa: PB601 text"'))
    assert [one["code"] for one in findings(capsys)] == ["PB601"]


def test_an_unsafe_fix_is_made_only_when_asked_for(project: Path) -> None:
    main(["check", "--fix"])
    assert (project / "app/bad.py").read_text() == BAD
    assert main(["check", "--fix", "--unsafe-fixes"]) == 0
    assert (project / "app/bad.py").read_text() == GOOD


def test_diff_shows_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--diff", "--unsafe-fixes"]) == 0
    assert "+    except ValueError:\n" in capsys.readouterr().out
    assert (project / "app/bad.py").read_text() == BAD


def test_fixes_keep_line_ends_and_other_text(project: Path) -> None:
    (project / "app/bad.py").write_bytes(("# é\n" + BAD).replace("\n", "\r\n").encode())
    main(["check", "--fix", "--unsafe-fixes"])
    assert (project / "app/bad.py").read_bytes() == ("# é\n" + GOOD).replace("\n", "\r\n").encode()


def test_a_baseline_accepts_what_was_there_and_only_shrinks(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--baseline", "accepted.json", "--update-baseline"]) == 0
    (project / "app/bad.py").write_text(f"import os\n\n{BAD}")
    assert main(["check", "--baseline", "accepted.json"]) == 0
    (project / "app/new.py").write_text(BAD)
    assert main(["check", "--baseline", "accepted.json", "--update-baseline"]) == 1
    assert len(json.loads((project / "accepted.json").read_text())["findings"]) == 1
    (project / "app/new.py").unlink()
    (project / "app/bad.py").write_text(GOOD)
    capsys.readouterr()
    assert main(["check", "--baseline", "accepted.json"]) == 0
    assert "PB601 in app/bad.py no longer occurs" in capsys.readouterr().err
    main(["check", "--baseline", "accepted.json", "--update-baseline"])
    assert json.loads((project / "accepted.json").read_text())["findings"] == []


def test_diff_base_looks_only_at_changed_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "start")
    assert main(["check", "--diff-base", "HEAD"]) == 0
    (project / "app/new.py").write_text(BAD)
    assert [one["path"] for one in findings(capsys, "--diff-base", "HEAD")] == ["app/new.py"]
    assert main(["check", "--diff-base", "nowhere"]) == 2
    assert "git merge-base" in capsys.readouterr().err


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)  # noqa: S607 The git of the machine.


def test_an_unreadable_file_is_reported_and_exits_with_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/broken.py").write_text("def f(:\n")
    (project / "app/bytes.py").write_bytes(b"x = '\xff'\n")
    assert main(["check", "--select", "PB5", "--output-format", "concise"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" this file")[0] for line in lines] == [
        "app/broken.py:1:7: PB001",
        "app/bytes.py:1:1: PB001",
    ]


def test_broken_neighbours_do_not_stop_the_rest(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/broken.py").write_text("class (:\n")
    (project / "app/bad.py").write_text(f"from app.broken import Missing\n{BAD}")
    assert [one["code"] for one in findings(capsys)] == ["PB601", "PB001"]


def test_a_file_that_vanishes_is_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/gone.py").symlink_to(project / "nowhere.py")
    assert main(["check", "--output-format", "concise"]) == 2
    assert "app/gone.py:1:1: PB001 this file cannot be read: No such file" in capsys.readouterr().out


def test_a_path_that_does_not_exist_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "nowhere"]) == 2
    assert capsys.readouterr().err == "plumb: nowhere: no such file or folder\n"


def test_loops_of_links_imports_and_inheritance_end(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/loop").symlink_to(project / "app", target_is_directory=True)
    (project / "app/one.py").write_text("from app.two import *\nfrom app.two import A as B\nclass C(B): ...\n")
    (project / "app/two.py").write_text(f"from app.one import *\nfrom app.one import C as A\n{BAD}except_ = (A, C)\n")
    assert [one["path"] for one in findings(capsys)] == ["app/bad.py", "app/two.py"]


def test_a_long_file_and_deep_nesting_are_read(project: Path) -> None:
    (project / "app/bad.py").write_text("x = 1\n" * 12_000 + "y = " + "[" * 80 + "]" * 80 + "\n")
    assert main(["check"]) == 0


def test_a_file_that_nests_too_deeply_to_be_followed_is_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = "".join(f"x{number + 1} = x{number}\n" for number in range(3_000))
    (project / "app/chain.py").write_text(
        f"x0 = 1\n{chain}try:\n    pass\nexcept x3000:\n    pass\nexcept ValueError:\n    pass\n"
    )
    limit = sys.getrecursionlimit()
    assert main(["check", "--output-format", "concise"]) == 2
    found = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in found if "chain" in line] == [
        "PB001 this file is nested too deeply to be followed"
    ]
    assert len(found) == 2
    assert sys.getrecursionlimit() == limit


@pytest.mark.usefixtures("project")
def test_a_rule_about_the_project_that_cannot_be_decided_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(project: Project) -> list[Report]:
        return check(project)

    rule = Rule("PB999", "endless", Severity.ERROR, "Never ends.", project_check=check)
    monkeypatch.setattr(catalog, "rules", lambda: (rule,))
    assert main(["check"]) == 2
    assert capsys.readouterr().err == (
        "plumb: PB999 cannot be decided, something is nested too deeply to be followed; `--ignore PB999`\n"
    )


def test_routers_that_include_each_other_end(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app/main.py").write_text(
        "from fastapi import APIRouter, FastAPI\n\napp = FastAPI()\none = APIRouter()\ntwo = APIRouter()\n"
        "one.include_router(two)\ntwo.include_router(one)\none.include_router(one)\napp.include_router(one)\n\n\n"
        '@two.get("/x")\ndef read_x() -> dict: ...\n'
    )
    (project / "API.md").write_text("# API\n")
    assert [one["path"] for one in findings(capsys) if one["code"] == "PB101"] == ["app/main.py"]


def test_rule_explain_and_rules_say_what_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "PB601"]) == 0
    explained = capsys.readouterr().out
    assert explained.startswith("# PB601 parent-caught-before-child (error)\n")
    main(["explain", "parent-caught-before-child"])
    assert capsys.readouterr().out == explained
    main(["check", "--explain", "PB601"])
    assert capsys.readouterr().out == explained
    main(["rules"])
    assert "PB601  error    parent-caught-before-child" in capsys.readouterr().out
    assert main(["rule", "PB660"]) == 2


def test_the_working_folder_may_lie_inside_the_project(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "app")
    assert [one["path"] for one in findings(capsys)] == ["bad.py"]
    assert sorted(path.name for path in Path().iterdir()) == ["bad.py", "good.py"]


def test_a_place_that_several_routes_lead_to_is_reported_once(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "app/shown.py").write_text("def shown(visit):\n    return {'seen_at': visit.seen_at.isoformat()}\n")
    for name in ("one", "two"):
        (project / f"app/{name}.py").write_text(
            "from fastapi import APIRouter\nfrom app.shown import shown\nrouter = APIRouter()\n"
            f"@router.get('/{name}')\nasync def {name}(visit):\n    return shown(visit)\n"
        )
    assert [found["path"] for found in findings(capsys, "--select", "PB401")] == ["app/shown.py"]


def test_a_page_of_a_folder_in_which_nothing_is_checked_is_left_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        (project / name / "docs").mkdir(parents=True)
        (project / name / "docs/API.md").write_text(f"### GET /{name}\n")
        (project / name / "main.py").write_text(ROUTE)
    alone = findings(capsys, "--select", "PB102", "two")
    assert [one["path"] for one in alone] == ["two/docs/API.md"]
    both = findings(capsys, "--select", "PB102", "--no-cache")
    assert [one["path"] for one in both] == ["one/docs/API.md", "two/docs/API.md"]
