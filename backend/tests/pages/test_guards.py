"""What the checks of the pages are there to see, they see: each is shown a page that is wrong."""

from pathlib import Path

import pytest

from tests.pages import commands, lines, places, programs, test_blocks, test_pages, update
from tests.pages.lines import PageError
from tests.pages.markdown import Page, pages


def page(text: str) -> Page:
    """Make a page of the folder `docs`."""
    return Page("docs/trial.md", text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a](gone.md)", "gone.md is not there"),
        ("[a](rules/README.md#gone)", "rules/README.md#gone is no heading there"),
        ("[a](migrations.md#Enums)", "migrations.md#Enums is no heading there"),
        (
            "[the clock](../backend/src/clock.py#L3)",
            "../backend/src/clock.py#L3 must name what stands there, as `name`",
        ),
        ("[`a[0]`](gone.md)", "gone.md is not there"),
    ],
)
def test_broken_link_is_named(text: str, complaint: str) -> None:
    (found,) = places.broken_links(page(text))
    assert found.startswith(complaint)


def test_good_links_and_links_in_code_are_left_alone() -> None:
    text = "[a](migrations.md) [b](migrations.md#enums) `[c](gone.md)`\n\n```text drawing\n[d](gone.md)\n```\n"
    assert list(places.broken_links(page(text))) == []


@pytest.mark.parametrize("path", ["backend/src/gone.py", "src/gone.py", "backend/src/{clock,gone}.py", "docs/gone/"])
def test_path_that_is_gone_is_named(path: str) -> None:
    assert places.missing_paths(page(f"See `{path}`.")) == [path]


@pytest.mark.parametrize(
    "path", ["backend/src/{clock,errors}.py", "src/models/", "decisions/*.md", "models/x.py", ".venv/"]
)
def test_path_that_is_there_is_left_alone(path: str) -> None:
    assert places.missing_paths(page(f"See `{path}`.")) == []


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("make gone", "there is no `make gone`"),
        ('make migration ARGS="x"', "`make migration` takes no ARGS"),
        ("GONE=1 make run", "`make run` takes no GONE"),
        ("python dev.py gone", "there is no `python dev.py gone`"),
        ("python dev.py backfill NAME --gone 1", "migrations.backfill has no --gone"),
        ("python -m src.gone", "there is no module src.gone"),
        ("python -m migrations.backfill --gone", "migrations.backfill has no --gone"),
        ("plumb check --gone", "plumb: error: unrecognized arguments: --gone"),
        ("plumb check --select PB77", "no rule begins with PB77"),
        ("plumb explain nonsense", "unknown rule 'nonsense'"),
    ],
)
def test_command_that_does_not_exist_is_named(command: str, complaint: str) -> None:
    trial = page(f"Run `{command}`.\n\n```sh\nset -e && {command} | cat # twice\n```\n\n```console\n$ {command}\n```\n")
    assert [commands.fault(one) for one in commands.commands(trial) if commands.fault(one)] == [complaint] * 3


@pytest.mark.parametrize(
    "command",
    [
        'make migration m="add a date"',
        "PORT=9000 make run",
        "python dev.py backfill NAME --pause-seconds 0.1",
        "plumb explain",
        "plumb explain CODE",
        "cd backend && python -m alembic upgrade head",
    ],
)
def test_command_that_exists_is_left_alone(command: str) -> None:
    found = list(commands.commands(page(f"```sh\n{command}\n```\n")))
    assert found
    assert [commands.fault(one) for one in found if commands.fault(one)] == []


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("```\nanything\n```", "line 1: say behind ``` what the block is"),
        ("```text\nanything\n```", "line 1: say behind ``` what the block is"),
        ("```json\n{\n```", "line 1: Expecting property name"),
        ("```toml\na = \n```", "line 1: Invalid value"),
        ("```yaml\na: [\n```", "line 1: while parsing a flow node"),
        ("```sh\nif true\n```", "line 1: Command '['sh', '-n']' returned non-zero"),
        ("```python\ndef f(:\n```", "line 1: invalid syntax"),
    ],
)
def test_block_that_nothing_can_check_is_named(block: str, complaint: str) -> None:
    trial = page(block)
    (found,) = trial.blocks()
    assert str(test_blocks.fault(trial, found)).startswith(complaint)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[`gone`](../backend/src/clock.py#L3)", "`gone` is not there (any more) in clock.py"),
        ("[`return`](../backend/src/clock.py#L3)", "lines: name it with what it belongs to in clock.py"),
        ("```python from=backend/src/clock.py#gone\n```", "line 1: `gone` is not there (any more) in clock.py"),
        ("```python run\nraise ValueError('no')\n```", "line 1: a program that is right fails:\nValueError: no"),
        ("```python fails\nprint('fine')\n```", "line 1: a program that is wrong ends with 0, not by an error:\nfine"),
        ("```text output\n```", "line 1: there is no program above it that has an output"),
        ("```python run\n```\n```text error\n```", "line 3: there is no program above it that has an error"),
        ("```text plumb=PB6\n```", "line 1: there is no program above it"),
    ],
)
def test_what_cannot_be_refreshed_is_named(text: str, complaint: str) -> None:
    with pytest.raises(PageError) as raised:
        update.refreshed(page(text))
    assert complaint in str(raised.value)


def test_stale_number_code_and_outcome_are_refreshed() -> None:
    written = "[`utc_now`](../backend/src/clock.py#L1)\n\n```python run\nprint(1 + 1)\n```\n```text output\n3\n```\n"
    line = lines.find(page("").folder / "../backend/src/clock.py", "utc_now").name
    assert update.refreshed(page(written)) == written.replace("#L1)", f"#L{line})").replace("3\n", "2\n")


def test_file_that_needs_what_was_not_copied_is_named(tmp_path: Path) -> None:
    block = page("```python run\n```").blocks()[0]
    with pytest.raises(PageError, match=r"ModuleNotFoundError: No module named 'src\.errors'"):
        programs.program(block, tmp_path, ["backend/src/engine.py"]).run()


def test_link_into_another_repository_needs_its_commit() -> None:
    assert not test_pages.PINNED.fullmatch("https://github.com/a/b/blob/main/c.py#L1")
    assert test_pages.PINNED.fullmatch(f"https://github.com/a/b/blob/{'0' * 40}/c.py#L1")


def test_pages_of_every_kind_are_looked_at() -> None:
    assert {"README.md", "AGENTS.md", "docs/migrations.md", "backend/docs/API.md", "tools/plumb/README.md"} <= set(
        pages()
    )
