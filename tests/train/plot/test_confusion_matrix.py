"""The confusion matrix as a picture, and what is shown of it."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from tests.example_detections import detected, drawn, labelled
from yoloaudit.train.plot.confusion_matrix import MOST_SHOWN, confusion_picture, share_matrix, shown_classes
from yoloaudit.train.score.confusion import Confusion, confusion


def size_of(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        return picture.size


@pytest.mark.parametrize("classes", [1, 3, 12, 40, 3000])
def test_pictures_of_any_number_of_classes(classes: int, capfd: pytest.CaptureFixture[str]) -> None:
    found, truth = drawn(1, 20, classes, 150, 600)
    names = [f"$class_{number}\x1b[1m 類" for number in range(classes)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert size_of(confusion_picture(confusion(found, truth, classes), names)) == (3000, 2250)
    assert capfd.readouterr() == ("", "")


def test_nothing_at_all_is_a_picture_too() -> None:
    assert size_of(confusion_picture(confusion(detected(), labelled(), 2), ["a", "b"])) == (3000, 2250)
    assert size_of(confusion_picture(confusion(detected(), labelled(), 200), ["a"] * 200)) == (3000, 2250)


def test_shares_are_of_the_true_class() -> None:
    cells = np.array([[0, 0, 3], [1, 0, 1], [1, 2, 5], [2, 1, 1]])
    shares = share_matrix(Confusion(2, cells), np.arange(2))
    np.testing.assert_array_equal(shares, [[0.75, np.nan, np.nan], [0.25, np.nan, 1.0], [np.nan, 1.0, np.nan]])


def test_small_shares_stay_blank() -> None:
    shares = share_matrix(Confusion(2, np.array([[0, 0, 999], [1, 0, 1]])), np.arange(2))
    assert np.isnan(shares[1, 0])


def test_of_many_classes_the_most_common_that_occur() -> None:
    cells = np.array([[number, number, number + 1] for number in range(300)])
    assert shown_classes(Confusion(1000, cells)).tolist() == list(range(300 - MOST_SHOWN, 300))
    assert shown_classes(Confusion(40, np.array([[3, 3, 1], [40, 7, 1]]))).tolist() == [3, 7]
    assert shown_classes(Confusion(5, np.array([[3, 3, 1]]))).tolist() == [0, 1, 2, 3, 4]
