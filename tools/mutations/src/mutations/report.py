"""The table of a run, and every survivor with its place and its diff."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from mutations.mutants import Mutant
from mutations.results import STAGES, Results

HEADER = ("rule", "injected", "plumb", "own rule", "by construction", "tests", "tested", "neither")


def table(mutants: Sequence[Mutant], results: Results) -> str:
    """A line for each rule: how many were injected, and who caught them. `tested` is how many the tests were asked."""
    rows = [_row(rule, list(group), results) for rule, group in groupby(mutants, key=lambda found: found.operator.rule)]
    rows.append(_row("all", mutants, results))
    widths = [max(len(name), 6) for name in HEADER]
    lines = [[*HEADER], *([str(cell) for cell in row] for row in rows)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def survivors(mutants: Sequence[Mutant], results: Results) -> Iterator[str]:
    """Each mutant that a stage which should have caught it did not: what survived whom, where, and its diff."""
    for mutant in mutants:
        survived = list(_survived(mutant, results))
        if survived:
            operator = mutant.operator
            whom = " and ".join(survived)
            yield f"{operator.rule} {operator.name} survived {whom}\n  {mutant.place}\n{mutant.diff}\n"


def _survived(mutant: Mutant, results: Results) -> Iterator[str]:
    static = [results.get(mutant.id, stage) for stage in ("plumb", "construction")]
    if all(result is not None and not result.caught for result in static):
        yield "plumb and construction"
    elif static[0] is not None and static[1] is None and not static[0].caught:
        yield "plumb"
    chosen, suite = (results.get(mutant.id, stage) for stage in ("tests", "suite"))
    if chosen is not None and not chosen.caught and (suite is None or not suite.caught):
        yield "the tests that were chosen" if suite is None else "all tests"


def _row(rule: str, mutants: Sequence[Mutant], results: Results) -> tuple[str | int, ...]:
    def caught(mutant: Mutant, stage: str) -> str:
        result = results.get(mutant.id, stage)
        return result.caught if result else ""

    asked = [mutant for mutant in mutants if results.get(mutant.id, "tests")]
    return (
        rule,
        len(mutants),
        sum(bool(caught(mutant, "plumb")) for mutant in mutants),
        sum(mutant.operator.rule in caught(mutant, "plumb") for mutant in mutants),
        sum(bool(caught(mutant, "construction")) for mutant in mutants),
        sum(bool(caught(mutant, "tests") or caught(mutant, "suite")) for mutant in mutants),
        len(asked),
        sum(not any(caught(mutant, stage) for stage in STAGES) for mutant in mutants),
    )
