"""Refuses an edit of what is generated, locked or released, and names the command that makes it."""

import json
from fnmatch import fnmatch
from pathlib import PurePosixPath

from edits import ROOT, edited_file, refuse

RELEASED = ROOT / "backend" / "migrations" / "released.json"
MADE = {
    "docs/rules/*.md": (
        "is written from the docstrings of the rules in tools/plumb/src/plumb/rules: edit those, then run "
        "`python dev.py rules-docs`"
    ),
    "backend/docs/openapi.json": "is written from the routes and schemas: edit those, then run `python dev.py docs`",
    "backend/migrations/released.json": "records what was released: `python dev.py migrate-release` adds to it",
    "requirements*.txt": "is a lock: edit the dependencies in pyproject.toml, then run `python dev.py lock`",
    "frontend/package-lock.json": "is a lock: edit package.json, then run `npm install --package-lock-only` there",
    "frontend/generated/*": "is generated from the API: run `python dev.py client`",
    "frontend/node_modules/*": "is installed from frontend/package-lock.json: an edit is lost with the next set-up",
    ".venv/*": "is installed from requirements-dev.txt: an edit is lost with the next `python dev.py setup`",
}
NEXT_REVISION = (
    'is released, and databases have run it: repair it with a new revision, `python dev.py migration "what changes"`'
)


def objection(path: str) -> str | None:
    """Return why *path* may not be edited and what to do instead; None where it may."""
    if path.startswith("backend/migrations/") and PurePosixPath(path).name in released():
        return NEXT_REVISION
    return next((reason for pattern, reason in MADE.items() if fnmatch(path, pattern)), None)


def released() -> frozenset[str]:
    """Return the names of the revisions and SQL files that were released."""
    return frozenset(json.loads(RELEASED.read_text("utf-8"))["digests"]) if RELEASED.exists() else frozenset()


def main() -> None:
    """Answer one event."""
    path = edited_file()
    if path is not None and (reason := objection(path)):
        refuse(f"{path} {reason}.")


if __name__ == "__main__":
    main()
