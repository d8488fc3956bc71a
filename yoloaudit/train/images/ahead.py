"""Items and what is to be done with each → the results, in order, made by threads before they are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import repeat
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = "yoloaudit-reader"


def ahead(work: Callable[[Item], Result], items: Iterable[Item], workers: int, most: int) -> Iterator[Result]:
    """`work` of each item, in order, done by `workers` threads; at most `most` results exist that were not yet taken.

    Without workers each is made when it is asked for. What `work` raises is raised where its result is due. Whoever
    stops early lets go of the rest: what has not begun is not begun.
    """
    if workers <= 0:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(workers, THREADS)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            if len(waiting) >= max(1, most):
                yield waiting.popleft().result()
            waiting.append(pool.submit(work, item))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def taken_ahead(items: Iterator[Item], most: int) -> Iterator[Item]:
    """The same items, in order; one thread takes up to `most` of them before they are asked for."""
    end = object()
    for item in ahead(lambda _: next(items, end), repeat(None), 1, most):
        if item is end:
            return
        yield item  # type: ignore[misc]  # it is not the end, so an item
