"""Numbers of a comparison in words."""

import math

import pytest

from yoloaudit.cli.compare_words import between, by_chance, change, number, percent, signed, verdict
from yoloaudit.compare.changes import Changed
from yoloaudit.compare.differences import Estimate

NAN = math.nan


def estimate(difference: float, low: float, high: float) -> Estimate:
    return Estimate(0.5, 0.5 + difference, difference, low, high, 0.9, (0.5,), (0.5 + difference,))


def test_numbers() -> None:
    assert [number(0.12345), number(NAN)] == ["0.123", "–"]
    assert [signed(each) for each in (0.0123, -0.0123, 0.0004, -0.0, NAN)] == [
        "+0.012",
        "−0.012",
        "0.000",
        "0.000",
        "–",
    ]
    assert [percent(each) for each in (0.5, 0.9754, 0.9999, NAN)] == ["50.0 %", "97.5 %", "> 99.9 %", "–"]
    assert between(estimate(0.1, NAN, NAN)) == "–"
    assert between(estimate(0.1, -0.02, 0.2)) == "−0.020 … +0.200"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (estimate(0.1, 0.05, 0.2), "B is better"),
        (estimate(-0.1, -0.2, -0.05), "B is worse"),
        (estimate(0.1, -0.05, 0.2), "No difference is told apart"),
        (estimate(0.1, NAN, NAN), "Nothing can be said"),
    ],
)
def test_the_verdict(given: Estimate, word: str) -> None:
    assert verdict(given)[0] == word


def test_what_changed() -> None:
    assert change(Changed("a.jpg", 1, 0, 1, 0, 2, 2)) == "1 label: 1 more found"
    assert change(Changed("a.jpg", 9, 2, 0, 3, 7, 5)) == "9 labels: 3 lost, wrong detections 7 → 5"


def test_by_chance() -> None:
    assert by_chance(7, 80) == "0 lies outside of 7 of 80 intervals; by chance alone it would of about 4"
    assert by_chance(1, 5).endswith("by chance alone it would of about 1 at most")
