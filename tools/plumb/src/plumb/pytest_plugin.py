"""A plugin for pytest: lazy loads fail the test that makes them, and answers of mocks that nobody asked for are told.

`--plumb-loads` names the relationship of a lazy load, the line that touched it and the line of the query that forgot
it, before SQLAlchemy's own error. `--plumb-mocks` (PB804) warns of a `return_value` that a test configured on a
mock and nothing asked for. Without SQLAlchemy the first does nothing.
"""

import inspect
import sysconfig
import traceback
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

import pytest

STANDARD = sysconfig.get_path("stdlib")
_NOT_OURS = ("site-packages", "dist-packages", "<")


class LazyLoad(AssertionError):
    """A relationship or column was loaded by being read."""


class UnusedMockAnswer(UserWarning):
    """PB804: a mock was given an answer that nothing asked for."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the two switches; both may stand in `addopts`."""
    group = parser.getgroup("plumb")
    group.addoption("--plumb-loads", action="store_true", help="fail tests that load relationships lazily")
    group.addoption("--plumb-mocks", action="store_true", help="warn of configured return values never used (PB804)")


def pytest_configure(config: pytest.Config) -> None:
    """Install the guards that were asked for."""
    if config.getoption("plumb_loads"):
        guard = _loads()
        if guard is not None:
            config.pluginmanager.register(guard, "plumb-loads")
    if config.getoption("plumb_mocks"):
        config.pluginmanager.register(MockGuard(), "plumb-mocks")


class LoadGuard:
    """Listens to every session; a lazy load is refused, and remembered in case the refusal is swallowed."""

    def __init__(self, event: Any, session_class: Any) -> None:
        self.found: list[str] = []
        self.active = False
        self.last: dict[Any, str] = {}
        event.listen(session_class, "do_orm_execute", self.executing)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail the test although an error was swallowed on the way."""
        del item
        self.found, self.active = [], True
        self.last.clear()
        try:
            result = yield
        finally:
            self.active = False
        if self.found:
            raise LazyLoad("\n".join(self.found))
        return result

    def executing(self, state: Any) -> None:
        """Remember where entities are queried; refuse a load that no query of the test's code asked for."""
        if not self.active or not state.is_select or not _is_async(state):
            return
        owner = state.lazy_loaded_from
        if owner is None and not state.is_column_load:
            if not state.is_relationship_load:
                self.last.update(dict.fromkeys(state.all_mappers, _line(_all_frames())))
            return
        touched = _line(_frames())
        if not touched or _is_asked_for():
            return
        mapper = owner.mapper if owner is not None else next(iter(state.all_mappers))
        name = _relationship(state) if owner is not None else "(expired columns)"
        told = f"lazy load of {mapper.class_.__name__}.{name} at {touched}"
        query = self.last.get(mapper, "")
        self.found.append(told + (f"; the query that did not load it is at {query}" if query else ""))
        raise LazyLoad(self.found[-1])


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
                configured.append((self, _line(_frames())))

        mock.NonCallableMock.__setattr__ = remember
        try:
            result = yield
        finally:
            mock.NonCallableMock.__setattr__ = original
        for one, place in configured:
            if place and not one.called:
                text = f"PB804 {_chain(one)} at {place} was given an answer that nothing asked for"
                warnings.warn_explicit(UnusedMockAnswer(text), None, *_split(place))
        del item
        return result


def _loads() -> LoadGuard | None:
    try:
        from sqlalchemy import event  # noqa: PLC0415 - the plugin is harmless where it is not installed
        from sqlalchemy.orm import Session  # noqa: PLC0415
    except ImportError:
        return None
    return LoadGuard(event, Session)


def _is_async(state: Any) -> bool:
    """Whether the session belongs to an AsyncSession; elsewhere a lazy load is no mistake."""
    return state.session.get_bind(**state.bind_arguments).dialect.is_async


def _relationship(state: Any) -> str:
    path = state.loader_strategy_path
    keys = [part.key for part in (path or ()) if hasattr(part, "key") and hasattr(part, "mapper")]
    return keys[-1] if keys else "?"


def _frames() -> Iterator[tuple[FrameType, int]]:
    """The frames of the running greenlet, the innermost first."""
    return traceback.walk_stack(inspect.currentframe())


def _all_frames() -> Iterator[tuple[FrameType, int]]:
    """The frames of the running greenlet and of those that wait for it."""
    from greenlet import getcurrent  # noqa: PLC0415 - installed wherever an asynchronous session runs

    yield from _frames()
    above = getcurrent().parent
    while above is not None and above.gr_frame is not None:
        yield from traceback.walk_stack(above.gr_frame)
        above = above.parent


def _line(frames: Iterator[tuple[FrameType, int]]) -> str:
    """The innermost line that belongs to no library."""
    for frame, line in frames:
        path = frame.f_code.co_filename
        if path != __file__ and not path.startswith(STANDARD) and not any(part in path for part in _NOT_OURS):
            return f"{_shown(path)}:{line}"
    return ""


def _is_asked_for() -> bool:
    """Whether SQLAlchemy was told to load: `refresh`, or `run_sync`, inside of which a load may wait."""
    return any(
        frame.f_code.co_name in {"refresh", "run_sync"} and "sqlalchemy" in frame.f_code.co_filename
        for frame, _ in _all_frames()
    )


def _shown(path: str) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path


def _split(place: str) -> tuple[str, int]:
    path, _, line = place.rpartition(":")
    return path, int(line)


def _chain(one: Any) -> str:
    """`mock.scalars().all` as the mock spells itself."""
    return repr(one).partition("'")[2].partition("'")[0] or "a mock"
