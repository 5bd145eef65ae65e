"""`python -m migrations.lint`: what squawk and our own rules find in the revisions, each with the safe way to do it.

A revision that knows better says so: `# migrate-lint: allow RULE, because REASON`.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from migrations.lint_rules import RULES, Revision, statements
from migrations.released import Release, read

BACKEND = Path(__file__).parents[1]
VERSIONS = Path(__file__).parent / "versions"
OFFLINE = "postgresql+asyncpg://nobody@nowhere/nothing"
ALLOW = re.compile(r"# migrate-lint: allow ([\w-]+), because \w")
# Ours know more: whether rows are filled, whether the released code uses it, that env.py sets the limits.
OURS = (
    "adding-not-nullable-field",
    "ban-drop-column",
    "ban-drop-constraint",
    "ban-drop-table",
    "ban-drop-type",
    "prefer-bigint-over-int",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "renaming-column",
    "renaming-table",
    "require-lock-timeout",
    "require-statement-timeout",
)
INSTEAD = {
    "adding-required-field": "add it nullable, fill it (`rows.fill`), then `online.set_not_null` in a later revision; "
    "or give it a constant server default",
    "require-concurrent-index-creation": "`online.create_index(...)`, in a revision of its own",
    "require-concurrent-index-deletion": "`online.drop_index(...)`, in a revision of its own",
    "changing-column-type": "add a second column, write both, fill it in batches, change over, drop the first",
}
NEEDS_A_CONNECTION = (
    "it asks the database, so there is no script of it for psql",
    "say it in SQL, or use a step, which has both forms",
)


class Finding(NamedTuple):
    """One fault of one revision."""

    file: str
    rule: str
    statement: str
    fault: str
    instead: str

    def __str__(self) -> str:
        short = " ".join(self.statement.split())[:160]
        return f"{self.file}: {self.rule}: {self.fault}\n    {short}\n    instead: {self.instead}"


def lint(versions: Sequence[Path], released: Release) -> list[Finding]:
    """Lint every revision of these folders; what a revision allows itself is left out."""
    config = _config(versions)
    with tempfile.TemporaryDirectory() as folder:
        found = [*_own(config, released, Path(folder)), *_squawk(Path(folder))]
    texts = {Path(script.path).stem: Path(script.path).read_text("utf-8") for script in _scripts(config)}
    return sorted(one for one in found if one.rule not in ALLOW.findall(texts[one.file]))


def _own(config: Config, released: Release, folder: Path) -> Iterator[Finding]:
    """Apply our rules, and leave the SQL of each upgrade in *folder*."""
    for script in _scripts(config):
        path = Path(script.path)
        try:
            upgrade = _sql(command.upgrade, config, f"{script.down_revision or 'base'}:{script.revision}")
        except AttributeError as error:
            yield Finding(path.stem, "needs-a-connection", str(error), *NEEDS_A_CONNECTION)
            continue
        downgrade = _downgrade(config, script)
        (folder / f"{path.stem}.sql").write_text(upgrade, "utf-8")
        revision = Revision(path.read_text("utf-8"), statements(upgrade), statements(downgrade), released)
        for rule in RULES:
            for place in rule.find(revision):
                yield Finding(path.stem, rule.name, place, rule.fault, rule.instead)


def _squawk(folder: Path) -> Iterator[Finding]:
    squawk = shutil.which("squawk", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if squawk is None:
        raise RuntimeError("squawk is not installed: python dev.py setup")
    files = sorted(folder.glob("*.sql"))
    argv = [squawk, "--reporter", "json", "--pg-version", "14", "--exclude", ",".join(OURS), *map(str, files)]
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    if not said.stdout:  # it prints at least an empty list
        raise RuntimeError(f"squawk gave no answer: {said.stderr}")
    for one in json.loads(said.stdout):
        lines = Path(one["file"]).read_text("utf-8").splitlines()
        statement = "\n".join(lines[one["line"] : one["line_end"] + 1])
        instead = INSTEAD.get(one["rule_name"], one["help"] or "see the rule's page in squawk's documentation")
        yield Finding(Path(one["file"]).stem, one["rule_name"], statement, one["message"], instead)


def _config(versions: Sequence[Path]) -> Config:
    config = Config(BACKEND / "alembic.ini")
    config.attributes["database_url"] = OFFLINE
    config.set_main_option("version_locations", os.pathsep.join(map(str, versions)))
    return config


def _scripts(config: Config) -> list[Script]:
    return list(reversed(list(ScriptDirectory.from_config(config).walk_revisions())))


def _downgrade(config: Config, script: Script) -> str:
    """The SQL of the way back, if there is one: a rule of its own asks for it."""
    if not hasattr(script.module, "downgrade"):
        return ""
    try:
        return _sql(command.downgrade, config, f"{script.revision}:{script.down_revision or 'base'}")
    except NotImplementedError:
        return ""


def _sql(direction: Callable[..., None], config: Config, step: str) -> str:
    config.output_buffer = output = io.StringIO()
    direction(config, step, sql=True)
    return output.getvalue()


def main() -> int:
    found = lint([VERSIONS], read())
    print("\n".join(map(str, found)) or "nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
