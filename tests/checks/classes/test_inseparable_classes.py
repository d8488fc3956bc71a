"""inseparable-classes: pairs against a loop, the best companion, and bounds on the work."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.classes import inseparable_classes
from yoloaudit.checks.classes.inseparable_classes import InseparableClasses, counted_together


@given(st.lists(st.sets(st.integers(0, 4)), max_size=12))
def test_pairs_are_those_of_a_loop(images: list[set[int]]) -> None:
    expected = np.zeros((5, 5), dtype=int)
    for shown in images:
        for one, two in combinations(shown, 2):
            expected[one, two] += 1
            expected[two, one] += 1
    rows = [(image, c) for image, shown in enumerate(images) for c in shown]
    image, codes = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    np.testing.assert_array_equal(counted_together(codes, image, 5), expected)


def test_the_most_frequent_companion_is_named() -> None:
    shown = [(0, 1, 2) if number < 48 else (0, 1) if number < 49 else (0, 3) for number in range(50)]
    rows = [(image, c, 0.5, 0.5, 0.1, 0.1) for image, classes in enumerate(shown) for c in classes]
    rows += [(50 + number, c, 0.5, 0.5, 0.1, 0.1) for number in range(10) for c in (2, 1)]
    defects = InseparableClasses().find(boxes_of(rows, images_of(60)), ("a", "b", "c", "d"))
    assert defects[["class_id", "other", "together", "images"]].to_numpy().tolist() == [
        [0, "b", 49, 50],
        [1, "c", 58, 59],
        [2, "b", 58, 58],
    ]


def test_images_of_very_many_classes_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(f"name {number}" for number in range(101))
    rows = [(image, c, 0.5, 0.5, 0.1, 0.1) for image in range(30) for c in range(101)]
    assert not len(InseparableClasses().find(boxes_of(rows, images_of(30)), names))
    monkeypatch.setattr(inseparable_classes, "MOST_IN_IMAGE", 101)
    assert len(InseparableClasses().find(boxes_of(rows, images_of(30)), names)) == 101


def test_class_numbers_without_a_name_do_no_harm() -> None:
    rows = [(image, c, 0.5, 0.5, 0.1, 0.1) for image in range(30) for c in (0, 2147483647, -1)]
    assert not len(InseparableClasses().find(boxes_of(rows, images_of(30)), ("a",)))
    assert not len(InseparableClasses().find(boxes_of(rows, images_of(30)), ()))
