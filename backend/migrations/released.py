"""What has been released: text that nobody edits any more, and the columns that running code may be using.

`python -m migrations.released` adds what is new to `released.json`; with names behind it, those are recorded again,
which is only right for what no database outside of development has run.
"""

import ast
import hashlib
import json
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlmodel import SQLModel

import src.models  # noqa: F401 fills the metadata

HERE = Path(__file__).parent
MANIFEST = HERE / "released.json"


@dataclass(frozen=True)
class Release:
    """The digests of the released revisions and of the steps they call, and the columns of the released models."""

    digests: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def uses(self, table: str, column: str | None = None) -> bool:
        """Whether released code may be reading or writing it."""
        return table in self.columns and (column is None or column in self.columns[table])

    def edited(self, folder: Path = HERE) -> list[str]:
        """The released texts that are not any more what they were."""
        present = digests(folder)
        return sorted(name for name, digest in self.digests.items() if present.get(name) != digest)

    def extended(self, again: Collection[str] = (), folder: Path = HERE) -> "Release":
        """With everything new, and what is named *again*. An edited text that is not named keeps its old digest."""
        kept = {name: digest for name, digest in self.digests.items() if not any(part in name for part in again)}
        tables = SQLModel.metadata.tables.items()
        return Release(digests(folder) | kept, {name: sorted(table.columns.keys()) for name, table in tables})


def read(path: Path = MANIFEST) -> Release:
    return Release(**json.loads(path.read_text("utf-8"))) if path.exists() else Release()


def digests(folder: Path) -> dict[str, str]:
    """A digest for each revision, and for each function that revisions call: functions may be added beside them."""
    found = {path.name: _digest(path.read_text("utf-8")) for path in folder.glob("versions/*.py")}
    for path in sorted(folder.glob("steps/*.py")):
        found |= {f"{path.name}:{name}": _digest(text) for name, text in _functions(path.read_text("utf-8"))}
    return found | {path.name: _digest(path.read_text("utf-8")) for path in folder.glob("sql/*.sql")}


def _functions(text: str) -> Iterator[tuple[str, str]]:
    """Each function without its docstring, which may be said better at any time."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            said = ast.get_docstring(node) is not None
            statements = [node.args, *node.body[said:]]
            yield node.name, "\n".join(ast.get_source_segment(text, part) or "" for part in statements)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main() -> int:
    released = read().extended(sys.argv[1:])
    MANIFEST.write_text(json.dumps(asdict(released), indent=2, sort_keys=True) + "\n", "utf-8")
    for name in released.edited():
        print(f"{name} has been released and was edited since: its old digest stays. Restore it, and add a revision.")
    return 1 if released.edited() else 0


if __name__ == "__main__":
    sys.exit(main())
