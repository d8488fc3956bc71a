"""Weights of classes and images against upstream's figures, and drawing by them."""

import numpy as np

from tests.example_labels import coco128, needs_coco128
from tests.example_models import golden
from yoloaudit.train.weighting import by_success, class_weights, draw, image_weights


@needs_coco128
def test_weights_are_upstreams() -> None:
    labels, expected = coco128("train2017"), golden("schedule.json")
    weights = class_weights(labels.classes, 80)
    np.testing.assert_allclose(weights, expected["class_weights_train128"], rtol=1e-6)
    found = image_weights(labels.images, labels.classes, by_success(weights, np.zeros(80)), len(labels.sides))
    np.testing.assert_allclose(found[:10], expected["image_weights_train128_first10"], rtol=1e-6)
    assert len(found) == 128
    assert (found == 0).sum() == 2


def test_a_class_without_labels_counts_as_one_with_one() -> None:
    weights = class_weights(np.array([0, 0, 2]), 4)
    np.testing.assert_allclose(weights, np.array([0.5, 1, 1, 1]) / 3.5 * 4)
    assert class_weights(np.zeros(0, np.int64), 2).tolist() == [1, 1]


def test_a_class_that_is_found_well_weighs_less() -> None:
    np.testing.assert_allclose(by_success(np.array([1.0, 1.0]), np.array([1.0, 0.5])), [0, 0.125])


def test_images_are_drawn_by_their_weights() -> None:
    drawn = draw(np.array([0.0, 1.0, 3.0] * 1000), np.random.default_rng(0))
    assert len(drawn) == 3000
    shares = np.bincount(drawn % 3, minlength=3) / 3000
    assert shares[0] == 0
    np.testing.assert_allclose(shares[1:], [0.25, 0.75], atol=0.03)
    assert (
        draw(np.array([1.0, 2.0]), np.random.default_rng(5)).tolist()
        == draw(np.array([1.0, 2.0]), np.random.default_rng(5)).tolist()
    )


def test_images_without_labels_are_drawn_alike() -> None:
    assert set(draw(np.zeros(4), np.random.default_rng(0))) <= {0, 1, 2, 3}
    weights = image_weights(np.zeros(0, np.int64), np.zeros(0, np.int64), class_weights(np.zeros(0, np.int64), 3), 4)
    assert weights.tolist() == [0, 0, 0, 0]
