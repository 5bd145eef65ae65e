"""The guard against stale mocks (PB804): an answer that a test configured and nothing asked for is told."""

import warnings
from collections.abc import Generator
from typing import Any
from unittest import mock

import pytest

from plumb.run_time import frames


class UnusedMockAnswer(UserWarning):
    """PB804: a mock was given an answer that nothing asked for."""


class MockGuard:
    """Watches `return_value` of every mock while a test runs."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Warn, after a test that passed, of each answer that was configured and not used."""
        configured: list[tuple[Any, str]] = []
        original = mock.NonCallableMock.__setattr__

        def remember(self: Any, name: str, value: object) -> None:
            original(self, name, value)
            if name == "return_value" and not isinstance(value, mock.NonCallableMock):
                configured.append((self, frames.line(frames.running())))

        mock.NonCallableMock.__setattr__ = remember
        try:
            result = yield
        finally:
            mock.NonCallableMock.__setattr__ = original
        for one, place in configured:
            if place and not one.called:
                text = f"PB804 {_chain(one)} at {place} was given an answer that nothing asked for"
                warnings.warn_explicit(UnusedMockAnswer(text), None, *frames.split(place))
        del item
        return result


def _chain(one: Any) -> str:
    """`mock.scalars().all` as the mock spells itself."""
    return repr(one).partition("'")[2].partition("'")[0] or "a mock"
