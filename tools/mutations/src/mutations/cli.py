"""`python dev.py mutate`: break our own code rule by rule, and see who notices."""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mutations import report
from mutations.mutants import Mutant, Operator, all_operators, mutants_of
from mutations.results import STAGES, Results
from mutations.runner import run
from mutations.source import Repository
from mutations.stages import StageError

ROOT = Path(__file__).resolve().parents[4]
RESULTS = ROOT / ".mutations" / "results.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants that are asked for; 1 where one survives what should have caught it."""
    options = _parser().parse_args(arguments)
    mutants = _chosen(options)
    if not mutants:
        print(f"error: no mutant for {options.rule}. --list shows all.", file=sys.stderr)
        return 2
    if options.list:
        for mutant in mutants:
            print(f"{mutant.id} {mutant.operator.rule} {mutant.operator.name}: {mutant.place}")
        return 0
    if options.fresh:
        RESULTS.unlink(missing_ok=True)
    results = Results(RESULTS, ROOT)
    stages = [stage for stage in STAGES if stage in (options.stage or STAGES)]
    try:
        run(mutants, stages, results, jobs=options.jobs, root=ROOT)
    except StageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    left = list(report.survivors(mutants, results))
    print("", *left, report.table(mutants, results), sep="\n")
    return int(bool(left))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python dev.py mutate", description=__doc__)
    parser.add_argument("--rule", action="append", help="a rule or a family: PB5, PB501; may be repeated")
    parser.add_argument("--stage", action="append", choices=STAGES, help="only this stage; may be repeated")
    parser.add_argument("--per-file", type=int, metavar="N", help="at most N mutants of an operator in a file")
    parser.add_argument("--each", type=int, metavar="N", help="at most N mutants of an operator")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants, the same ones each time")
    parser.add_argument("--seed", type=int, metavar="N", help="take others than the usual ones, at random")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at a time (default 2)")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs have found")
    parser.add_argument("--list", action="store_true", help="list the mutants and run none")
    return parser


def _chosen(options: argparse.Namespace) -> list[Mutant]:
    repository = Repository(ROOT)
    chosen = [found for found in all_operators() if found.rule.startswith(tuple(options.rule or ["PB"]))]
    mutants: list[Mutant] = []
    for found in chosen:
        seen: Counter[str] = Counter()
        kept: list[Mutant] = []
        for mutant in _in_order(found, repository, options.seed):
            seen[mutant.path] += 1
            if options.per_file is None or seen[mutant.path] <= options.per_file:
                kept.append(mutant)
        mutants += kept[: options.each]
    if options.sample is not None and options.sample < len(mutants):
        draw = random.Random(options.seed or 0)  # noqa: S311 the same ones each time
        return [mutants[place] for place in sorted(draw.sample(range(len(mutants)), options.sample))]
    return mutants


def _in_order(found: Operator, repository: Repository, seed: int | None) -> list[Mutant]:
    """The mutants of an operator as they stand in the files; with a seed, in an order of its own."""
    mutants = list(mutants_of(found, repository))
    if seed is not None:
        random.Random(f"{seed} {found.name}").shuffle(mutants)  # noqa: S311 the same order each time
    return mutants
