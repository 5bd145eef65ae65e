"""A removal is written whole or not at all, and the chain of migrations stays one."""

from pathlib import Path

import pytest

from parts import manifest, page, removal, revisions
from parts.draft import Draft, PartsError
from parts.manifest import Edits, Part

ROOT = Path(__file__).resolve().parents[3]
REVISION = '"""R.\n\nRevision ID: {0}\nRevises: {1}\n"""\n\nrevision: str = "{0}"\ndown_revision: str | None = "{1}"\n'
BELOW = "backend/migrations/versions"


def part(name: str, needs: tuple[str, ...] = ()) -> Part:
    return Part(name, name, needs, (), (), Edits({}, ()), {})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a chain of three migrations and a file to edit."""
    (tmp_path / BELOW).mkdir(parents=True)
    for number in (2, 3, 4):
        text = REVISION.format(f"000{number}", f"000{number - 1}")
        (tmp_path / BELOW / f"{number}.py").write_text(text, "utf-8")
    (tmp_path / "shared.txt").write_text("one\ntwo\n", "utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/own.txt").write_text("own\n", "utf-8")
    return tmp_path


def test_chain_is_relinked_past_every_revision_that_goes(project: Path) -> None:
    draft = Draft(project)
    revisions.leave_out(draft, ["3.py", "2.py"])
    assert draft.read(f"{BELOW}/4.py") == REVISION.format("0004", "0001")
    assert not draft.exists(f"{BELOW}/3.py")


def test_first_revision_goes_and_the_next_is_the_root(project: Path) -> None:
    root = f"{BELOW}/2.py"
    (project / root).write_text((project / root).read_text("utf-8").replace('= "0001"', "= None"), "utf-8")
    draft = Draft(project)
    revisions.leave_out(draft, ["2.py"])
    assert "down_revision: str | None = None\n" in draft.read(f"{BELOW}/3.py")
    assert "\nRevises:\n" in draft.read(f"{BELOW}/3.py")


def test_nothing_is_written_when_one_edit_does_not_fit(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    going = Part("x", "x", (), ["folder/own.txt"], (), Edits({"lines": {"shared.txt": ["one", "three"]}}, ()), {})
    with pytest.raises(PartsError, match=r"shared\.txt: expected exactly once, found 0 times: 'three'"):
        removal.apply(Draft(project), going)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_draft_writes_deletes_and_undoes(project: Path) -> None:
    draft = Draft(project)
    draft.set("shared.txt", "new\n")
    draft.delete("folder/own.txt")
    draft.set("deep/er.txt", "added\n")
    assert draft.changes() == {"deep/er.txt": "add", "folder/own.txt": "delete", "shared.txt": "edit"}
    draft.write()
    assert (project / "shared.txt").read_text("utf-8") == "new\n"
    assert not (project / "folder").exists()
    draft.undo()
    assert (project / "folder/own.txt").read_text("utf-8") == "own\n"
    assert (project / "shared.txt").read_text("utf-8") == "one\ntwo\n"
    assert not (project / "deep").exists()


def test_failing_write_puts_everything_back(project: Path) -> None:
    draft = Draft(project)
    draft.set("folder/own.txt", "new\n")
    draft.set("shared.txt/impossible", "a file is no folder\n")
    with pytest.raises(OSError, match="shared"):
        draft.write()
    assert (project / "folder/own.txt").read_text("utf-8") == "own\n"


def test_edits_beside_others_are_made_while_all_of_them_are_there(project: Path) -> None:
    (project / "tools/parts/manifests").mkdir(parents=True)
    (project / "tools/parts/manifests/a.toml").write_text("", "utf-8")
    beside = {
        ("a",): Edits({"lines": {"shared.txt": ["one"]}}, ()),
        ("a", "b"): Edits({"lines": {"shared.txt": ["two"]}}, ()),
    }
    draft = Draft(project)
    removal.apply(draft, Part("x", "x", (), (), (), Edits({}, ()), beside))
    assert draft.read("shared.txt") == "two\n"


def test_dependants_go_first() -> None:
    parts = {one.name: one for one in (part("c", ("b",)), part("b", ("a",)), part("d"), part("a"))}
    assert [one.name for one in manifest.with_dependants(["a"], parts)] == ["c", "b", "a"]
    assert [one.name for one in manifest.with_dependants(["d"], parts)] == ["d"]
    with pytest.raises(PartsError, match=r"There is no part x\. Parts: c, b, d, a\."):
        manifest.with_dependants(["x"], parts)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('summary = "x"\ndeletes = []', "bad.toml: unknown key deletes"),
        ("needs = []", "bad.toml: summary is missing"),
        ('summary = "x"\nneeds = ["y"]', "bad.toml: names y, which is no part"),
        ('summary = "x"\n[with."bad and y"]', "bad.toml: names y, which is no part"),
        ('summary = "x"\n[[replace.f]]\nfind = "x"', "bad.toml: an entry of replace has find and replace"),
    ],
)
def test_bad_manifest_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "bad.toml").write_text(text, "utf-8")
    with pytest.raises(PartsError, match=complaint):
        manifest.read_all(tmp_path)


@pytest.mark.parametrize("name", list(manifest.read_all()))
def test_every_part_fits_the_repository(name: str) -> None:
    draft = Draft(ROOT)
    removal.remove(draft, manifest.with_dependants([name], manifest.read_all()))
    assert draft.changes()


def test_page_is_generated() -> None:
    written = (ROOT / page.FILE).read_text("utf-8")
    assert written == page.rendered(manifest.read_all().values()), "run `make parts-docs`"
