"""The commands: what is asked for on the command line, and what it answers."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from parts import manifest, page, removal
from parts.draft import Draft, PartsError

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: Sequence[str]) -> int:
    """Run a command. Exit codes: 0 done, 1 refused or failed, 2 wrong usage."""
    given = _parser().parse_args(arguments)
    try:
        return given.run(given)
    except PartsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _remove(given: argparse.Namespace) -> int:
    parts = manifest.read_all()
    if not given.parts:
        print("\n".join(["Parts:", *(f"  {part.name:<13} {part.summary}" for part in parts.values())]))
        return 0
    going = manifest.with_dependants(given.parts, parts)
    draft = Draft(ROOT)
    removal.remove(draft, going)
    print("\n".join(f"{verb:<7} {file}" for file, verb in draft.changes().items()), flush=True)
    if given.dry_run:
        return 0
    _require_clean()
    draft.write()
    try:
        removal.finish(ROOT)
    except PartsError:
        _restore(draft)
        raise
    print(f"Gone: {', '.join(part.name for part in going)}. Look through `git diff`, then run `make check`.")
    return 0


def _write_page(_: argparse.Namespace) -> int:
    (ROOT / page.FILE).write_text(page.rendered(manifest.read_all().values()), "utf-8")
    return 0


def _require_clean() -> None:
    status = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True)
    if status.stdout:
        raise PartsError(f"The working tree has changes; commit or stash them first:\n{status.stdout.rstrip()}")


def _restore(draft: Draft) -> None:
    """Put everything back: the tree was clean, so git knows what the finishing steps have changed."""
    draft.undo()
    subprocess.run(["git", "checkout", "--quiet", "--", "."], cwd=ROOT, check=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python tools/parts", description="Parts of the example domain.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    removing = commands.add_parser("remove", help="take a part out, with its files and its lines in shared files")
    removing.add_argument("parts", nargs="*", metavar="PART", help="without one, the parts are listed")
    removing.add_argument("--dry-run", action="store_true", help="only show which files would be touched")
    removing.set_defaults(run=_remove)
    commands.add_parser("docs", help="write docs/parts.md").set_defaults(run=_write_page)
    return parser
