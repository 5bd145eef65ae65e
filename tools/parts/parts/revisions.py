"""The chain of migrations without some of them: each follows the last one that is left."""

import re
from collections.abc import Collection

from parts.draft import Draft, PartsError

VERSIONS = "backend/migrations/versions"
REVISION = re.compile(r'^revision: str = "(\w+)"$', re.MULTILINE)
BELOW = re.compile(r'^down_revision: str \| None = (?:"(\w+)"|None)$', re.MULTILINE)


def leave_out(draft: Draft, names: Collection[str]) -> None:
    """Delete these revisions and relink the chain. For a project that has released none of them."""
    below: dict[str, str | None] = {}
    for name in names:
        file = f"{VERSIONS}/{name}"
        revision, down = _links(draft.read(file), file)
        below[revision] = down
        draft.delete(file)
    for path in sorted((draft.root / VERSIONS).glob("*.py")):
        file = f"{VERSIONS}/{path.name}"
        if draft.exists(file):
            _relink(draft, file, below)


def _relink(draft: Draft, file: str, below: dict[str, str | None]) -> None:
    text = draft.read(file)
    _, down = _links(text, file)
    new = down
    while new in below:
        new = below[new]
    if new == down:
        return
    link = f'down_revision: str | None = "{new}"' if new else "down_revision: str | None = None"
    text = BELOW.sub(link, text)
    draft.set(file, re.sub(rf"^Revises: {down}$", f"Revises: {new or ''}".rstrip(), text, flags=re.MULTILINE))


def _links(text: str, file: str) -> tuple[str, str | None]:
    revision, down = REVISION.search(text), BELOW.search(text)
    if revision is None or down is None:
        raise PartsError(f"{file}: no `revision: str = ...` and `down_revision: str | None = ...` to read")
    return revision[1], down[1]
