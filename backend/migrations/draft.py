"""`python -m migrations.draft "add verified to users"`: write down what the models have and the chain has not.

It compares with a throw-away PostgreSQL database at the head of the chain, never with a developer's own: that one may
have been changed by hand, and SQLite knows no enum types. `--empty` writes one without changes, for rows.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

BACKEND = Path(__file__).parents[1]
CHECKLIST = """
{path}

Now check:
  1. Rows that exist: answer the question in the docstring. What a new column needs, fill it, or give it a default.
  2. A large table, or one in use: expand, backfill and contract are three revisions (docs/migrations.md).
  3. A rename is written as a drop and an add: say what you mean, or lose the column's values.
  4. `moves={{"...": ...}}`: say which label the rows of a label that goes are given.
  5. downgrade() brings back what was there.
Then: python dev.py migrate-lint, and python dev.py test backend/tests/integration/migrations
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python dev.py migration", description=__doc__)
    parser.add_argument("message", nargs="+", help="what changes, in a few words")
    parser.add_argument("--empty", action="store_true", help="compare nothing")
    chosen = parser.parse_args()
    with throwaway_database() as url:
        config = Config(BACKEND / "alembic.ini")
        config.attributes["database_url"] = url
        command.upgrade(config, "head")
        script = write(config, " ".join(chosen.message), empty=chosen.empty)
    if script is None:
        print("The chain makes what the models say: there is nothing to write. (--empty writes a revision for rows.)")
        return 0
    path = Path(script.path)
    path.write_text(re.sub(r"^ *# ### .*\n", "", path.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    for step in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, path], check=True)
    print(CHECKLIST.format(path=path))
    return 0


@contextmanager
def throwaway_database() -> Generator[str]:
    """Borrow a PostgreSQL from the tests' launcher, which ends when its standard input does."""
    argv = [sys.executable, "-m", "tests.postgres"]
    with subprocess.Popen(argv, cwd=BACKEND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdin
        assert launcher.stdout
        url = launcher.stdout.readline().strip()
        if not url:
            raise RuntimeError("no PostgreSQL to compare with: see the launcher's message above")
        yield url
        launcher.stdin.close()


def write(config: Config, message: str, *, empty: bool, folder: Path | None = None) -> Script | None:
    """Write the next revision; None where there is no difference to write down."""

    def drop_if_empty(_: object, __: object, directives: list[Any]) -> None:
        if directives[0].upgrade_ops.is_empty():
            directives.clear()

    numbers = [int(script.revision) for script in ScriptDirectory.from_config(config).walk_revisions()]
    options: dict[str, Any] = {} if empty else {"autogenerate": True, "process_revision_directives": drop_if_empty}
    if folder:
        options["version_path"] = str(folder)
    written = command.revision(config, message, rev_id=f"{max(numbers, default=0) + 1:04}", **options)
    return written if isinstance(written, Script) else None


if __name__ == "__main__":
    sys.exit(main())
