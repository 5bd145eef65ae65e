"""The lock without a package that only this repository needs, as `python dev.py lock` would write it."""

import re

ENTRY = re.compile(r"^(?P<name>[a-z0-9-]+)==.*(?:\n    .*)*\n?", re.MULTILINE)
VIA = re.compile(r"# via (.*)")


def without(lock: str, package: str) -> str:
    """*lock* without *package* and all that is in it for that package's sake alone."""
    entries = {match["name"]: match[0] for match in ENTRY.finditer(lock)}
    via = {name: set(re.split(r",\s*", found[1])) for name, text in entries.items() if (found := VIA.search(text))}
    gone = {package}
    while more := {name for name, wanted_by in via.items() if wanted_by <= gone} - gone:
        gone |= more
    for name in gone:
        wanted_by = entries[name]
        lock = lock.replace(wanted_by, "")
    for name, text in entries.items():
        if name not in gone and (rest := via.get(name, set()) - gone) != via.get(name, set()):
            lock = lock.replace(text, VIA.sub(f"# via {', '.join(sorted(rest))}", text))
    return lock
