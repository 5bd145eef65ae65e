"""The run: every mutant through the stages, two at a time, each worker in a copy of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from mutations import stages
from mutations.mutants import Mutant
from mutations.results import Results
from mutations.workspace import Workspace

Stage = Callable[[Mutant, Path], str]
STAGES: dict[str, Stage] = {
    "plumb": stages.plumb,
    "construction": stages.construction,
    "tests": stages.tests,
    "suite": stages.suite,
}
ASKED_AFTER = {"construction": "plumb", "suite": "tests"}
"""Stages that are asked only about what another one has let through."""


def run(mutants: Sequence[Mutant], chosen: Sequence[str], results: Results, *, jobs: int, root: Path) -> None:
    """Put the mutants through the stages that are *chosen*, but for what is known already."""
    pending = [mutant for mutant in mutants if any(_is_open(mutant, stage, results) for stage in chosen)]
    if not pending:
        return
    with TemporaryDirectory(prefix="mutations-") as folder, ThreadPoolExecutor(jobs) as pool:
        free: SimpleQueue[Workspace] = SimpleQueue()
        for number in range(min(jobs, len(pending))):
            free.put(Workspace(root, Path(folder) / str(number)))
        progress = _Progress(len(pending))

        def work(mutant: Mutant) -> None:
            workspace = free.get()
            try:
                progress.done(mutant, _through(mutant, chosen, results, workspace, progress.lock))
            finally:
                free.put(workspace)

        for ended in [pool.submit(work, mutant) for mutant in pending]:
            try:
                ended.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _through(
    mutant: Mutant, chosen: Sequence[str], results: Results, workspace: Workspace, lock: threading.Lock
) -> list[str]:
    said: list[str] = []
    for stage in chosen:
        if _is_open(mutant, stage, results):
            started = time.perf_counter()
            with workspace.mutated(mutant.texts) as folder:
                caught = STAGES[stage](mutant, folder)
            seconds = time.perf_counter() - started
            stages.confirm(caught, workspace.folder)
            with lock:
                results.add(mutant.id, stage, caught, seconds)
            said.append(f"{stage}: {caught or 'survived'}")
    return said


def _is_open(mutant: Mutant, stage: str, results: Results) -> bool:
    """Whether a stage has still something to say."""
    if results.get(mutant.id, stage) is not None or (stage in {"tests", "suite"} and not mutant.operator.tested):
        return False
    before = results.get(mutant.id, ASKED_AFTER.get(stage, ""))
    return before is None or not before.caught


class _Progress:
    """A line for each mutant that is through, with the time that is left at this pace."""

    def __init__(self, total: int) -> None:
        self.lock = threading.Lock()
        self._total, self._count, self._started = total, 0, time.perf_counter()

    def done(self, mutant: Mutant, said: list[str]) -> None:
        with self.lock:
            self._count += 1
            spent = time.perf_counter() - self._started
            left = spent / self._count * (self._total - self._count)
            place = f"{mutant.operator.rule} {mutant.operator.name}, {mutant.place}"
            print(f"[{self._count}/{self._total}, {left / 60:.0f} min left] {place}: {'; '.join(said)}", flush=True)
