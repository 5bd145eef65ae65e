"""The commands: what is asked for on the command line, and what it answers."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from parts import manifest
from parts.draft import PartsError
from scaffold import bake, drill, kitchen, start
from scaffold.naming import Names
from scaffold.steps import Tally


def main(arguments: Sequence[str]) -> int:
    """Run a command. Exit codes: 0 done, 1 refused or failed, 2 wrong usage."""
    given = _parser().parse_args(arguments)
    try:
        return given.run(given)
    except PartsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _start(given: argparse.Namespace) -> int:
    names = Names(given.name.strip(), given.description.strip(), given.author.strip())
    without = list(manifest.read_all()) if given.without == "all" else [*filter(None, given.without.split(","))]
    start.start(Path.cwd(), start.Answers(names, given.database, without))
    return 0


def _bake(given: argparse.Namespace) -> int:
    if unknown := set(given.variants) - bake.VARIANTS.keys():
        raise PartsError(f"There is no variant {', '.join(sorted(unknown))}. Variants: {', '.join(bake.VARIANTS)}.")
    tally = Tally()
    with kitchen.opened() as place:
        for variant in given.variants:
            bake.bake(place, tally, variant, full=given.full)
    return tally.close()


def _drill(given: argparse.Namespace) -> int:
    tally = Tally()
    with kitchen.opened() as place:
        if tally.step("make a project", lambda: place.start(**bake.PROJECT)):
            drill.drill(place, tally, given.parts or list(manifest.read_all()), full=given.full)
            tally.step("an update merges with a local edit", lambda: bake.update(place))
    return tally.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python tools/scaffold", description="Projects made of this repository.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    starting = commands.add_parser("start", help="turn a copy, in the current folder, into a project (copier's task)")
    for name in ("name", "description", "author"):
        starting.add_argument(f"--{name}", required=True)
    starting.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    starting.add_argument("--without", default="", metavar="PART,PART", help="parts that are left out, or `all`")
    starting.set_defaults(run=_start)
    baking = commands.add_parser("bake", help="make projects of the last commit and check them")
    baking.add_argument("variants", nargs="*", default=list(bake.VARIANTS), metavar="VARIANT")
    baking.add_argument("--full", action="store_true", help="run the whole check of every variant")
    baking.set_defaults(run=_bake)
    drilling = commands.add_parser("drill", help="take each part out alone, run what is left, then update a project")
    drilling.add_argument("parts", nargs="*", metavar="PART")
    drilling.add_argument("--full", action="store_true", help="run the whole check of what is left")
    drilling.set_defaults(run=_drill)
    return parser
