"""The edits take out what they name, and nothing where it is not there exactly once."""

from collections.abc import Callable

import pytest

from parts import edits
from parts.draft import PartsError

PYTHON = '''"""A module."""

LIMIT = 3
"""How many."""

# Why it is so.
@decorated
def first() -> None:
    """Do it."""


class Kind:
    A = 1
    B = 2
    """The second."""


def last() -> None: ...
'''
MARKDOWN = """# Page

## One

```sh
## Two
```

### Below

## Two

Text.

## Three

End.
"""


def test_definition_goes_with_its_comment_its_decorator_and_one_gap() -> None:
    left = edits.without_definition(PYTHON, "first", file="x.py")
    assert left == PYTHON[: PYTHON.index("# Why")].rstrip("\n") + "\n" + PYTHON[PYTHON.index("\n\nclass") :]


def test_constant_goes_with_the_string_that_explains_it() -> None:
    left = edits.without_definition(PYTHON, "LIMIT", file="x.py")
    assert left.startswith('"""A module."""\n\n# Why')


def test_member_of_a_class_goes() -> None:
    assert edits.without_definition(PYTHON, "Kind.B", file="x.py") == PYTHON.replace(
        '    B = 2\n    """The second."""\n', ""
    )


def test_last_definition_leaves_no_gap_behind() -> None:
    assert edits.without_definition(PYTHON, "last", file="x.py").endswith('"""The second."""\n')


def test_argument_goes_where_it_is_taken_and_where_it_is_given() -> None:
    code = "async def get(a: int, b: str = 'é', *, c: int, d: int = 1) -> None:\n    await get(a, 'é', c=c, d=d)\n"
    for name, taken, given in (
        ("b", "(a: int, *, c: int, d: int = 1)", "(a, 'é', c=c, d=d)"),
        ("c", "(a: int, b: str = 'é', *, d: int = 1)", "(a, 'é', d=d)"),
        ("d", "(a: int, b: str = 'é', *, c: int)", "(a, 'é', c=c)"),
    ):
        left = edits.without_argument(code, f"get.{name}", file="x.py")
        assert left == f"async def get{taken} -> None:\n    await get{given}\n"


def test_last_argument_goes_with_its_comma_and_the_star_before_it() -> None:
    code = "def get(\n    a: int,\n    *,\n    b: int,\n) -> None: ...\nget(\n    b=1,\n)\n"
    assert edits.without_argument(code, "get.b", file="x.py") == "def get(\n    a: int) -> None: ...\nget()\n"
    assert edits.without_argument("def get(*, b): ...\n", "get.b", file="x.py") == "def get(): ...\n"


def test_argument_of_another_function_stays() -> None:
    code = "def get(a): ...\nput(a=1)\nx.get(a=1)\n"
    assert edits.without_argument(code, "x.get.a", file="x.py") == "def get(a): ...\nput(a=1)\nx.get()\n"
    with pytest.raises(PartsError, match=r"x\.py: expected at least once, found 0 times: 'get\.b'"):
        edits.without_argument(code, "get.b", file="x.py")


def test_section_goes_up_to_the_next_of_its_level() -> None:
    assert edits.without_section(MARKDOWN, "## One", file="x.md").startswith("# Page\n\n## Two\n\nText.")


def test_heading_inside_of_code_is_none() -> None:
    left = edits.without_section(MARKDOWN, "## Two", file="x.md")
    assert "Text." not in left
    assert "```sh\n## Two\n```" in left


def test_last_section_leaves_one_line_break() -> None:
    assert edits.without_section(MARKDOWN, "## Three", file="x.md").endswith("Text.\n")


def test_line_goes_whatever_its_indentation() -> None:
    assert edits.without_line("a(\n    b,\n    c,\n)\n", "b,", file="x") == "a(\n    c,\n)\n"


def test_line_can_be_named_by_its_beginning() -> None:
    assert edits.without_line("a: 1\nab: 2\n", "a: ...", file="x") == "ab: 2\n"
    with pytest.raises(PartsError, match=r"x: expected exactly once, found 2 times: 'a \.\.\.'"):
        edits.without_line("a b\na c\n", "a ...", file="x")


def test_every_line_of_a_name_goes() -> None:
    assert edits.without_every_line("import (\n    b,\n)\nx = (\n    a,\n    b,\n)\n", "b,", file="x") == (
        "import (\n)\nx = (\n    a,\n)\n"
    )
    with pytest.raises(PartsError, match="x: expected at least once, found 0 times: 'c'"):
        edits.without_every_line("a\n", "c", file="x")


def test_paragraph_goes_with_one_gap() -> None:
    assert edits.without_paragraph("one\n\ntwo\n2\n\nthree\n", "two", file="x") == "one\n\nthree\n"
    assert edits.without_paragraph("one\n\ntwo\n", "two", file="x") == "one\n"


@pytest.mark.parametrize(
    ("edit", "text", "wanted"),
    [
        (edits.without_definition, PYTHON, "second"),
        (edits.without_definition, PYTHON, "Kind.C"),
        (edits.without_definition, PYTHON, "None.A"),
        (edits.without_line, "a\na\n", "a"),
        (edits.without_line, "ab\n", "a"),
        (edits.without_paragraph, "a\n\na\n", "a"),
        (edits.without_section, MARKDOWN, "## Four"),
    ],
)
def test_what_is_not_there_exactly_once_is_an_error(edit: Callable[..., str], text: str, wanted: str) -> None:
    with pytest.raises(PartsError, match=r"^some/file: expected exactly once, found [02] times: '"):
        edit(text, wanted, file="some/file")


def test_replacement_needs_one_occurrence() -> None:
    assert edits.replaced("a b", "a", "c", file="x") == "c b"
    with pytest.raises(PartsError, match="found 2 times"):
        edits.replaced("a a", "a", "c", file="x")
