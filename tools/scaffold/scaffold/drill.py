"""The drill: each part leaves a project alone, and what is left has to be whole."""

from collections.abc import Sequence

from scaffold.kitchen import Kitchen
from scaffold.steps import Tally, dev

SLOW = ("contract/test_fuzz.py", "contract/test_mutations.py", "contract/test_client.py", "integration/test_servers.py")
QUICK = (
    "check",
    "--numprocesses=auto",
    "-k",
    "migrations or not postgresql",
    *(f"--ignore=backend/tests/{file}" for file in SLOW),
)
"""All static checks, and the tests on SQLite but for the slowest; the migrations on both databases. What is left out
are tests of the kernel, which a part does not touch: they have run in full before."""


def drill(kitchen: Kitchen, tally: Tally, parts: Sequence[str]) -> None:
    """Take each of *parts* out of the project that is in the kitchen, run what is left, put it back."""
    for part in parts:
        if tally.step(f"without {part}: remove it", lambda part=part: dev(kitchen.project, "remove-part", part)):
            tally.step(f"without {part}: check", lambda: dev(kitchen.project, *QUICK))
        kitchen.reset()
