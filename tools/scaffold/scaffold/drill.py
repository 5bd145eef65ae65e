"""The drill: each part leaves a project alone, and what is left has to be whole."""

from collections.abc import Sequence

from scaffold.kitchen import Kitchen
from scaffold.steps import Tally, dev

LEFT = ("unit", "contract", "integration/migrations/test_migrations_chain.py")
SLOW = ("unit/test_ledger.py", "contract/test_fuzz.py", "contract/test_mutations.py", "contract/test_client.py")
QUICK = (
    "check",
    *(f"backend/tests/{path}" for path in LEFT),
    *(f"--ignore=backend/tests/{path}" for path in SLOW),
    f"--deselect=backend/tests/{LEFT[-1]}::test_stairway",
)
"""All static checks, the unit and contract tests but for the slowest, and the chain of migrations: it makes what the
models say and goes down without a trace. The tour of the contract asks every operation that is left, on both databases,
for every answer that it documents; the types know every name that a test still uses."""


def drill(kitchen: Kitchen, tally: Tally, parts: Sequence[str]) -> None:
    """Take each of *parts* out of the project that is in the kitchen, run what is left, put it back."""
    for part in parts:
        if tally.step(f"without {part}: remove it", lambda part=part: dev(kitchen.project, "remove-part", part)):
            tally.step(f"without {part}: pages lead somewhere", kitchen.require_sound_pages)
            tally.step(f"without {part}: check", lambda: dev(kitchen.project, *QUICK))
        kitchen.reset()
