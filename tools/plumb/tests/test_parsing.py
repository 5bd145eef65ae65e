"""Source of newer Python is read, and what cannot be read is said to be so."""

import ast

import pytest

from plumb.downgrade import downgrade
from plumb.parsing import Unreadable, decode, parse

NEWER = {
    "except without parentheses": "try:\n    pass\nexcept KeyError, ValueError:\n    pass\n",
    "type parameters": "class Box[T: (int, str), *Ts](Base[T]):\n    async def get[K](self) -> K: ...\n",
    "type parameters on several lines": "class Box[\n    T,\n](Base):\n    pass\nclass Other[\n    T\n]:\n    pass\n",
    "type alias": "type Pair[T] = tuple[T, T]\ntype Name = str\n",
    "quotes in an f-string": 'x = f"{a["b"]} {f"{c[\'d\']}"}"\n',
    "line breaks in an f-string": 'x = f"a {\n    call(  # why\n        1\n    )\n} b"\n',
    "a backslash in an f-string": 'x = f"{"\\n".join(rows)!r:>{width}}"\n',
    "a template string": 'x = t"{a}"\n',
}


@pytest.mark.parametrize("text", NEWER.values(), ids=NEWER.keys())
def test_newer_syntax_is_read_with_its_line_numbers(text: str) -> None:
    tree = ast.parse(downgrade(text))
    assert text.count("\n") == downgrade(text).count("\n")
    assert tree.body


def test_a_downgraded_handler_catches_both_exceptions() -> None:
    tree = parse(NEWER["except without parentheses"]).tree
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Tuple)] == ["(KeyError, ValueError)"]


def test_text_that_only_looks_newer_is_left_alone() -> None:
    text = 'type = f"{x!r} {{}} {y:%H}" + "f\'{"  # it\'s f"\n'
    assert ast.dump(ast.parse(downgrade(text))) == ast.dump(ast.parse(text))


@pytest.mark.parametrize(
    ("raw", "reason", "line"),
    [
        (b"def f(:\n    pass\n", "cannot be parsed", 1),
        (b"x = 1\n\n  y = 2\n", "unexpected indent", 3),
        (b"# coding: nonsense\n", "cannot be decoded", 1),
        (b"x = '\xff'\n", "cannot be decoded", 1),
        (b"x = '\x00'\n", "null bytes", 1),
        (b"x = " + b"(" * 300 + b")" * 300 + b"\n", "cannot be parsed", 1),
    ],
    ids=["syntax", "indent", "coding", "bytes", "null", "nesting"],
)
def test_what_cannot_be_read_says_why_and_where(raw: bytes, reason: str, line: int) -> None:
    with pytest.raises(Unreadable, match=reason) as caught:
        parse(decode(raw))
    assert caught.value.line == line


def test_encodings_that_are_declared_are_obeyed() -> None:
    assert decode("# coding: latin-1\nx = 'é'\n".encode("latin-1")).endswith("'é'\n")
    assert parse(decode("\ufeffx = 1\r\n".encode())).text == "x = 1\n"


TEMPLATES = {
    "a name": ("import os\n\n\nclass {{ cookiecutter.name }}(Base):\n    pass\n", 4),
    "a condition": ("import os\n{% if database -%}\nimport sqlalchemy\n{%- endif %}\n", 2),
    "an import": ("from {{ project }}.app import main\n", 1),
}


@pytest.mark.parametrize(("text", "line"), TEMPLATES.values(), ids=TEMPLATES)
def test_template_of_code_is_said_to_be_one(text: str, line: int) -> None:
    with pytest.raises(Unreadable, match="is a template that code is made from") as caught:
        parse(text)
    assert (caught.value.line, "exclude" in caught.value.remedy) == (line, True)


@pytest.mark.parametrize("text", ['x = "{{ a }}"\ny = (\n', "x = {{1: 2}}}\n", "# {{ a }}\ndef f(:\n", "x = 5 {% 3\n"])
def test_broken_code_is_no_template(text: str) -> None:
    with pytest.raises(Unreadable, match="cannot be parsed"):
        parse(text)
