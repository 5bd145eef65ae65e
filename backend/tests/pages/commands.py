"""The commands that pages name: each exists and takes the options that it is shown with."""

import re
import shlex
from argparse import Namespace
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from plumb import catalog, cli
from plumb.config import ConfigError
from tests.pages.markdown import ROOT, Page

VARIABLE = re.compile(r"([A-Za-z_]+)=")
PLACEHOLDER = re.compile(r"[A-Z]+")


def commands(page: Page) -> Iterator[list[str]]:
    """Every command of the page, word by word: those in backticks, and the lines of its shell blocks."""
    for span in page.spans():
        # On its own pages an option without a command is one of plumb's.
        yield from _words(f"python -m plumb.cli {span}" if span.startswith("--") and "plumb" in page.name else span)
    for block in page.blocks():
        if block.language == "sh":
            yield from _words(block.text.replace("\\\n", " "))
        elif block.language == "console":
            prompted = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
            yield from _words("\n".join(prompted))


def fault(command: list[str], root: Path = ROOT) -> str | None:
    """What is wrong with a command of the project; None for one that is right, and for commands of others."""
    variables = [match[1] for word in command if (match := VARIABLE.match(word))]
    match [word for word in command if not VARIABLE.match(word)]:
        case ["make", target, *_]:
            return _target_fault(root, target, variables)
        case [("python" | "python3"), "dev.py", name, *options]:
            return _driver_fault(root, name, options)
        case [("python" | "python3"), "-m", module, *options]:
            return _module_fault(root, module, options)
        case ["plumb", *options]:
            return _plumb_fault(options)
        case _:
            return None


def _words(text: str) -> Iterator[list[str]]:
    for line in re.split(r"\n|&&|\||; ", text):
        # A quotation over several lines is data of another program.
        words = shlex.split(line, comments=True) if _is_whole(line) else []
        if words:
            yield words


def _is_whole(line: str) -> bool:
    return line.count("'") % 2 == 0 and line.count('"') % 2 == 0


def _target_fault(root: Path, target: str, variables: list[str]) -> str | None:
    makefile = (root / "Makefile").read_text("utf-8")
    targets = [name for line in re.findall(r"^([a-z][a-z -]*):", makefile, re.MULTILINE) for name in line.split()]
    if target not in targets:
        return f"there is no `make {target}`"
    recipe = re.search(rf"^(?:[a-z -]* )?{target}(?: [a-z -]*)?:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    taken = recipe[1] if recipe else ""
    unknown = [name for name in variables if not recipe or (f"$({name})" not in taken and not _is_read(root, name))]
    return f"`make {target}` takes no {', '.join(unknown)}" if unknown else None


def _is_read(root: Path, name: str) -> bool:
    """Whether a setting of the application or of one of its commands has the name."""
    field = re.compile(rf"^    {name.lower()}: ", re.MULTILINE)
    return any(field.search(path.read_text("utf-8")) for path in (root / "backend/src").rglob("*.py"))


def _driver_fault(root: Path, name: str, options: list[str]) -> str | None:
    driver = (root / "dev.py").read_text("utf-8")
    body = re.search(rf"^@command\ndef {name.replace('-', '_')}\(.*?(?=^@|\Z)", driver, re.MULTILINE | re.DOTALL)
    if body is None:
        return f"there is no `python dev.py {name}`"
    module = re.search(r'"-m", "([\w.]+)"', body[0])
    return _module_fault(root, module[1], options) if module else None


def _module_fault(root: Path, module: str, options: list[str]) -> str | None:
    """A module of ours must exist, and its text must know each option."""
    if module == "plumb":
        return _plumb_fault(options)
    package = module.partition(".")[0]
    home = next(
        (folder for folder in (root / "backend", *root.glob("tools/*/src")) if (folder / package).is_dir()), None
    )
    if home is None:
        return None
    path = home / module.replace(".", "/")
    sources = [path.with_suffix(".py")] if path.with_suffix(".py").exists() else list(path.glob("*.py"))
    if not sources:
        return f"there is no module {module}"
    text = "".join(source.read_text("utf-8") for source in sources)
    unknown = [word for word in options if word.startswith("--") and f'"{word.partition("=")[0]}"' not in text]
    return f"{module} has no {', '.join(unknown)}" if unknown else None


def _plumb_fault(options: list[str]) -> str | None:
    if not options:
        return None
    with redirect_stderr(StringIO()) as said, redirect_stdout(StringIO()):
        try:
            parsed = cli._parser().parse_args(options)
        except SystemExit:
            complaint = said.getvalue().strip().rpartition("\n")[2]
            # A sentence may name a command without what it is given.
            return None if "arguments are required" in complaint else complaint or None
    return _code_fault(parsed)


def _code_fault(parsed: Namespace) -> str | None:
    """A rule that is asked for exists, unless a placeholder stands in its place."""
    asked = [code for code in (getattr(parsed, "code", None), getattr(parsed, "explain", None)) if code]
    chosen = [code for codes in (getattr(parsed, "select", None) or []) for code in codes.split(",")]
    known = [rule.code for rule in catalog.everything()]
    try:
        for code in (code for code in asked if not PLACEHOLDER.fullmatch(code)):
            catalog.find(code)
    except ConfigError as error:
        return str(error)
    strange = [code for code in chosen if not any(rule.startswith(code) for rule in known)]
    return f"no rule begins with {', '.join(strange)}" if strange else None
