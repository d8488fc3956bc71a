"""Weights of classes and images equal the trainer's."""

import numpy as np
import pytest

from tests.example_detector import COCO128
from tests.example_samples import golden, loader_of
from yoloaudit.dataset.load import load
from yoloaudit.train.samples import frequency

SCHEDULE = golden("schedule")


@pytest.mark.skipif(not SCHEDULE or not COCO128.exists(), reason="needs shared/reference and shared/data")
def test_equal_the_trainers() -> None:
    counts = loader_of(load(str(COCO128))).reader.labels.counts(80)
    expected = SCHEDULE["class_weights_train128"]
    np.testing.assert_allclose(frequency.class_weights(counts.sum(axis=0)), expected, rtol=1e-6)
    of_images = frequency.image_weights(counts, np.zeros(80))
    np.testing.assert_allclose(of_images[:10], SCHEDULE["image_weights_train128_first10"], rtol=1e-6)


def test_what_is_found_well_is_shown_less() -> None:
    counts = np.array([[1, 0], [0, 1]])
    first, second = frequency.image_weights(counts, np.array([0.9, 0.1]))
    assert second == pytest.approx(81 * first)
    assert frequency.image_weights(counts, np.ones(2)).tolist() == [0, 0]


def test_a_class_that_never_occurs_counts_as_one() -> None:
    assert frequency.class_weights(np.array([0, 1, 4])).tolist() == pytest.approx([4 / 3, 4 / 3, 1 / 3])
