"""Which images were looked at, and that a table remembers it."""

import numpy as np
import pandas as pd
import pytest

from tests.example_seen import predictions_of
from tests.example_tables import images_of
from yoloaudit.measure.coverage import looked_at, note, of_own_model, with_coverage

FOUND = [(1, 0, 0.9, 0, 0, 9, 9), (3, 0, 0.9, 0, 0, 9, 9)]


def test_a_file_is_silent_on_images_that_nobody_looked_at() -> None:
    assert looked_at(predictions_of(FOUND), 5).tolist() == [False, True, False, True, False]
    assert looked_at(predictions_of(FOUND), 2).tolist() == [False, True]
    assert looked_at(predictions_of([]), 2).tolist() == [False, False]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 100])
def test_the_table_remembers(count: int) -> None:
    seen = np.random.default_rng(count).random(count) < 0.5
    told = with_coverage(predictions_of(FOUND), seen)
    for copy in (told, told[told["score"] > 0.5], told.copy(), pd.concat([told, told])):
        assert looked_at(copy, count).tolist() == seen.tolist()
    assert looked_at(told, count + 20).tolist() == [*seen.tolist(), *[False] * 20]
    assert looked_at(told, max(0, count - 3)).tolist() == seen.tolist()[: max(0, count - 3)]
    assert not predictions_of(FOUND).attrs


def test_a_model_of_ours_looked_at_all_that_can_be_opened() -> None:
    images = images_of(4)
    images.loc[2, "error"] = "is no image"
    assert of_own_model(images, {0: "damaged"}).tolist() == [False, True, False, True]


def test_the_user_is_told() -> None:
    assert note(np.array([True, False, False]), "seen.json holds no detection") == (
        "seen.json holds no detection for 2 of 3 images: nothing is said of their labels"
    )
    assert note(np.array([True]), "seen.json") is None
