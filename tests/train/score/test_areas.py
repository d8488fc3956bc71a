"""Average precision of many samples at once: each as if it were a data set of its own."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_evidence import kind
from yoloaudit.train.score.areas import Kind, areas, labels_in
from yoloaudit.train.score.metrics import score_classes

SEEDS = st.integers(0, 10**6)


def alone(each: Kind, times: np.ndarray, column: int) -> float:
    """AP of a data set in which every image stands so often, as an evaluation counts."""
    counts = np.ones(len(each.image), int) if each.counted is None else each.counted[:, column].astype(int)
    several = np.repeat(np.arange(len(each.image)), times[each.image] * counts)
    truth = np.zeros(int(times[each.labelled] @ each.labels), np.int64)
    hits, scores = each.hits[several][:, column : column + 1], each.scores[several]
    found = score_classes(hits, scores, np.zeros(len(several), np.int64), truth)
    return float(found.ap[0, 0]) if len(found.ap) else 0.0


@pytest.mark.parametrize("counted", [False, True], ids=["all", "some"])
@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_a_sample_is_scored_as_a_data_set_of_its_own(seed: int, counted: bool) -> None:
    each = kind(seed, counted=counted)
    times = np.random.default_rng(seed).integers(0, 3, (6, 5))
    times[:, 0] = 1
    exact, fast = areas(each, times.astype(float)), areas(each, times.astype(np.float32))
    for sample in range(5):
        for column in range(2):
            own = alone(each, times[:, sample], column)
            assert exact[column, sample] == pytest.approx(own, abs=1e-12)
            assert fast[column, sample] == pytest.approx(own, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_samples_do_not_see_one_another(seed: int) -> None:
    each = kind(seed)
    times = np.random.default_rng(seed).integers(0, 4, (6, 7)).astype(float)
    together = areas(each, times)
    by_themselves = np.column_stack([areas(each, times[:, [sample]]) for sample in range(7)])
    np.testing.assert_allclose(together, by_themselves, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_every_image_twice_is_the_same_but_for_steps_half_as_long(seed: int) -> None:
    each = kind(seed)
    once, many = areas(each, np.ones((6, 1))), areas(each, np.full((6, 1), 50.0))
    assert np.abs(once - many).max() <= 1 / max(1.0, float(labels_in(each, np.ones((6, 1)))[0])) + 0.01


def test_a_perfect_detector_and_a_blind_one() -> None:
    images = np.arange(5)
    right = Kind(0, images, np.ones(5, np.float32), images, np.full(5, 0.9, np.float32), np.ones((5, 1), bool))
    assert areas(right, np.ones((5, 1)))[0, 0] == pytest.approx(0.995)
    blind = right._replace(hits=np.zeros((5, 1), bool))
    assert areas(blind, np.ones((5, 1)))[0, 0] == 0
    nothing = Kind(0, images, right.labels, images[:0], right.scores[:0], right.hits[:0])
    assert areas(nothing, np.ones((5, 3))).tolist() == [[0.0, 0.0, 0.0]]


def test_a_sample_without_labels_scores_nothing() -> None:
    each = kind(1)
    assert areas(each, np.zeros((6, 2))).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_much_takes_little() -> None:
    """450 labels and 12,500 detections in 5,000 images, 1,000 times: one of the 80 classes of COCO's val."""
    random = np.random.default_rng(0)
    labelled, counts = np.unique(random.integers(0, 5000, 450), return_counts=True)
    image, scores = random.integers(0, 5000, 12_500), np.linspace(1, 0, 12_500).astype(np.float32)
    hits = np.zeros((12_500, 10), bool)
    hits[np.sort(random.choice(5000, 350, replace=False))] = True
    drawn = random.poisson(1, (5000, 1000)).astype(np.float32)
    each = Kind(0, labelled, counts.astype(np.float32), image, scores, hits)
    began = time.perf_counter()
    areas(each, drawn)
    assert time.perf_counter() - began < 2
