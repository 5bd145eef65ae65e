"""`plumb new resource`: read the wish, refuse what cannot be, write all of it or nothing."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from plumb.resources import fields, layout, own_files, shared_files, writing
from plumb.resources.layout import EXEMPLAR
from plumb.resources.own_files import Wanted
from plumb.resources.refusal import Refusal
from plumb.resources.wish import Wish, read

UPDATES = ("tests.contract.update", "tests.pages.update")
"""The modules below `backend` that bring generated text up to date; not every project has both."""
PAGES = ("*.md", "docs/**/*.md", "tools/*/*.md", "backend/docs/*")
"""What they may change."""
STATUS = ("git", "status", "--porcelain")


def run(wish: Wish) -> int:
    """Return 0, or 2 for a refusal, which has changed nothing."""
    try:
        wanted = read(wish)
        texts = writing.laid_out(wish.root, own_files.texts(wanted) | shared_files.texts(wanted))
        if wish.dry_run:
            sys.stdout.writelines(writing.shown(wish.root, texts))
            print("nothing was written")
            return 0
        if not wish.allow_dirty:
            _require_clean(wish.root)
        _write(wish.root, wanted, texts)
    except Refusal as refusal:
        print(f"plumb: {refusal}. Nothing was written.", file=sys.stderr)
        return 2
    return 0


def _require_clean(root: Path) -> None:
    try:
        done = subprocess.run(STATUS, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refusal(
            f"{root} is no git repository, so nobody could tell what was written from what was there:"
            " commit it first, or use --allow-dirty"
        ) from error
    if done.stdout:
        first = done.stdout.splitlines()[0][3:]
        raise Refusal(f"there are changes that are not committed, {first} first: commit them, or use --allow-dirty")


def _write(root: Path, wanted: Wanted, texts: writing.Texts) -> None:
    python = _environment(root)
    pages = [path for pattern in PAGES for path in root.glob(pattern) if path.is_file()]
    kept = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in pages}
    with writing.written(root, {**kept, **texts}):
        if python is not None:
            print("refreshing the documentation ...", file=sys.stderr, flush=True)
            _refresh_docs(root, python)
    noun = wanted.noun
    for path in texts:
        print(f"wrote {path}")
    print(f"\n/api/v1/{noun.forms()['kebabs']} is ready, after `python dev.py migrate`.")
    if python is None:
        print("This checkout has no environment yet. `python dev.py docs` makes one and finishes backend/docs.")
    print(f'Try it: python dev.py test backend/tests -k "{noun.plural}"')


def _environment(root: Path) -> Path | None:
    found = root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return found if found.exists() else None


def _refresh_docs(root: Path, python: Path) -> None:
    """Run what `python dev.py docs` runs."""
    backend = root / "backend"
    for module in UPDATES:
        if not (backend / module.replace(".", "/")).with_suffix(".py").exists():
            continue
        done = subprocess.run([python, "-m", module], cwd=backend, capture_output=True, text=True, check=False)
        if done.returncode:
            said = [*done.stdout.splitlines(), *done.stderr.splitlines()] or ["it says nothing"]
            raise Refusal(f"the project cannot refresh its documentation (`python dev.py docs`): {said[-1]}")


HELP = f"""\
Writes a resource with model, schemas, service, routes, migration, factory, tests at three heights, a stop of the
contract tour, Zod schemas and the section of API.md, and names it wherever resources are listed. All of it is derived
from the exemplar `{EXEMPLAR.plural}` of the project, so it follows the project's own patterns.

fields: name:type, separated by blanks; a `?` behind the type lets it be null.

  str, str(80)         a line of text, trimmed, not empty, at most 200 or 80 characters
  text, text(500)      any text, kept as it is, at most 10000 or 500 characters; empty by default
  int                  a whole number of 32 bits
  Decimal, Decimal(p,s)
                       an exact number of p digits (12, at most 18), s of them (2) behind the point; text in JSON
  bool                 false by default
  date                 a day of the calendar
  datetime             an instant, stored in UTC
  enum(draft,sent)     one of these labels, the first by default; a listing can be filtered by it
  uuid                 a UUID
  ref(user)            the id of any user, or of a row of another resource that the caller owns, in a column `name_id`.
                       The row has to exist. When it is deleted this one goes too; with `?` the column becomes null

Every resource has id, user_id, version, created_at and updated_at; do not name them. A field without `?` and without a
default has to be sent.

refused, with nothing written: a name that Python, SQL or the kernel needs, a resource, table or enum that exists, an
unknown type or reference, an enum without two labels, a working tree with changes.
"""
EXAMPLES = f"""\
examples:
  plumb new resource invoice --fields "{fields.EXAMPLE}"
  plumb new resource person --fields "name:str" --plural people --dry-run
"""


def add_to(new: argparse.ArgumentParser) -> None:
    """Add `resource` to the command `new`."""
    kinds = new.add_subparsers(required=True, metavar="what")
    parser = kinds.add_parser(
        "resource",
        help="a resource through all layers, with its tests and documentation",
        description=HELP,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("name", help="one of them, in lower case with underscores: invoice, order_line")
    add("--fields", required=True, metavar="FIELDS", help="its fields, as below")
    add("--plural", metavar="NAME", help="where English has another than the rules give")
    add("--project", metavar="FOLDER", default=".", help="the project (default: the one around the working folder)")
    add("--dry-run", action="store_true", help="show the new files and the changes of others, and write nothing")
    add("--allow-dirty", action="store_true", help="write although the working tree has changes")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    given = Path(options.project).resolve()
    root = next((folder for folder in (given, *given.parents) if (folder / layout.ENUMS).is_file()), given)
    return run(Wish(options.name, options.fields, options.plural, root, options.dry_run, options.allow_dirty))
