"""A package leaves the lock with what was there for its sake alone."""

from pathlib import Path

from scaffold import lock

LOCK = """# made by a command
alone==1 \\
    --hash=sha256:00
    # via tool
both==2 ; sys_platform == 'win32' \\
    --hash=sha256:01 \\
    --hash=sha256:02
    # via other, tool
deep==3 \\
    --hash=sha256:03
    # via alone
other==4 \\
    --hash=sha256:04
    # via app (pyproject.toml)
tool==5 \\
    --hash=sha256:05
    # via app (pyproject.toml:dev)
"""


def test_package_goes_with_what_only_it_needs() -> None:
    left = lock.without(LOCK, "tool")
    assert [line.partition("==")[0] for line in left.splitlines() if "==" in line.split(" ")[0]] == ["both", "other"]
    assert "    --hash=sha256:02\n    # via other\nother==4" in left


def test_lock_of_the_repository_loses_copier() -> None:
    text = (Path(__file__).resolve().parents[3] / "requirements-dev.txt").read_text("utf-8")
    left = lock.without(text, "copier")
    assert "copier" not in left
    assert "\nquestionary==" not in left
    assert "\npydantic==" in left
