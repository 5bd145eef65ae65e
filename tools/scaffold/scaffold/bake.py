"""Bake: projects are made as a user makes them, and have to be whole."""

from scaffold.kitchen import Kitchen, copier
from scaffold.steps import FULL, StepFailed, Tally, git

VARIANTS = {
    "sqlite": {"domain": "true", "database": "sqlite"},
    "postgresql": {"domain": "true", "database": "postgresql"},
    "bare-sqlite": {"domain": "false", "database": "sqlite"},
    "bare-postgresql": {"domain": "false", "database": "postgresql"},
}
PROJECT = {"project_name": "Order Desk", "description": 'Orders, as "live" as they get', "author": "Ada & Sons"}

LIGHT = (
    ("check-fast",),
    (
        "test",
        *(f"backend/tests/{tests}" for tests in ("unit", "contract/test_api_md.py", "integration/test_readme.py")),
    ),
)
"""The static checks but for types, which another name does not change, and the tests of settings, pages and first
steps."""
CHECKS = {"sqlite": LIGHT, "postgresql": LIGHT, "bare-sqlite": LIGHT, "bare-postgresql": FULL}
"""The whole check runs where the code is another than in this repository, once. With the domain it is the same under
other names; another default changes two lines, and the tests run on both databases whatever the default is."""


def bake(kitchen: Kitchen, tally: Tally, variant: str, *, full: bool) -> None:
    """Make one variant, look for names and links that are wrong, and run its check."""
    if not tally.step(f"{variant}: make it", lambda: kitchen.start(**PROJECT, **VARIANTS[variant])):
        return
    tally.step(f"{variant}: no name of the template", kitchen.require_own_names)
    tally.step(f"{variant}: pages lead somewhere", kitchen.require_sound_pages)
    tally.commands(variant, kitchen.project, FULL if full else CHECKS[variant])


def update(kitchen: Kitchen) -> None:
    """Edit the project, release the template anew, update: both changes have to be there. Raises StepFailed."""
    ours, theirs = "# A line of the project.\n", "# A line of the next release.\n"
    local = kitchen.project / "backend/src/clock.py"
    local.write_text(local.read_text("utf-8") + ours, "utf-8")
    kitchen.commit("a local edit")
    released = kitchen.template / "backend/src/clock.py"
    released.write_text(theirs + released.read_text("utf-8"), "utf-8")
    git(kitchen.template, "commit", "--quiet", "--all", "--message=improve the clock")
    kitchen.release("v1.1.0")
    copier("update", "--vcs-ref=v1.1.0", str(kitchen.project))
    merged = local.read_text("utf-8")
    if not (merged.startswith(theirs) and merged.endswith(ours)):
        raise StepFailed(f"The update did not merge:\n{merged}")
    changed = git(kitchen.project, "status", "--porcelain").splitlines()
    if changed != [" M .copier-answers.yml", " M backend/src/clock.py"]:
        raise StepFailed("The update changed other files too:\n" + "\n".join(changed))
