"""narrow-lighting at its boundaries."""

import numpy as np
import pytest

from tests.example_looks import number, pixels_of, sentences
from tests.example_tables import images_of
from yoloaudit.checks.variety.narrow_lighting import NarrowLighting
from yoloaudit.dataset.tables import Defects


def find(brightness: list[float], **settings: float) -> Defects:
    return NarrowLighting(**settings).find(
        images_of(len(brightness)), pixels_of(len(brightness), brightness_p50=brightness)
    )


def test_entropy_is_that_of_eight_bins() -> None:
    even = [(i % 8 + 0.5) / 8 for i in range(40)]
    assert number(find(even)) == pytest.approx(3)
    assert number(find([0.0, 1.0] * 20)) == pytest.approx(1)
    assert number(find([0.3] * 40)) == 0


def test_just_below_and_just_at_the_limit() -> None:
    three = [0.1] * 20 + [0.3] * 10 + [0.6] * 10
    assert number(find(three)) == pytest.approx(1.5)
    assert not len(find(three))
    assert len(find([0.1, *three]))


def test_one_image_too_few_says_nothing() -> None:
    assert number(find([0.3] * 29)) is None
    assert len(find([0.3] * 30)) == 1


def test_only_decoded_training_images_count() -> None:
    images = images_of(80, split=["train"] * 40 + ["val"] * 40)
    bright = np.where(np.arange(80) < 40, 0.3, np.linspace(0, 1, 80))
    assert number(NarrowLighting().find(images, pixels_of(80, brightness_p50=bright))) == 0
    decoded = [i < 29 for i in range(80)]
    assert number(NarrowLighting().find(images, pixels_of(80, brightness_p50=bright, decoded=decoded))) is None


def test_the_sentence_tells_the_range() -> None:
    (said,) = sentences(NarrowLighting(), find([0.25] * 40))
    assert "0.00 bits" in said
    assert "between 0.25 and 0.25" in said
