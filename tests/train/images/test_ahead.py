"""Results come in order, made ahead but not too far ahead, and what fails is raised where it is due."""

import threading
import time
from collections.abc import Iterator
from itertools import count

import pytest

from yoloaudit.train.images.ahead import THREADS, ahead, taken_ahead


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_results_keep_their_order(workers: int) -> None:
    def slow_at_first(item: int) -> int:
        time.sleep(0.01 if item < 3 else 0)
        return item * item

    assert list(ahead(slow_at_first, range(20), workers, 5)) == [item * item for item in range(20)]
    assert list(ahead(slow_at_first, [], workers, 5)) == []


def test_no_more_results_wait_than_may() -> None:
    made: list[int] = []

    def note(item: int) -> int:
        made.append(item)
        return item

    results = ahead(note, range(100), 4, 6)
    for taken in range(10):
        assert next(results) == taken
        time.sleep(0.005)
        assert len(made) <= taken + 1 + 6
    results.close()  # type: ignore[attr-defined]  # it is a generator
    time.sleep(0.02)
    assert len(made) < 20


def test_an_error_is_raised_in_its_turn() -> None:
    def fail(item: int) -> int:
        if item == 2:
            raise ValueError("two")
        return item

    results = ahead(fail, range(5), 3, 4)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)


def test_one_thread_takes_items_from_an_iterator() -> None:
    threads: set[str] = set()
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in count():
            threads.add(threading.current_thread().name)
            taken.append(number)
            yield number

    wanted = taken_ahead(items(), 3)
    assert [next(wanted) for _ in range(5)] == [0, 1, 2, 3, 4]
    time.sleep(0.01)
    assert len(taken) <= 9
    assert len(threads) == 1
    assert threads.pop().startswith(THREADS)
    assert list(taken_ahead(iter("abc"), 2)) == ["a", "b", "c"]
    assert list(taken_ahead(iter(()), 2)) == []
