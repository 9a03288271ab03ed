"""Run many tasks: on processes of this machine, or on an executor that somebody else made."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from reconcile.batch.worker import Outcome, fit_packed

__all__ = ["run_each"]

type Pack = Callable[[str], bytes]
type Ended = Generator[tuple[str, Outcome]]
# Tasks handed to an executor and not yet come back, for each of its workers, and where it does not
# say how many it has.
_PER_WORKER: Final = 4
_UNKNOWN: Final = 512
# How often a case may take its process down with it.
_MOST_DEATHS: Final = 2


def run_each(names: Iterable[str], pack: Pack, executor: Executor | None) -> Ended:
    """Fit cases somewhere, and hand over what comes of each as it ends.

    Parameters
    ----------
    names : iterable of str
        Of the cases.
    pack : callable
        Makes the task of a case, when its turn comes.
    executor : concurrent.futures.Executor or None
        Where to run them. It is not shut down. By default on processes of this machine, one for
        each processor, which are gone at the end.

    Yields
    ------
    (str, Outcome)
        In the order in which they end. Close the generator to cancel the others.

    Raises
    ------
    RuntimeError
        If no process can be started.
    """
    waiting = deque(names)
    if executor is not None:
        return _run_on(executor, waiting, pack)
    return _run_here(waiting, pack)


def _run_on(executor: Executor, waiting: deque[str], pack: Pack) -> Ended:
    """Run on an executor of somebody else's; if it breaks, all that is left has failed."""
    workers = getattr(executor, "_max_workers", None)
    window = _PER_WORKER * workers if isinstance(workers, int) else _UNKNOWN
    running: dict[Future[Outcome], str] = {}
    broken = ""
    try:
        while waiting or running:
            while waiting and not broken and len(running) < window:
                packed = _packed(waiting[0], pack)
                if isinstance(packed, Outcome):
                    yield waiting.popleft(), packed
                    continue
                try:
                    running[executor.submit(fit_packed, packed)] = waiting[0]
                except Exception as error:
                    broken = _broke(error)
                else:
                    waiting.popleft()
            while waiting and broken:
                yield waiting.popleft(), Outcome(error=broken)
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                name = running.pop(future)
                ended = _ended(future)
                if isinstance(ended, Outcome):
                    yield name, ended
                    continue
                broken = broken or (_broke(ended) if _is_fatal(ended) else "")
                yield name, Outcome(error=broken or f"{type(ended).__name__}: {ended}")
    finally:
        for future in running:
            future.cancel()


def _run_here(waiting: deque[str], pack: Pack) -> Ended:
    """Run on processes of our own.

    Each is a pool of one: when a process dies, the case that it died of is known, and no other one
    suffers.
    """
    _refuse_in_a_worker()
    wanted = min(_processors(), len(waiting))
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future[Outcome], tuple[str, ProcessPoolExecutor]] = {}
    deaths: Counter[str] = Counter()
    unpacked: list[tuple[str, Outcome]] = []

    def start() -> None:
        while waiting and len(running) < wanted:
            name = waiting.popleft()
            packed = _packed(name, pack)
            if isinstance(packed, Outcome):
                unpacked.append((name, packed))
                continue
            pool = idle.pop() if idle else _process()
            try:
                running[pool.submit(fit_packed, packed)] = name, pool
            except BrokenProcessPool:
                # It died while it had nothing to do.
                pool.shutdown(wait=False)
                waiting.appendleft(name)

    try:
        if waiting:
            idle.append(_first_process())
        while waiting or running or unpacked:
            start()
            yield from unpacked
            unpacked.clear()
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                name, pool = running.pop(future)
                ended = _ended(future)
                if isinstance(ended, BrokenProcessPool):
                    pool.shutdown(wait=False)
                    deaths[name] += 1
                    if deaths[name] < _MOST_DEATHS:
                        waiting.append(name)
                        continue
                else:
                    idle.append(pool)
                # The next one runs while this one is written.
                start()
                yield name, ended if isinstance(ended, Outcome) else _lost(ended)
    finally:
        for pool in [*idle, *(pool for _, pool in running.values())]:
            pool.shutdown(wait=False, cancel_futures=True)


def _processors() -> int:
    count = getattr(os, "process_cpu_count", os.cpu_count)
    return int(count() or 1)


def _process() -> ProcessPoolExecutor:
    # Spawned: a fork of a process that runs threads may hang.
    return ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))


def _first_process() -> ProcessPoolExecutor:
    """A process that is known to have started."""
    pool = _process()
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool:
        pool.shutdown(wait=False)
        raise RuntimeError(
            "no worker process can be started. Each imports your script anew, so the script must "
            "be a file, and fit_each be called under: if __name__ == '__main__'"
        ) from None
    return pool


def _refuse_in_a_worker() -> None:
    """Stop a script without a guard from starting processes that start processes."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(
            "fit_each is called while a worker process imports your script: call it under "
            "if __name__ == '__main__'"
        )


def _packed(name: str, pack: Pack) -> bytes | Outcome:
    try:
        return pack(name)
    except Exception as error:
        return Outcome(error=f"it cannot be sent to a worker: {type(error).__name__}: {error}")


def _ended(future: Future[Outcome]) -> Outcome | BaseException:
    """What came of a future that is done."""
    if future.cancelled():
        return _CancelledError("cancelled by the executor")
    error = future.exception()
    if isinstance(error, KeyboardInterrupt):
        # The keyboard interrupts all processes of a terminal.
        raise error
    return future.result() if error is None else error


class _CancelledError(Exception):
    """The executor gave up a task."""


def _is_fatal(error: BaseException) -> bool:
    """Whether the executor will not run anything else either."""
    return isinstance(error, BrokenExecutor | _CancelledError)


def _broke(error: BaseException) -> str:
    return (
        f"the executor broke, {type(error).__name__}: {error}. Running it again with the same "
        "folder goes on from what is done"
    )


def _lost(error: BaseException) -> Outcome:
    if isinstance(error, BrokenProcessPool):
        text = f"its worker process died {_MOST_DEATHS} times; it may have run out of memory"
        return Outcome(error=text)
    return Outcome(error=f"{type(error).__name__}: {error}")
