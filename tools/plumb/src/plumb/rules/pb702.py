"""An `xfail` is not strict.

## What it does
Finds `pytest.mark.xfail` without `strict=True`, unless the settings of pytest make every xfail strict.

## Why is this bad
A test that is expected to fail and passes says that the reason is gone. Without `strict` nobody is told, and the mark
hides the next real failure.

## Example
```python
import pytest


@pytest.mark.xfail(reason="SQLite has no row locks")
def test_two_at_once(): ...
```

## Use instead
```python
import pytest


@pytest.mark.xfail(reason="SQLite has no row locks", strict=True)
def test_two_at_once(): ...
```

## Known limits
Settings are read from `pyproject.toml`, `pytest.ini`, `.pytest.ini`, `tox.ini` and `setup.cfg` in the folders above the
test. A written `strict=False` is only a warning, and `run=False` is left alone: the test never runs.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from plumb.findings import Good, Report, Severity
from plumb.index.extract import last_name
from plumb.index.scope import has_double_star, keyword
from plumb.rule import node_rule
from plumb.source import SourceFile

SETTINGS = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
YES = r"\s*=\s*[\"']?(true|1|yes|on)\b"
STRICT = re.compile(
    rf"^\s*(xfail_strict|strict_xfail){YES}|^\[(tool\.)?pytest\]$(?:(?!^\[).)*?^strict{YES}",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


@node_rule("PB702", "xfail-not-strict", Severity.ERROR, nodes=(ast.Attribute,), needles=("xfail",), kinds=("test",))
def check(node: ast.Attribute, file: SourceFile) -> Iterator[Report | Good]:
    """Look at every `pytest.mark.xfail`."""
    if node.attr != "xfail" or last_name(node.value) != "mark":
        return
    above = file.parent(node)
    call = above if isinstance(above, ast.Call) and above.func is node else None
    strict, place = (keyword(call, "strict"), file.place(call)) if call is not None else (None, file.place(node))
    if call is not None and (has_double_star(call) or _is(keyword(call, "run"), value=False)):
        return
    if _is(strict, value=True):
        yield file.good(place)
    elif strict is None or _is(strict, value=False):
        if strict is None and _is_strict_by_default(file):
            return
        shown = "pytest.mark.xfail(strict=True)" if call is None else _strict(call)
        yield file.report(
            place,
            "an xfail that is not strict does not tell when the test passes",
            f"@{shown}",
            severity=Severity.WARNING if strict is not None else None,
        )


def _strict(call: ast.Call) -> str:
    words = [*map(ast.unparse, call.args), *(ast.unparse(word) for word in call.keywords if word.arg != "strict")]
    return f"{ast.unparse(call.func)}({', '.join([*words, 'strict=True'])})"


def _is(node: ast.expr | None, *, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _is_strict_by_default(file: SourceFile) -> bool:
    folders = [str(folder) for folder in PurePosixPath(file.path).parents]
    return any(_says_so(folder, file) for folder in folders)


def _says_so(folder: str, file: SourceFile) -> bool:
    def read() -> bool:
        return any(STRICT.search(file.project.text(path) or "") for path in paths)

    paths = [name if folder == "." else f"{folder}/{name}" for name in SETTINGS]
    return file.project.memo(("xfail strict", folder), read)
