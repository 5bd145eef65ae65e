"""One noun in the place of another: in names, addresses and sentences, each in its own form."""

import ast
import io
import re
import tokenize
from collections.abc import Callable
from itertools import accumulate

from plumb.resources.names import Noun

IsProse = Callable[[int], bool]


def rename(text: str, old: Noun, new: Noun, is_prose: IsProse) -> str:
    """*text* with every form of *old* as that of *new*; *is_prose* tells sentences from code by the place."""
    forms = new.forms()
    single, many = old.singular, old.plural
    title = rf"(?<![A-Za-z])(?:{many.capitalize()}|{single.capitalize()})(?![a-z])"
    pattern = (
        rf"(?<![a-zA-Z])(?P<article>[Aa])(?P<joint>[ _])(?={single}(?![a-z]))"
        rf"|(?P<title>{title})"
        rf"|(?P<upper>(?<![A-Z])(?:{many.upper()}|{single.upper()})(?![A-Z]))"
        rf"|(?P<lower>(?<![a-z])(?:{many}|{single})(?![a-z]))"
    )

    def put(match: re.Match[str]) -> str:
        if match["article"]:
            article = new.article if match["article"] == "a" else new.article.capitalize()
            return article + match["joint"]
        s = "s" if match[0].lower() == many else ""
        if match["title"]:
            return forms["pascal"] if not s else _sentence(forms["wordss"])
        if match["upper"]:
            return forms["upper" + s]
        around = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if around[0] == "/":
            return forms["kebab" + s]
        spoken = is_prose(match.start()) and "_" not in around
        return forms[("words" if spoken else "snake") + s]

    return re.sub(pattern, put, text)


def prose_of_python(text: str) -> IsProse:
    """Whether a place is in a docstring or a comment."""
    starts = list(accumulate((len(row) for row in text.splitlines(keepends=True)), initial=0))
    spans: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(ast.Constant(str())):
                spans.append(
                    (starts[node.lineno - 1], starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0))
                )
            case _:
                pass
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = (token for token in tokens if token.type == tokenize.COMMENT)
    spans += [
        (starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]) for token in comments
    ]
    return lambda place: any(start <= place < end for start, end in spans)


def everything(place: int) -> bool:
    """For Markdown."""
    del place
    return True


def nothing(place: int) -> bool:
    """For TypeScript without sentences."""
    del place
    return False


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
