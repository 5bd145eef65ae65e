"""A revision that exists at the base was edited.

## What it does
With `--diff-base REF`: finds Alembic revisions that exist at REF and whose code differs now.

## Why is this bad
Databases that have run the revision never run it again: they keep what the old text made, new ones get what the new
text makes, and the two differ for ever without anybody being told. A correction is a revision of its own.

## Example
```python
# file: migrations/versions/0001_users.py before
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.execute("CREATE TABLE users (id INT)")


# file: migrations/versions/0001_users.py
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.execute("CREATE TABLE users (id BIGINT)")
```

## Use instead
```python
# file: migrations/versions/0001_users.py before
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.execute("CREATE TABLE users (id INT)")


# file: migrations/versions/0002_wider_ids.py
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade() -> None:
    op.execute("ALTER TABLE users ALTER COLUMN id TYPE BIGINT")
```

## Known limits
Silent without `--diff-base`. Comments, docstrings, layout, annotations of the header and the downgrade may change: the
databases do not differ for it. Files that were removed or renamed are not looked for.
"""

import ast
from collections.abc import Iterator
from itertools import zip_longest
from typing import cast

from plumb.analysis.migration_enums import revision_paths
from plumb.analysis.migration_steps import is_revision
from plumb.changed import changed_files, text_at
from plumb.findings import Place, Report, Severity
from plumb.project import Project
from plumb.rule import project_rule

UNIMPORTANT = frozenset({"branch_labels", "depends_on", "downgrade"})


@project_rule("PB905", "released-revision-edited", Severity.ERROR)
def check(project: Project) -> Iterator[Report]:
    """Compare every changed revision with its text at the base."""
    base = project.diff_base
    paths = set(revision_paths(project)) if base is not None else set[str]()
    for path in sorted(paths & changed_files(project.root, base)) if base is not None and paths else ():
        file = project.source(path)
        before = text_at(project.root, base, path) if base is not None else None
        if file is None or before is None or not is_revision(file):
            continue
        line = _first_change(before, file.tree)
        if line:
            yield Report(
                Place(path, line, 1, line, 1),
                f"this revision is in `{base}` already, and databases that have run it will not run it again",
                f'git checkout {base} -- {path}\nalembic revision -m "what is to change"',
            )


def _first_change(before: str, now: ast.Module) -> int:
    """The line of the first thing that is not as before; 0 when all do the same."""
    try:
        old = _parts(ast.parse(before))
    except SyntaxError:
        return 0
    new = _parts(now)
    for name, (node, text) in new.items():
        if name not in old:
            return node.lineno
        if old[name][1] != text:
            return _difference(old[name][0], node) or node.lineno
    gone = old.keys() - new.keys()
    return next(iter(new.values()))[0].lineno if gone and new else int(bool(gone))


def _difference(old: ast.AST, new: ast.AST) -> int:
    """The line of the innermost part that differs; 0 where only parts have gone."""
    for field in new._fields if type(old) is type(new) else ():
        before, now = ([one for one in _listed(getattr(node, field, None)) if not _is_text(one)] for node in (old, new))
        for one, other in zip_longest(before, now):
            if isinstance(one, ast.AST) and isinstance(other, ast.AST) and ast.dump(one) != ast.dump(other):
                return _difference(one, other) or getattr(other, "lineno", 0)
            if isinstance(other, ast.AST) and not isinstance(one, ast.AST):
                return getattr(other, "lineno", 0)
            if not isinstance(other, ast.AST) and one != other:
                return getattr(new, "lineno", 0)
    return getattr(new, "lineno", 0)


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _parts(tree: ast.Module) -> dict[str, tuple[ast.stmt, str]]:
    """What a revision consists of, by name, with its text without layout; imports and what does not count left out."""
    found: dict[str, tuple[ast.stmt, str]] = {}
    for at, node in enumerate(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node):
            continue
        name = _name(node) or str(at)
        if name not in UNIMPORTANT:
            found[name] = (node, _plain(node))
    return found


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _plain(node: ast.stmt) -> str:
    if isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
        return ast.dump(node.value)
    if isinstance(node, ast.FunctionDef):
        return "".join(ast.dump(one) for one in node.body if not _is_text(one)) + ast.dump(node.args)
    return ast.dump(node)


def _is_text(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
