"""The only pool: chunks of items in, results in order out, whatever becomes of a worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from yoloaudit.progress import Step

Item = TypeVar("Item")
Result = TypeVar("Result")

STUCK_SECONDS = 120.0
"""A pool that finishes nothing for so long is taken down, and its chunks are tried alone."""


def default_workers() -> int:
    """As many as there are cores to use, at most 8."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, cores))


def in_chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """The items in runs of `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def run(
    work: Callable[[Sequence[Item]], Result],
    chunks: Sequence[Sequence[Item]],
    *,
    workers: int,
    lost: Callable[[Item, str], Result],
    step: Step | None = None,
) -> list[Result]:
    """Results of the chunks in order; in this process where one worker or one chunk is all there is.

    A worker that is killed or hangs costs no chunk: what was in flight is tried again alone, halved until the item
    to blame stands alone, and that item's result is `lost(item, why)`. `work` itself must not raise.
    """
    if workers <= 1 or len(chunks) <= 1:
        results = []
        for chunk in chunks:
            results.append(work(chunk))
            _tell(step, chunk)
        return results
    done, left = _run_pool(work, chunks, workers, step)
    for index in left:
        done[index] = _run_alone(work, chunks[index], lost)
        _tell(step, chunks[index])
    return [result for index in range(len(chunks)) for result in done[index]]


def _run_pool(
    work: Callable[[Sequence[Item]], Result], chunks: Sequence[Sequence[Item]], workers: int, step: Step | None
) -> tuple[dict[int, list[Result]], list[int]]:
    """Results by chunk, and the chunks that were lost with a worker."""
    done: dict[int, list[Result]] = {}
    pool = _pool(min(workers, len(chunks)))
    pending: dict[Future[Result], int] = {}
    waiting = iter(range(len(chunks)))
    try:
        while True:
            while len(pending) < 2 * workers and (index := next(waiting, None)) is not None:
                pending[pool.submit(work, chunks[index])] = index
            if not pending:
                return done, []
            finished, _ = wait(pending, timeout=STUCK_SECONDS, return_when=FIRST_COMPLETED)
            if not finished:
                raise BrokenProcessPool("nothing finished in time")
            for future in finished:
                result = future.result()
                index = pending.pop(future)
                done[index] = [result]
                _tell(step, chunks[index])
    except BrokenProcessPool:
        return done, [index for index in range(len(chunks)) if index not in done]
    finally:
        _close(pool)


def _run_alone(
    work: Callable[[Sequence[Item]], Result], chunk: Sequence[Item], lost: Callable[[Item, str], Result]
) -> list[Result]:
    pool = _pool(1)
    try:
        return [pool.submit(work, chunk).result(timeout=STUCK_SECONDS)]
    except (BrokenProcessPool, TimeoutError):
        if len(chunk) == 1:
            return [lost(chunk[0], "reading it killed or stopped the process that read it")]
    finally:
        _close(pool)
    middle = len(chunk) // 2
    return _run_alone(work, chunk[:middle], lost) + _run_alone(work, chunk[middle:], lost)


def _pool(workers: int) -> ProcessPoolExecutor:
    method = "fork" if sys.platform == "linux" else "spawn"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return ProcessPoolExecutor(
            workers, multiprocessing.get_context(method), initializer=_follow_parent, initargs=(os.getpid(),)
        )


def _close(pool: ProcessPoolExecutor) -> None:
    """Let idle workers go; end those that hang or died with the pool."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.join(0.2)
        if process.is_alive():
            process.kill()


def _follow_parent(parent: int) -> None:
    """A worker leaves Ctrl-C to its parent, and ends by itself once the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _tell(step: Step | None, chunk: Sequence[Item]) -> None:
    if step is not None:
        step(len(chunk))
