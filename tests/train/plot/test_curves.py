"""Curves as pictures: sizes, hostile names, few and many classes, and the same picture for the same numbers."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from tests.example_detections import detected, drawn, labelled
from yoloaudit.train.plot.curves import over_confidence, precision_recall
from yoloaudit.train.score.metrics import ClassScores, match, score_classes
from yoloaudit.train.score.pairs import Detected, Labelled

HOSTILE = ["a$b$", "$\\frac{", "_hidden", "\x1b[31mred\r\n", "日本語", "\u202egnp", "x" * 5000, "", "\ud800", "🦆"]


def scored(found: Detected, truth: Labelled) -> ClassScores:
    return score_classes(match(found, truth), found.scores, found.classes, truth.classes)


def size_of(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        return picture.size


@pytest.mark.parametrize("classes", [1, 10, 25])
def test_pictures_of_any_number_of_classes(classes: int, capfd: pytest.CaptureFixture[str]) -> None:
    scores = scored(*drawn(1, 20, classes, 200, 900))
    names = (HOSTILE * 3)[:classes]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert size_of(precision_recall(scores, names)) == (2250, 1500)
        assert size_of(over_confidence(scores, names, "F1")) == (2250, 1500)
    assert capfd.readouterr() == ("", "")


def test_nothing_labelled_is_a_picture_too() -> None:
    scores = scored(detected(), labelled())
    assert size_of(precision_recall(scores, [])) == size_of(over_confidence(scores, [], "recall")) == (2250, 1500)


def test_the_same_numbers_make_the_same_bytes_and_others_do_not() -> None:
    one, other = (scored(*drawn(seed, 5, 3, 30, 100)) for seed in (1, 2))
    names = ["a", "b", "c"]
    assert precision_recall(one, names) == precision_recall(one, names) != precision_recall(other, names)


def test_the_key_covers_no_line() -> None:
    """The panel at the right is blank where no key stands, whatever the curves are."""
    scores = scored(*drawn(1, 20, 2, 60, 200))
    with Image.open(io.BytesIO(over_confidence(scores, ["a", "b"], "precision"))) as picture:
        pixels = np.asarray(picture.convert("L"))
    plot, below = pixels[180:1300, 180:1520], pixels[600:1400, 1600:]
    assert (plot < 100).any()
    assert (below == 255).all()
