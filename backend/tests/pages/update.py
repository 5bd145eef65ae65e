"""`python -m tests.pages.update`: write line numbers, code and the outcomes of programs into the pages that show them.

With `--check` nothing is written or run: it names the pages whose line numbers or code have moved on, in a moment.

A link names what it points at, `[`Database`](../src/db.py#L40)`: the number is written here. A block says behind its
language what it is, where no reader sees it:

    python from=PATH#NAME    code of the repository, verbatim; `#a..b` is a part, without `#` it is the whole file
    python run               a program that succeeds, beside the files that its page says to copy
    text output              what the program above prints
    python fails             a program that ends by an error
    text error               that error
    text plumb=PB2           what plumb says of the program above
    text drawing             for eyes alone
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.pages import lines, programs
from tests.pages.lines import PageError
from tests.pages.markdown import FENCE, ROOT, Block, Page, block_of, pages

LINE_LINK = re.compile(r"\[`(?P<name>[^`\]]+)`\]\((?P<path>[^()\s#]+)#L\d*\)")


def refreshed(page: Page, *, run: bool = True) -> str:
    """The page as it should be; without *run* its programs and what they print are left as they are.

    Raises PageError where only a person can mend it.
    """
    with TemporaryDirectory() as folder:
        blocks = _Blocks(page, Path(folder), run=run)
        try:
            text = LINE_LINK.sub(lambda link: _numbered(page, link), page.text)
            return FENCE.sub(blocks.refreshed, text)
        except PageError as error:
            raise PageError(f"{page.name}: {error}") from error


def _numbered(page: Page, link: re.Match[str]) -> str:
    line = lines.find(page.folder / link["path"], link["name"]).name
    return f"[`{link['name']}`]({link['path']}#L{line})"


class _Blocks:
    """The blocks of a page in their order: an outcome belongs to the program above it."""

    def __init__(self, page: Page, folder: Path, *, run: bool) -> None:
        self._page = page
        self._folder = folder
        self._run = run
        self._program: programs.Program | None = None
        self._outcomes: dict[str, str] = {}
        self._count = 0

    def refreshed(self, match: re.Match[str]) -> str:
        block = block_of(match)
        try:
            text = self._text(block)
        except PageError as error:
            raise PageError(f"line {block.line}: {error}") from error
        indented = re.sub(r"^(?=.)", match["indent"], text, flags=re.MULTILINE)
        opened, closed = match.start("text") - match.start(), match.end("text") - match.start()
        return match[0][:opened] + indented + match[0][closed:]

    def _text(self, block: Block) -> str:
        if source := block.mark("from"):
            path, _, names = source.partition("#")
            return lines.shown(ROOT / path, names)
        if not self._run:
            return block.text
        if block.mark("run") is not None:
            self._start(block, "output", programs.Program.run, self._page.copied())
        elif block.mark("fails") is not None:
            self._start(block, "error", programs.Program.fail)
        elif (codes := block.mark("plumb")) is not None:
            return self._last().findings(codes)
        for outcome in ("output", "error"):
            if block.mark(outcome) is not None:
                return self._outcome(outcome)
        return block.text

    def _start(
        self, block: Block, outcome: str, run: Callable[[programs.Program], str], copied: Sequence[str] = ()
    ) -> None:
        self._count += 1
        self._program = programs.program(block, self._folder / str(self._count), copied)
        self._outcomes = {outcome: run(self._program)}

    def _outcome(self, name: str) -> str:
        if name not in self._outcomes:
            raise PageError(f"there is no program above it that has an {name}")
        return self._outcomes[name]

    def _last(self) -> programs.Program:
        if self._program is None:
            raise PageError("there is no program above it")
        return self._program


def main(arguments: list[str]) -> int:
    """Refresh every page, or name each that is to be refreshed; and say which one needs a person."""
    check = arguments == ["--check"]
    faults = 0
    for page in pages().values():
        try:
            text = refreshed(page, run=not check)
        except PageError as error:
            sys.stderr.write(f"{error}\n")
            faults += 1
            continue
        if text == page.text:
            continue
        if check:
            sys.stderr.write(f"{page.name}: lines or code that it shows have changed. Run `python dev.py docs`.\n")
            faults += 1
        else:
            (ROOT / page.name).write_text(text, "utf-8")
            sys.stderr.write(f"changed: {page.name}\n")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
