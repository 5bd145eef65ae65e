"""PB8xx: mocks that answer what nobody asks. Our tests have none, so each mutant brings its own test."""

import ast
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.places import SERVICES
from mutations.source import Edit, Source

TESTS = "backend/tests/integration/**/test_*.py"

MOCKED = '''"""A service over a mocked session."""

from unittest.mock import AsyncMock, MagicMock
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from src.services import {module}


async def test_{function}_over_a_mock() -> None:
    result = MagicMock()
    result.{chain}.return_value = {answer}
    session = {session}
    session.exec.return_value = result
    assert await {module}.{function}({arguments}) == {answer}
'''
CHAINS = {"one_or_none": "None", "first": "None", "all": "[]"}
STALE = {
    "one_or_none": "scalars.return_value.one_or_none",
    "first": "scalars.return_value.first",
    "all": "unique.return_value.all",
}


@operator("PB801", "a mock answers another chain", SERVICES)
def stale_chain(source: Source) -> Iterator[Edits]:
    for function, chain in _asking(source):
        yield [_test(source, function, STALE[chain], CHAINS[chain], "AsyncMock(spec=AsyncSession)")]


@operator("PB802", "a patch names nothing", TESTS)
def lost_patch(source: Source) -> Iterator[Edits]:
    """The target of `monkeypatch.setattr` in our own code is misspelt."""
    for call in source.walk(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(attr="setattr"), args=[ast.Constant(value=str(target)) as found, *_]):
                if target.startswith(("src.", "migrations.")) and "__" not in target:
                    yield [source.replace(found, f'"{target}_OF_OLD"')]
            case _:
                pass


@operator("PB803", "a session is a bare mock", SERVICES, tested=False)
def bare_session(source: Source) -> Iterator[Edits]:
    """The chain is the right one, so the test passes: that is what is wrong with it."""
    for function, chain in _asking(source):
        yield [_test(source, function, chain, CHAINS[chain], "AsyncMock()")]


@operator("PB804", "a mock has an answer to spare", SERVICES, tested=False)
def spare_answer(source: Source) -> Iterator[Edits]:
    """The right chain and one more that nobody asks for.

    Only the plugin for pytest sees that, where it is switched on: the test itself passes.
    """
    for function, chain in _asking(source):
        extra = f"unique.return_value.{chain}.return_value = {CHAINS[chain]}\n    result.{chain}"
        yield [_test(source, function, extra, CHAINS[chain], "AsyncMock(spec=AsyncSession)")]


def _asking(source: Source) -> Iterator[tuple[ast.AsyncFunctionDef, str]]:
    """Functions that need no more than a session and a user, and return what one statement answered."""
    for function in source.tree.body:
        if isinstance(function, ast.AsyncFunctionDef) and not function.name.startswith("_"):
            names = [argument.arg for argument in function.args.args]
            last = function.body[-1]
            chain = ast.unparse(last).rpartition(").")[2].removesuffix("()")
            if names[:1] == ["session"] and set(names) <= {"session", "user_id", "named", "now"} and chain in CHAINS:
                yield function, chain


def _test(source: Source, function: ast.AsyncFunctionDef, chain: str, answer: str, session: str) -> Edit:
    module = source.path.rpartition("/")[2].removesuffix(".py")
    arguments = ", ".join("session" if word.arg == "session" else "uuid4()" for word in function.args.args)
    text = MOCKED.format(
        module=module, function=function.name, chain=chain, answer=answer, session=session, arguments=arguments
    )
    return Edit(f"backend/tests/unit/test_{module}_mocked.py", 0, 0, text)
