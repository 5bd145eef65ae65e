"""A plugin for pytest: lazy loads fail the test that makes them, and answers of mocks that nobody asked for are told.

`--plumb-loads` (PB210) names the relationship of a lazy load, the line that touched it and the line of the query that
forgot it, before SQLAlchemy's own error. `--plumb-mocks` (PB804) warns of a `return_value` that a test configured on a
mock and nothing asked for. Without SQLAlchemy the first does nothing.
"""

import pytest

from plumb.run_time import loads, mocks


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the two switches; both may stand in `addopts`."""
    group = parser.getgroup("plumb")
    group.addoption("--plumb-loads", action="store_true", help="fail tests that load lazily (PB210)")
    group.addoption("--plumb-mocks", action="store_true", help="warn of configured return values never used (PB804)")


def pytest_configure(config: pytest.Config) -> None:
    """Install the guards that were asked for."""
    if config.getoption("plumb_loads"):
        guard = loads.guard()
        if guard is not None:
            config.pluginmanager.register(guard, "plumb-loads")
    if config.getoption("plumb_mocks"):
        config.pluginmanager.register(mocks.MockGuard(), "plumb-mocks")
