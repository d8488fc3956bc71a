"""The pool keeps order, and loses only the item that kills its worker."""

import os
import signal
from collections.abc import Sequence

import pytest

from yoloaudit import parallel


def _double(items: Sequence[int]) -> list[int]:
    return [2 * item for item in items]


def _deadly(items: Sequence[int]) -> list[int]:
    if 7 in items:
        os.kill(os.getpid(), signal.SIGKILL)
    return [2 * item for item in items]


def _lost(item: int, why: str) -> list[int]:
    return [-item]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers: int) -> None:
    chunks = parallel.in_chunks(list(range(50)), 3)
    steps: list[int] = []
    results = parallel.run(_double, chunks, workers=workers, lost=_lost, step=steps.append)
    assert [value for result in results for value in result] == [2 * item for item in range(50)]
    assert sum(steps) == 50


def test_a_killed_worker_costs_only_the_item_to_blame() -> None:
    chunks = parallel.in_chunks(list(range(12)), 4)
    results = parallel.run(_deadly, chunks, workers=2, lost=_lost)
    assert [value for result in results for value in result] == [-7 if item == 7 else 2 * item for item in range(12)]


def test_a_hanging_worker_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "STUCK_SECONDS", 0.3)
    results = parallel.run(_hang_on_three, [[1], [3], [5]], workers=2, lost=_lost)
    assert [value for result in results for value in result] == [2, -3, 10]


def _hang_on_three(items: Sequence[int]) -> list[int]:
    if 3 in items:
        os.kill(os.getpid(), signal.SIGSTOP)
    return [2 * item for item in items]
