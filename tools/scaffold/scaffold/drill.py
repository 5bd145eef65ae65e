"""The drill: each part leaves a project alone, and what is left has to be whole."""

from collections.abc import Sequence

from scaffold.kitchen import Kitchen
from scaffold.steps import FULL, Tally, dev

SLOW = "ledger or fuzz or mutations or client or databases or process or stairway"
LIGHT = (("check-fast",), ("test", "backend/tests", f"-k=(unit or contract or chain) and not ({SLOW})"))
"""The static checks but for types, and the unit and contract tests and the chain of migrations but for the slowest. The
tour of the contract asks every operation that is left, on both databases, for every answer that it documents; a name
that a test of any kind imports has to be there."""


def drill(kitchen: Kitchen, tally: Tally, parts: Sequence[str], *, full: bool) -> None:
    """Take each of *parts* out of the project that is in the kitchen, run what is left, put it back."""
    for part in parts:
        if tally.step(f"without {part}: remove it", lambda part=part: dev(kitchen.project, "remove-part", part)):
            kitchen.commit(f"without {part}")
            tally.step(f"without {part}: pages lead somewhere", kitchen.require_sound_pages)
            tally.commands(f"without {part}", kitchen.project, FULL if full else LIGHT)
        kitchen.reset()
