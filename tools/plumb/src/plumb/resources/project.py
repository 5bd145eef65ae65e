"""The project that a resource is added to: its exemplar, its tables and names, and where its revisions end."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from plumb.resources.field import Target
from plumb.resources.layout import ENUMS, EXEMPLAR, FRONT_END, LISTS, MODEL, OWN, PAGE, SCHEMAS, VERSIONS
from plumb.resources.names import pascal, snake
from plumb.resources.refusal import Refusal

REVISION = re.compile(r'^revision: str = "(?P<name>[^"]+)"$', re.MULTILINE)
BELOW = re.compile(r'^down_revision: str \| None = (?:"(?P<name>[^"]+)"|None)$', re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """A checkout; everything is read from its files, and nothing of it is imported."""

    root: Path

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def require_exemplar(self) -> None:
        """Raise Refusal where a file is missing that the new one is derived from."""
        needed = [*(path.format(**EXEMPLAR.forms()) for path in OWN), ENUMS, *LISTS, PAGE, FRONT_END]
        missing = [path for path in needed if not (self.root / path).is_file()]
        if missing:
            raise Refusal(
                f"{missing[0]} is missing: a resource is written after the exemplar `{EXEMPLAR.plural}`."
                " Run it in the project that came with plumb (or give --project), and restore the file with git"
            )

    def exemplar(self, path: str) -> str:
        """The text of the exemplar's file of this kind."""
        return self.read(path.format(**EXEMPLAR.forms()))

    @cached_property
    def migration(self) -> str:
        """The path of the revision that makes the exemplar's table."""
        made = f'op.create_table(\n        "{EXEMPLAR.plural}"'
        found = [path for path, text in self._revisions() if made in text]
        if len(found) != 1:
            raise Refusal(
                f"{VERSIONS}: expected one revision that makes the table {EXEMPLAR.plural}, found {len(found)}"
            )
        return found[0]

    @cached_property
    def head(self) -> str:
        """The newest revision."""
        names, below = set[str](), set[str]()
        for path, text in self._revisions():
            name, down = REVISION.search(text), BELOW.search(text)
            if name is None or down is None:
                raise Refusal(f"{path}: there is no `revision` or `down_revision` in it that can be read")
            names.add(name["name"])
            below |= {down["name"]} if down["name"] else set[str]()
        heads = sorted(names - below)
        if len(heads) != 1:
            raise Refusal(f"{VERSIONS}: the chain has {len(heads)} heads ({', '.join(heads)}): make it one first")
        return heads[0]

    def next_revision(self) -> str:
        numbers = [int(name["name"]) for _, text in self._revisions() if (name := REVISION.search(text))]
        return f"{max(numbers) + 1:04}"

    @cached_property
    def targets(self) -> dict[str, Target]:
        """Every table by its noun."""
        factories = dict(self._factories())
        found: dict[str, Target] = {}
        for path in sorted((self.root / "backend/src/models").glob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef) and (table := _table(node)):
                    noun = snake(node.name)
                    owned = "user_id" in _attributes(node)
                    found[noun] = Target(noun, table, f"src.models.{path.stem}", owned, factories.get(noun))
        return found

    @cached_property
    def classes(self) -> set[str]:
        """The classes of every layer: the routes' schemas are told apart by name alone."""
        folders = ("models", "schemas")
        texts = [path for folder in folders for path in (self.root / "backend/src" / folder).glob("*.py")]
        nodes = [node for path in texts for node in ast.parse(path.read_text("utf-8")).body]
        front_end = re.findall(r"^(?:export )?const (\w+)", self.read(FRONT_END), re.MULTILINE)
        return {node.name for node in nodes if isinstance(node, ast.ClassDef)} | set(front_end)

    @cached_property
    def columns(self) -> set[str]:
        """The exemplar's own columns."""
        model = ast.parse(self.exemplar(MODEL))
        table = next(node for node in model.body if isinstance(node, ast.ClassDef) and node.name == EXEMPLAR.name)
        return _attributes(table) - {"user_id"}

    @cached_property
    def exemplar_names(self) -> set[str]:
        """Every name that the exemplar's code uses, but for those that come from its noun and its columns."""
        return {name for path in OWN for name in self._names(path)}

    @cached_property
    def schema_names(self) -> set[str]:
        """Those that its schemas use."""
        return set(self._names(SCHEMAS))

    def _names(self, path: str) -> Iterator[str]:
        own = {pascal(column) for column in self.columns}
        names = (name for node in ast.walk(ast.parse(self.exemplar(path))) for name in _names(node))
        return (name for name in names if EXEMPLAR.singular not in name.lower() and name not in own)

    def _revisions(self) -> Iterator[tuple[str, str]]:
        for path in sorted((self.root / VERSIONS).glob("*.py")):
            yield f"{VERSIONS}/{path.name}", path.read_text("utf-8")

    def _factories(self) -> Iterator[tuple[str, str]]:
        for path in sorted((self.root / "backend/tests/factories").glob("*.py")):
            for made in re.findall(r"^async def make_(\w+)\(client: ", path.read_text("utf-8"), re.MULTILINE):
                yield made, f"tests.factories.{path.stem}"


def _table(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name("__tablename__")], value=ast.Constant(str(table))):
                return table
            case _:
                pass
    return None


def _attributes(node: ast.ClassDef) -> set[str]:
    return {s.target.id for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)}


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(name) | ast.arg(name) | ast.alias(name, None) | ast.alias(_, str(name)):
            yield name
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            yield name
        case _:
            pass
