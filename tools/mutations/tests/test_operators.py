"""The operators fit our code: each still finds a place, and what it makes of it can be read."""

import ast
from pathlib import Path

import pytest

from mutations import stages
from mutations.mutants import Mutant, Operator, all_operators, mutants_of
from mutations.source import Repository
from mutations.workspace import Workspace

ROOT = Path(__file__).parents[3]
REPOSITORY = Repository(ROOT)
OPERATORS = {f"{found.rule} {found.name}": found for found in all_operators()}
MUTANTS = {name: list(mutants_of(found, REPOSITORY)) for name, found in OPERATORS.items()}
RULES = {path.stem.upper() for path in (ROOT / "tools/plumb/src/plumb/rules").glob("pb*.py")}

SAMPLE = [
    "PB101 a route loses its section",
    "PB102 a documented route is gone",
    "PB201 a query loses its plan",
    "PB202 an attribute is read after a rollback",
    "PB301 an object is answered bare",
    "PB403 a field of an answer is a bare datetime",
    "PB501 a column stores names",
    "PB601 two handlers change places",
    "PB702 an expected failure may pass",
    "PB801 a mock answers another chain",
    "PB901 a column is added without a value for the rows",
]
"""One of each family, and both sides of the page: plumb has to find the first mutant of each by its own rule."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a copy of the repository."""
    return Workspace(ROOT, tmp_path_factory.mktemp("copy"))


def test_every_rule_has_an_operator() -> None:
    assert RULES - {"PB001", "PB002"} <= {found.rule for found in OPERATORS.values()}


@pytest.mark.parametrize("name", OPERATORS)
def test_operator_finds_places_in_our_code(name: str) -> None:
    mutants = MUTANTS[name]
    assert mutants
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        assert mutant.diff
        for path, text in mutant.texts.items():
            if path.endswith(".py"):
                ast.parse(text)


@pytest.mark.parametrize("found", OPERATORS.values(), ids=OPERATORS)
def test_operator_that_tests_cannot_see_says_why(found: Operator) -> None:
    assert found.tested or "test" in (found.find.__doc__ or "")


@pytest.mark.parametrize("name", SAMPLE)
def test_plumb_finds_it_in_our_code(workspace: Workspace, name: str) -> None:
    mutant: Mutant = MUTANTS[name][0]
    with workspace.mutated(mutant.texts) as folder:
        assert mutant.operator.rule in stages.plumb(mutant, folder).split()


def test_plumb_finds_nothing_in_the_copy(workspace: Workspace) -> None:
    mutant = MUTANTS[SAMPLE[0]][0]
    with workspace.mutated({}) as folder:
        assert not stages.plumb(mutant, folder)
