"""Runs rules over small projects written in one text, for the tests of rules."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from plumb import catalog, config
from plumb.cache import Cache
from plumb.discovery import find_files
from plumb.environment import Environment
from plumb.project import Project
from plumb.rule import OptionValue, Rule
from plumb.runner import Result, Runner

_CASE = re.compile(r"^# case: (.+)$", re.MULTILINE)
_FILE = re.compile(r"^# file: (\S+(?: before)?)$", re.MULTILINE)
_BEFORE = " before"
_EXPECT = re.compile(r"expect: (PB\d{3}(?: (?:error|warning))?(?:, PB\d{3}(?: (?:error|warning))?)*)")
_GOOD = re.compile(r"done right: (PB\d{3})")
_WORDS = r"expect: (PB\d{{3}}).*?, {}: (.+?)(?:, (?:fix|edited|fixed): .+)?(?: -->.*)?$"
_FIX, _SAYS, _EDITED, _FIXED = (re.compile(_WORDS.format(mark)) for mark in ("fix", "says", "edited", "fixed"))
_HOMES = {"test": "tests/test_example.py", "migration": "migrations/versions/0001_example.py"}


class Case(NamedTuple):
    """A small project: file name to text."""

    name: str
    files: dict[str, str]


class Mark(NamedTuple):
    """An expected or found place; `severity` is empty where the mark does not name one."""

    path: str
    line: int
    code: str
    severity: str


def cases(text: str, default: str) -> Iterator[Case]:
    """The cases of a fixture, each behind `# case: what it shows`; its files stand behind `# file: path`.

    Files before the first case belong to every case that has none of the same name.
    """
    shared, *pieces = _CASE.split(text) if _CASE.search(text) else ("", "the only case", text)
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        yield Case(name, {**files(shared, default), **files(body, default)})


def files(text: str, default: str) -> dict[str, str]:
    """The files of one case; text before the first `# file:` is the file *default*.

    `# file: app.py before` is the file as the last commit has it, for the rules that compare; without text it
    was not there.
    """
    first, *pieces = _FILE.split(text)
    named = {path: body.removeprefix("\n") for path, body in zip(pieces[::2], pieces[1::2], strict=True)}
    return {default: first, **named} if first.strip() else named


def home(rule: Rule) -> str:
    """Where an example of the rule lies when it does not say."""
    kind = next(iter(rule.kinds)) if len(rule.kinds) == 1 else "app"
    return _HOMES.get(kind, "example.py")


def expected(case: Case) -> set[Mark]:
    """The marks `expect: PB501` (or `expect: PB501 warning, PB503`), at the line where a finding starts."""
    marks: set[Mark] = set()
    for path, number, line in _lines(case):
        for found in _EXPECT.findall(line):
            for item in found.split(", "):
                code, _, severity = item.partition(" ")
                marks.add(Mark(path, number, code, severity))
    return marks


def done_right(case: Case) -> set[Mark]:
    """The marks `done right: PB501`, at the line where a place starts that may be shown as the example."""
    return {Mark(path, number, code, "") for path, number, line in _lines(case) for code in _GOOD.findall(line)}


def corrections(case: Case) -> dict[Mark, str]:
    """What `expect: PB501, fix: the text` wants the correction to contain."""
    return _words(case, _FIX)


def messages(case: Case) -> dict[Mark, str]:
    """What `expect: PB501, says: the text` wants the message to contain; a correction may follow it."""
    return _words(case, _SAYS)


def edited(case: Case) -> dict[Mark, str]:
    r"""What `expect: PB501, edited: the text` wants the file to contain once the edits are made; `\n` ends a line."""
    return {mark: text.replace("\\n", "\n") for mark, text in _words(case, _EDITED).items()}


def fixed(case: Case) -> dict[Mark, str]:
    """The same of `expect: PB501, fixed: the text`, where only the safe edits are made."""
    return _words(case, _FIXED)


def _words(case: Case, pattern: re.Pattern[str]) -> dict[Mark, str]:
    marks = ((path, number, pattern.search(line)) for path, number, line in _lines(case))
    return {Mark(path, number, found[1], ""): found[2] for path, number, found in marks if found}


def _lines(case: Case) -> Iterator[tuple[str, int, str]]:
    for path, text in case.files.items():
        if not path.endswith(_BEFORE):
            for number, line in enumerate(text.split("\n"), start=1):
                yield path, number, line


def found(result: Result, wanted: set[Mark]) -> set[Mark]:
    """The findings as marks, with the severity where the expected mark names one."""
    exact = {(mark.path, mark.line, mark.code) for mark in wanted if mark.severity}
    marks = [Mark(one.place.path, one.place.line, one.code, str(one.severity)) for one in result.findings]
    return {mark if mark[:3] in exact else mark._replace(severity="") for mark in marks}


def shown(result: Result) -> set[Mark]:
    """The places done right as marks."""
    places = ((code, good.place) for code, goods in result.examples.by_code.items() for good in goods)
    return {Mark(place.path, place.line, code, "") for code, place in places}


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below *root*."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def run(root: Path, case: Case, *codes: str, cache: Cache | None = None, **settings: OptionValue) -> Result:
    """Write the case below *root* and check it with these rules; no libraries are installed there."""
    before = {path.removesuffix(_BEFORE): text for path, text in case.files.items() if path.endswith(_BEFORE)}
    now = {path: text for path, text in case.files.items() if not path.endswith(_BEFORE)}
    if before:
        then = {**now, **before}
        write(root, {path: text for path, text in then.items() if text or path not in before})
        commit(root)
    write(root, now)
    return check(root, *codes, diff_base="HEAD" if before else None, cache=cache, **settings)


def commit(root: Path) -> None:
    """Make the folder a repository with one commit of all that is in it."""
    identity = ["-c", "user.name=plumb", "-c", "user.email=plumb@example.com"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "before", "--allow-empty"]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)  # noqa: S607 The machine's git.


def check(
    root: Path, *codes: str, diff_base: str | None = None, cache: Cache | None = None, **settings: OptionValue
) -> Result:
    """Check the folder *root*; *settings* are options with `_` for `-`."""
    project = open_project(root, cache=cache, select=codes, **settings)
    project.diff_base = diff_base
    return Runner(project, catalog.chosen(project.config)).run(project.paths)


def open_project(root: Path, *libraries: Path, cache: Cache | None = None, **settings: OptionValue) -> Project:
    """The project in the folder *root* with the given library folders; without a cache, nothing is known before."""
    loaded = config.load(root, catalog.options())
    values = {name.replace("_", "-"): value for name, value in settings.items()}
    loaded = config.Config({**loaded.values, **values}, loaded.per_file_ignores, loaded.severity)
    cache = cache or Cache(None)
    paths = find_files(root, ".py", loaded.strings("exclude"))
    return Project(root, loaded, paths, cache, Environment(libraries, cache))
