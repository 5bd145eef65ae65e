"""Three resources of different shapes, written into a copy of this project, which has to be as good as it was.

`python dev.py trial` runs it, and so does CI. It is apart from the tests because it runs a part of them again.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plumb.cli import main

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
RESOURCES = {
    "invoice": "number:str amount:Decimal status:enum(draft,sent,paid) due_date:datetime? customer:ref(user)",
    "tag": "title:str(40)",
    "order_line": (
        "invoice:ref(invoice) aim:ref(goal)? position:int client:text gift:bool shipped_on:date? external:uuid"
        " rate:Decimal(5,4)? kind:enum(goods,service)?"
    ),
}
LAST = "order_line"
"""The one that finds an environment, and so refreshes the documentation of all."""
PLURALS = ("invoices", "tags", "order_lines")
CONCERNED = (
    *(f"backend/tests/{height}/test_{name}.py" for name in PLURALS for height in ("unit", "contract", "integration")),
    *(
        f"backend/tests/contract/test_{name}.py"
        for name in ("answers", "api_md", "idempotency", "models", "openapi", "routes")
    ),
    "backend/tests/integration/test_models.py",
    "backend/tests/integration/migrations/test_migrations_chain.py",
)


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with the new resources."""
    root = tmp_path_factory.mktemp("trial") / "project"
    listed = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in names:
        # The checks of the pages are slow, and no page depends on a new resource.
        if (ROOT / name).is_file() and not name.startswith("backend/tests/pages/"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes((ROOT / name).read_bytes())
    packages = ROOT / "frontend" / "node_modules"
    if packages.exists():
        (root / "frontend" / "node_modules").symlink_to(packages)
    for name, fields in RESOURCES.items():
        if name == LAST:
            (root / ".venv").symlink_to(sys.prefix)
        argv = ["new", "resource", name, "--fields", fields, "--project", str(root), "--allow-dirty"]
        assert main(argv) == 0
    return root


def run(cwd: Path, *argv: str | Path) -> None:
    """Run a command of this environment in the copy, and show what it says if it fails."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        argv, cwd=cwd, env=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def written(copy: Path) -> list[Path]:
    """Return the files that are there for a new resource alone."""
    endings = tuple(f"{name}.py" for name in (*PLURALS, *RESOURCES))
    return sorted(path for path in (copy / "backend").rglob("*.py") if path.name.endswith(endings))


def test_every_resource_has_its_ten_files(copy: Path) -> None:
    assert len(written(copy)) == 10 * len(RESOURCES)


def test_code_is_laid_out(copy: Path) -> None:
    run(copy, BIN / "ruff", "format", "--check", ".")


def test_code_is_linted(copy: Path) -> None:
    run(copy, BIN / "ruff", "check", ".")


def test_arrows_are_kept(copy: Path) -> None:
    run(copy / "backend", BIN / "lint-imports", "--config", copy / "pyproject.toml")


def test_revisions_are_safe(copy: Path) -> None:
    run(copy / "backend", sys.executable, "-m", "migrations.lint")


def test_rules_are_kept(copy: Path) -> None:
    run(copy, BIN / "plumb", "check", "backend/src", "backend/tests", "backend/migrations")


def test_types_are_right(copy: Path) -> None:
    run(copy, BIN / "basedpyright", *written(copy))


def test_their_tests_and_those_of_the_whole_are_green_on_both_databases(copy: Path) -> None:
    run(copy, sys.executable, "-m", "pytest", "-q", "-n", "2", *CONCERNED)


def test_server_answers_generated_requests(copy: Path) -> None:
    names = " or ".join(PLURALS).replace("_", "-")
    run(copy, sys.executable, "-m", "pytest", "-q", "backend/tests/contract/test_fuzz.py", "-k", names)
