"""The files of the new resource: those of the exemplar, renamed, with the new fields in the place of its own."""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from plumb.resources import layout, lines, python, referring
from plumb.resources.field import Field
from plumb.resources.layout import EXEMPLAR
from plumb.resources.names import Noun, snake
from plumb.resources.project import Project
from plumb.resources.python import Edit
from plumb.resources.renaming import prose_of_python, rename

Line = Callable[[Field], str]
CONSTANTS = ("VALID", "CHANGES", "REQUIRED", "DEFAULTS", "FILTERS", "NULLABLE", "ACCEPTED", "REFUSED")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource that is to be written, and where the chain of revisions stands."""

    project: Project
    noun: Noun
    fields: Sequence[Field]
    revision: str
    below: str
    file_name: str
    """Of the migration."""

    def renamed(self, path: str) -> str:
        text = self.project.exemplar(path)
        return rename(text, EXEMPLAR, self.noun, prose_of_python(text))


def texts(wanted: Wanted) -> dict[str, str]:
    """The text of each new file by its path, before it is laid out."""
    special = {
        layout.MODEL: _model,
        layout.SCHEMAS: _schemas,
        layout.SERVICE: _service,
        layout.FACTORY: _factory,
        layout.INTEGRATION: _integration,
    }
    found: dict[str, str] = {}
    for path in layout.OWN:
        text = special[path](wanted) if path in special else wanted.renamed(path)
        found[path.format(**wanted.noun.forms())] = _without_empty_tests(text, wanted)
    found[f"{layout.VERSIONS}/{wanted.file_name}"] = _migration(wanted)
    return found


def _model(wanted: Wanted) -> str:
    text = _with_classes(wanted.renamed(layout.MODEL), wanted, {wanted.noun.name: lines.stored})
    return python.with_imports(text, lines.MODEL_IMPORTS | _enums(wanted))


def _schemas(wanted: Wanted) -> str:
    name = wanted.noun.name
    by_class = {
        f"{name}Create": lines.created,
        f"{name}Update": lines.updated,
        f"{name}Filter": lines.filtered,
        f"{name}Read": lines.answered,
    }
    text = wanted.renamed(layout.SCHEMAS)
    aliases = [node for node in ast.parse(text).body if snake(python.target_of(node) or "") in wanted.project.columns]
    new = "".join(lines.alias(field) for field in wanted.fields)
    # The aliases stand above the classes, so their lines are still where they were.
    text = _with_classes(text, wanted, by_class)
    text = python.apply(text, [python.run(aliases, new)])
    return python.with_imports(text, lines.SCHEMA_IMPORTS | _enums(wanted))


def _with_classes(text: str, wanted: Wanted, by_class: dict[str, Line]) -> str:
    edits: list[Edit] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name in by_class:
            old = [line for line in node.body if python.target_of(line) in wanted.project.columns]
            edits.append(python.run(old, "".join(map(by_class[node.name], wanted.fields))))
    return python.apply(text, edits)


def _service(wanted: Wanted) -> str:
    text = wanted.renamed(layout.SERVICE)
    return referring.service(text, wanted.noun, wanted.fields)


def _factory(wanted: Wanted) -> str:
    text = wanted.renamed(layout.FACTORY)
    values = lines.constants(wanted.fields)
    edits = [
        python.run([node], f"{name}: {ast.unparse(node.annotation)} = {values[name]}\n")
        for node in ast.parse(text).body
        if isinstance(node, ast.AnnAssign) and (name := python.target_of(node)) in CONSTANTS
    ]
    return referring.factory(python.apply(text, edits), wanted.noun, wanted.fields)


def _integration(wanted: Wanted) -> str:
    text = wanted.renamed(layout.INTEGRATION) + referring.tests(wanted.noun, wanted.fields)
    return referring.imports(text, wanted.fields)


def _without_empty_tests(text: str, wanted: Wanted) -> str:
    """A test that is run once for each value of a constant is no test where there is no value."""
    values = lines.constants(wanted.fields)
    empty = {name for name, value in values.items() if value in {"[]", "{}"}}

    def is_empty(node: ast.AST) -> bool:
        decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
        return any(python.used(decorator) & empty for decorator in decorators)

    return python.apply(text, [python.without(node) for node in ast.parse(text).body if is_empty(node)])


def _migration(wanted: Wanted) -> str:
    text = wanted.project.read(wanted.project.migration)
    text = rename(text, EXEMPLAR, wanted.noun, prose_of_python(text))
    text = re.sub(r"^Revision ID: .*", f"Revision ID: {wanted.revision}", text, flags=re.MULTILINE)
    text = re.sub(r"^Revises: .*", f"Revises: {wanted.below}", text, flags=re.MULTILINE)
    text = re.sub(r"^revision: str = .*", f'revision: str = "{wanted.revision}"', text, flags=re.MULTILINE)
    text = re.sub(r"^(down_revision: str \| None = ).*", rf'\g<1>"{wanted.below}"', text, flags=re.MULTILINE)
    return python.apply(text, _migration_edits(text, wanted))


def _migration_edits(text: str, wanted: Wanted) -> Iterator[Edit]:
    tree = ast.parse(text)
    enums = [(field, field.enum) for field in wanted.fields if field.enum]
    constants = [node for node in tree.body if isinstance(node, ast.Assign) and "sa.Enum(" in ast.unparse(node)]
    yield python.run(constants, "".join(lines.migrated_enum(field, enum, snake(enum.name)) for field, enum in enums))
    create = next(node for node in ast.walk(tree) if isinstance(node, ast.Call) and _calls(node, "op.create_table"))
    old = [part for part in create.args if isinstance(part, ast.Call) and _first_text(part) in wanted.project.columns]
    yield python.run(old, "".join(map(lines.migrated, wanted.fields)))
    keys = [part for part in create.args if isinstance(part, ast.Call) and _calls(part, "sa.ForeignKeyConstraint")]
    yield python.run([], referring.keys(wanted.noun, wanted.fields), parent=keys[-1])
    up, down = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    yield python.run([], referring.indexes(wanted.noun, wanted.fields), parent=up)
    first = down.body[0].lineno
    yield Edit(first, first - 1, referring.no_indexes(wanted.noun, wanted.fields))
    types = next(node for node in down.body if isinstance(node, ast.If))
    if enums:
        drops = "".join(f'        op.execute(f"DROP TYPE {{{field.sa}.name}}")\n' for field, _ in enums)
        yield python.run(types.body, drops)
    else:
        yield python.without(types)


def _calls(node: ast.Call, name: str) -> bool:
    return ast.unparse(node.func) == name


def _first_text(node: ast.Call) -> object:
    return node.args[0].value if isinstance(node.args[0], ast.Constant) else None


def _enums(wanted: Wanted) -> dict[str, str]:
    return {field.enum.name: "src.schemas.enums" for field in wanted.fields if field.enum}
