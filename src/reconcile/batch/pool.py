"""Run many tasks in local worker processes or on a given executor."""

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

from reconcile.batch.worker import Outcome, fit_task

__all__ = ["run_each"]

type MakeTask = Callable[[str], bytes]
type Results = Generator[tuple[str, Outcome]]
# Tasks in flight per worker of an executor, and in all if its number of workers is unknown.
_PER_WORKER: Final = 4
_UNKNOWN: Final = 512
# Worker processes that a case may crash before it is given up.
_MOST_CRASHES: Final = 2


def run_each(names: Iterable[str], make_task: MakeTask, executor: Executor | None) -> Results:
    """Yield (name, outcome) as each case finishes; closing the generator cancels the rest."""
    waiting = deque(names)
    if executor is not None:
        return _run_on_executor(executor, waiting, make_task)
    return _run_locally(waiting, make_task)


def _run_on_executor(executor: Executor, waiting: deque[str], make_task: MakeTask) -> Results:
    """Run on a given executor; if it breaks, all remaining cases fail."""
    workers = getattr(executor, "_max_workers", None)
    window = _PER_WORKER * workers if isinstance(workers, int) else _UNKNOWN
    running: dict[Future[Outcome], str] = {}
    broken = ""
    try:
        while waiting or running:
            while waiting and not broken and len(running) < window:
                payload = _serialised(waiting[0], make_task)
                if isinstance(payload, Outcome):
                    yield waiting.popleft(), payload
                    continue
                try:
                    running[executor.submit(fit_task, payload)] = waiting[0]
                except Exception as error:
                    broken = _broken_message(error)
                else:
                    waiting.popleft()
            while waiting and broken:
                yield waiting.popleft(), Outcome(error=broken)
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                name = running.pop(future)
                result = _result_of(future)
                if isinstance(result, Outcome):
                    yield name, result
                    continue
                broken = broken or (_broken_message(result) if _breaks_executor(result) else "")
                yield name, Outcome(error=broken or f"{type(result).__name__}: {result}")
    finally:
        for future in running:
            future.cancel()


def _run_locally(waiting: deque[str], make_task: MakeTask) -> Results:
    """Run in worker processes, each a pool of its own, so that a crash affects one case only."""
    _refuse_nested()
    wanted = min(_processors(), len(waiting))
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future[Outcome], tuple[str, ProcessPoolExecutor]] = {}
    crashes: Counter[str] = Counter()
    unsent: list[tuple[str, Outcome]] = []

    def start() -> None:
        while waiting and len(running) < wanted:
            name = waiting.popleft()
            payload = _serialised(name, make_task)
            if isinstance(payload, Outcome):
                unsent.append((name, payload))
                continue
            pool = idle.pop() if idle else _start_pool()
            try:
                running[pool.submit(fit_task, payload)] = name, pool
            except BrokenProcessPool:
                # The process died while idle.
                pool.shutdown(wait=False)
                waiting.appendleft(name)

    try:
        if waiting:
            idle.append(_start_first_pool())
        while waiting or running or unsent:
            start()
            yield from unsent
            unsent.clear()
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                name, pool = running.pop(future)
                result = _result_of(future)
                if isinstance(result, BrokenProcessPool):
                    pool.shutdown(wait=False)
                    crashes[name] += 1
                    if crashes[name] < _MOST_CRASHES:
                        waiting.append(name)
                        continue
                else:
                    idle.append(pool)
                # Start the next task before this result is written to disk.
                start()
                yield name, result if isinstance(result, Outcome) else _worker_failure(result)
    finally:
        for pool in [*idle, *(pool for _, pool in running.values())]:
            pool.shutdown(wait=False, cancel_futures=True)


def _processors() -> int:
    count = getattr(os, "process_cpu_count", os.cpu_count)
    return int(count() or 1)


def _start_pool() -> ProcessPoolExecutor:
    # Forking a process that runs threads may deadlock.
    return ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))


def _start_first_pool() -> ProcessPoolExecutor:
    """Start a worker process and check that it works."""
    pool = _start_pool()
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool:
        pool.shutdown(wait=False)
        raise RuntimeError(
            "no worker process could be started. Each worker imports your script, so the script "
            "must be a file and must call fit_each under: if __name__ == '__main__'"
        ) from None
    return pool


def _refuse_nested() -> None:
    """Keep a script without a __main__ guard from starting processes recursively."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(
            "fit_each was called while a worker process imported your script: call it under "
            "if __name__ == '__main__'"
        )


def _serialised(name: str, make_task: MakeTask) -> bytes | Outcome:
    try:
        return make_task(name)
    except Exception as error:
        return Outcome(error=f"cannot be sent to a worker: {type(error).__name__}: {error}")


def _result_of(future: Future[Outcome]) -> Outcome | BaseException:
    """Result or exception of a finished future."""
    if future.cancelled():
        return _TaskCancelledError("cancelled by the executor")
    error = future.exception()
    if isinstance(error, KeyboardInterrupt):
        # Ctrl-C reaches the worker processes too.
        raise error
    return future.result() if error is None else error


class _TaskCancelledError(Exception):
    """The executor cancelled a task."""


def _breaks_executor(error: BaseException) -> bool:
    """Whether the executor is unable to run further tasks."""
    return isinstance(error, BrokenExecutor | _TaskCancelledError)


def _broken_message(error: BaseException) -> str:
    return (
        f"the executor broke, {type(error).__name__}: {error}. Call fit_each again with the same "
        "folder to resume"
    )


def _worker_failure(error: BaseException) -> Outcome:
    if isinstance(error, BrokenProcessPool):
        text = f"its worker process died {_MOST_CRASHES} times, perhaps for lack of memory"
        return Outcome(error=text)
    return Outcome(error=f"{type(error).__name__}: {error}")
