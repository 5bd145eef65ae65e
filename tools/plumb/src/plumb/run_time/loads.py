"""The guard against lazy loads (PB210): one that nothing asked for fails the test, with the lines that explain it."""

from collections.abc import Generator
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from plumb.run_time import frames

QUERY = "plumb_query"


class LazyLoad(AssertionError):
    """PB210: a relationship or column was loaded by being read."""


class LoadGuard:
    """Listens to every session; a lazy load is refused, and remembered in case the refusal is swallowed."""

    def __init__(self, event: Any, session_class: Any, mapper_class: Any) -> None:
        self.found: list[str] = []
        self.active = False
        self.origins: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        event.listen(session_class, "do_orm_execute", self.executing)
        event.listen(mapper_class, "load", self.loaded)
        event.listen(mapper_class, "refresh", self.refreshed)
        event.listen(mapper_class, "init", self.made)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail the test although an error was swallowed on the way."""
        del item
        self.found, self.active = [], True
        try:
            result = yield
        finally:
            self.active = False
        if self.found:
            raise LazyLoad("\n".join(self.found))
        return result

    def executing(self, state: Any) -> None:
        """Let a query carry its line; refuse a load that no query of the test's code asked for."""
        if not self.active or not state.is_select or not _is_async(state):
            return
        if state.lazy_loaded_from is None and not state.is_column_load:
            if not state.is_relationship_load:
                state.update_execution_options(**{QUERY: frames.line(frames.everywhere())})
            return
        touched = frames.line(frames.running())
        if touched and not _is_asked_for():
            self.found.append(self._told(state, touched))
            raise LazyLoad(self.found[-1])

    def loaded(self, target: Any, context: Any) -> None:
        """Remember the query that brought an object."""
        line = context.execution_options.get(QUERY, "") if self.active else ""
        if line:
            self.origins[target._sa_instance_state] = f"the query that did not load it is at {line}"  # noqa: SLF001

    def refreshed(self, target: Any, context: Any, names: Any) -> None:
        """A later query that brings the object again is the one that could have loaded more."""
        if names is None:
            self.loaded(target, context)

    def made(self, target: Any, _arguments: Any, _named: Any) -> None:
        """Remember where a new object was made: no query has brought it."""
        line = frames.line(frames.everywhere()) if self.active else ""
        if line:
            self.origins[target._sa_instance_state] = f"the object is new, made at {line}"  # noqa: SLF001

    def _told(self, state: Any, touched: str) -> str:
        owner = state.lazy_loaded_from
        of_columns = owner is None
        if of_columns:
            owner = state.load_options._refresh_state  # noqa: SLF001 nothing public has it
        mapper = owner.mapper if owner is not None else next(iter(state.all_mappers))
        model, names = mapper.class_.__name__, _columns(state, mapper) if of_columns else _relationship(state)
        origin = self.origins.get(owner, "") if owner is not None else ""
        return f"PB210 lazy load of {model}.{names} at {touched}" + (f"; {origin}" if origin else "")


def guard() -> LoadGuard | None:
    """The guard; None without SQLAlchemy, where there is nothing to guard."""
    try:
        from sqlalchemy import event  # noqa: PLC0415 - the plugin is harmless where it is not installed
        from sqlalchemy.orm import Mapper, Session  # noqa: PLC0415
    except ImportError:
        return None
    return LoadGuard(event, Session, Mapper)


def _is_async(state: Any) -> bool:
    """Whether the session belongs to an AsyncSession; elsewhere a lazy load is no mistake."""
    return state.session.get_bind(**state.bind_arguments).dialect.is_async


def _relationship(state: Any) -> str:
    path = state.loader_strategy_path
    keys = [part.key for part in (path or ()) if hasattr(part, "key") and hasattr(part, "mapper")]
    return keys[-1] if keys else "?"


def _columns(state: Any, mapper: Any) -> str:
    """The columns that were expired or deferred, if the statement names them."""
    options = getattr(state.statement, "_compile_options", None)
    names = frozenset(getattr(options, "_only_load_props", None) or ()) & frozenset(mapper.column_attrs.keys())
    return "/".join(sorted(names)) or "(expired columns)"


def _is_asked_for() -> bool:
    """Whether SQLAlchemy was told to load: by `refresh`, `awaitable_attrs` or `run_sync`, in which a load may wait."""
    for frame, _ in frames.everywhere():
        if "sqlalchemy" not in frame.f_code.co_filename:
            continue
        name = frame.f_code.co_name
        if name in {"refresh", "run_sync"} or (name == "greenlet_spawn" and frame.f_locals.get("fn") is getattr):
            return True
    return False
