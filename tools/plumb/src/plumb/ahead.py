"""Reads and checks a large project in several processes, ahead of the run, which finds in the cache what they found.

So its findings and their order are those of one process. What a process could not do the run does itself, and says why.
A process reads its share of the files, is told what the others have read, and checks its share while it has the trees.
One of them is the process of the run itself, whose memory the others share as far as it is there when they start.
In a project whose trees are not kept, other processes check than have read: they share what the run has opened before.
"""

import contextlib
import os
import pickle
import signal
from collections.abc import Callable, Iterable
from typing import BinaryIO, NamedTuple

from plumb.runner import Runner

WORTHWHILE = 100
"""So many files are read or checked before a second process has paid for its start."""
OF_THE_RUN = 0.05
"""The part of a run that its own process does beside its share: what concerns the project as a whole."""


class Share(NamedTuple):
    """The files that one process reads, and those that it checks once it knows the facts of all others."""

    unread: list[str]
    unchecked: list[str]


class Worker(NamedTuple):
    """A process at work; both sides send entries of the cache: what was read here and elsewhere, then outcomes."""

    process: int
    found: BinaryIO
    told: BinaryIO


def prepare(runner: Runner, wanted: Iterable[str], jobs: int) -> None:
    """Leave in the cache what *jobs* processes find out of what is not known yet, where that pays."""
    project = runner.project
    unread = {path for path in project.paths if not project.is_read(path)}
    unchecked = set(wanted)
    if len(unread) < WORTHWHILE:
        unchecked = {path for path in unchecked if runner.outcomes.of_file(path) is None}
    if jobs == 1 or not hasattr(os, "fork") or max(len(unread), len(unchecked)) < WORTHWHILE:
        return
    if len(unread) >= WORTHWHILE and not project.trees.are_kept:
        _work_off(runner, _shares(runner, unread, set(), jobs))
        unread.clear()
        project.open_all()
    _work_off(runner, _shares(runner, unread, unchecked, jobs))


def _work_off(runner: Runner, shares: list[Share]) -> None:
    """Do the first share here, and let a process do each of the others."""
    runner.project.trees.share = len(shares)
    workers: list[Worker] = []
    own, *others = shares
    try:
        for share in others:
            workers.append(_start(runner, share, workers))
        _read(runner, own, lambda: True)
        _exchange(runner, workers)
        if own.unchecked:
            _check(runner, own, lambda: True)
            runner.project_wide()
        for worker in workers:
            runner.project.cache.add(_answer(worker))
    finally:
        runner.project.trees.share = 1
        for worker in workers:
            _end(worker)


def _shares(runner: Runner, unread: set[str], unchecked: set[str], jobs: int) -> list[Share]:
    """Shares of about the same size, that of the run first; the largest files are dealt out first."""
    sizes = {path: runner.project.size(path) for path in unread | unchecked}
    parts: list[set[str]] = [set() for _ in range(jobs)]
    filled = [sum(sizes.values()) * OF_THE_RUN, *[0.0] * (jobs - 1)]
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        least = filled.index(min(filled))
        filled[least] += sizes[path]
        parts[least].add(path)
    return [Share(sorted(part & unread), sorted(part & unchecked)) for part in parts]


def _start(runner: Runner, share: Share, others: list[Worker]) -> Worker:
    found, answers = os.pipe()
    orders, told = os.pipe()
    parent = os.getpid()
    process = os.fork()
    if process:
        os.close(answers)
        os.close(orders)
        return Worker(process, os.fdopen(found, "rb"), os.fdopen(told, "wb"))
    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        for file in (found, told, *(pipe.fileno() for other in others for pipe in other[1:])):
            os.close(file)
        with os.fdopen(orders, "rb") as given, os.fdopen(answers, "wb") as taken:
            _work(runner, share, parent, given, taken)
    finally:
        os._exit(0)  # What went wrong here goes wrong again in the parent, which reports it.


def _work(runner: Runner, share: Share, parent: int, given: BinaryIO, taken: BinaryIO) -> None:
    """Nobody waits for the answers of a worker that has lost its parent."""
    cache = runner.project.cache

    def has_parent() -> bool:
        return os.getppid() == parent

    _read(runner, share, has_parent)
    pickle.dump(cache.added(), taken)
    taken.flush()
    cache.add(pickle.load(given))  # noqa: S301 It comes from the parent.
    _check(runner, share, has_parent)
    pickle.dump(cache.added(), taken)


def _read(runner: Runner, share: Share, goes_on: Callable[[], bool]) -> None:
    for path in share.unread:
        if goes_on():
            runner.project.read(path)


def _check(runner: Runner, share: Share, goes_on: Callable[[], bool]) -> None:
    for path in share.unchecked:
        if goes_on() and runner.outcomes.of_file(path) is None:
            runner.outcome(path)


def _exchange(runner: Runner, workers: list[Worker]) -> None:
    """Tell each worker what the others have read, and what was read here."""
    cache = runner.project.cache
    here = cache.added()
    read = [_answer(worker) for worker in workers]
    for worker, own in zip(workers, read, strict=True):
        cache.add(own)
        others = {key: blob for entries in (here, *read) if entries is not own for key, blob in entries.items()}
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(others, worker.told)
            worker.told.flush()


def _answer(worker: Worker) -> dict[str, bytes]:
    """What a worker has found; nothing if it could not go on."""
    try:
        return pickle.load(worker.found)  # noqa: S301 It comes from a process of this run.
    except (EOFError, pickle.UnpicklingError):
        return {}


def _end(worker: Worker) -> None:
    with contextlib.suppress(BrokenPipeError):
        worker.told.close()
    worker.found.close()
    os.kill(worker.process, signal.SIGKILL)
    os.waitpid(worker.process, 0)
