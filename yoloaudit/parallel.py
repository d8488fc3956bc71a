"""The only pool: chunks of items in, results in order out, whatever becomes of a worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from yoloaudit.progress import Step

Item = TypeVar("Item")
Result = TypeVar("Result")

STUCK_SECONDS = 120.0
"""A pool that finishes nothing for so long is taken down, and what it was at is tried again item by item."""


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
    """Results of the chunks in order; in this process where one worker or one chunk is all there is."""
    done = dict(stream(work, chunks, workers=workers, lost=lost, step=step))
    return [result for index in range(len(chunks)) for result in done[index]]


def stream(
    work: Callable[[Sequence[Item]], Result],
    chunks: Sequence[Sequence[Item]],
    *,
    workers: int,
    lost: Callable[[Item, str], Result],
    step: Step | None = None,
    isolated: bool = False,
    memory: int | None = None,
) -> Iterator[tuple[int, list[Result]]]:
    """The number of each chunk and its result, as they are done.

    A worker that is killed or hangs costs no chunk: the items of what was in flight are tried again one by one, a
    result each, and that of the item to blame is `lost(item, why)`. `work` itself must not raise. `isolated` keeps the
    work out of this process however little there is of it; `memory` is how many bytes a worker may take beyond what it
    starts with.
    """
    if not isolated and (workers <= 1 or len(chunks) <= 1):
        for index, chunk in enumerate(chunks):
            yield index, [work(chunk)]
            _tell(step, chunk)
        return
    left = list(range(len(chunks)))
    while left:
        done: set[int] = set()
        started: list[int] = []
        for index, result in _run_pool(work, chunks, left, workers, memory, started):
            done.add(index)
            yield index, [result]
            _tell(step, chunks[index])
        for index in started:
            if index not in done:
                done.add(index)
                yield index, _run_one_by_one(work, chunks[index], lost, memory)
                _tell(step, chunks[index])
        left = [index for index in left if index not in done]


def _run_pool(
    work: Callable[[Sequence[Item]], Result],
    chunks: Sequence[Sequence[Item]],
    wanted: Sequence[int],
    workers: int,
    memory: int | None,
    started: list[int],
) -> Iterator[tuple[int, Result]]:
    """Results until all are there or the pool breaks; `started` takes the numbers of chunks that were handed out."""
    pool = _pool(min(workers, len(wanted)), memory)
    pending: dict[Future[Result], int] = {}
    waiting = iter(wanted)
    try:
        while True:
            while len(pending) < 2 * workers and (index := next(waiting, None)) is not None:
                started.append(index)
                pending[pool.submit(work, chunks[index])] = index
            if not pending:
                return
            finished, _ = wait(pending, timeout=STUCK_SECONDS, return_when=FIRST_COMPLETED)
            if not finished:
                return
            for future in finished:
                index = pending.pop(future)
                yield index, future.result()
    except BrokenProcessPool:
        return
    finally:
        _close(pool)


def _run_one_by_one(
    work: Callable[[Sequence[Item]], Result],
    chunk: Sequence[Item],
    lost: Callable[[Item, str], Result],
    memory: int | None,
) -> list[Result]:
    results: list[Result] = []
    pool = _pool(1, memory)
    try:
        for item in chunk:
            try:
                results.append(pool.submit(work, [item]).result(timeout=STUCK_SECONDS))
            except (BrokenProcessPool, TimeoutError):
                results.append(lost(item, "reading it killed or stopped the process that read it"))
                _close(pool)
                pool = _pool(1, memory)
    finally:
        _close(pool)
    return results


def _pool(workers: int, memory: int | None) -> ProcessPoolExecutor:
    method = "fork" if sys.platform == "linux" else "spawn"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return ProcessPoolExecutor(
            workers, multiprocessing.get_context(method), initializer=_begin, initargs=(os.getpid(), memory)
        )


def _close(pool: ProcessPoolExecutor) -> None:
    """Let idle workers go; end those that hang or died with the pool."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.join(0.2)
        if process.is_alive():
            process.kill()


def _begin(parent: int, memory: int | None) -> None:
    """A worker leaves Ctrl-C to its parent, ends once the parent is gone, and takes so much memory at most."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if memory is not None and sys.platform == "linux":
        _limit_memory(memory)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _limit_memory(more: int) -> None:
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    most = pages * resource.getpagesize() + more
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _tell(step: Step | None, chunk: Sequence[Item]) -> None:
    if step is not None:
        step(len(chunk))
