"""How well anchors fit, against upstream's figures; anchors that are fitted, against upstream's and on odd labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tests.example_labels import coco128, needs_coco128
from tests.example_models import golden
from yoloaudit.train.anchors.auto import sizes
from yoloaudit.train.anchors.defaults import default
from yoloaudit.train.anchors.fit import MOST, SMALLEST, fit, kmeans, quality
from yoloaudit.train.types import Floats

DEFAULT = default(5).reshape(-1, 2)

extents = arrays(np.float32, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(0, 640, width=32))


def labels(split: str, imgsz: int, jitter: NDArray[np.float64] | None = None) -> Floats:
    found = coco128(split)
    scaled = sizes(found.shares, found.sides[found.images], imgsz)
    return scaled if jitter is None else (scaled * jitter[found.images]).astype(np.float32)


@needs_coco128
@pytest.mark.parametrize("imgsz", [640, 320])
@pytest.mark.parametrize("split", ["train2017", "val2017"])
@pytest.mark.parametrize("jittered", [False, True])
def test_quality_is_upstreams(split: str, imgsz: int, jittered: bool) -> None:
    expected = golden("autoanchor.json")["results"][f"{split}_{imgsz}_{'np_seed_0' if jittered else 'none'}"]
    jitter = np.random.RandomState(0).uniform(0.9, 1.1, (128, 1)) if jittered else None
    found = quality(labels(split, imgsz, jitter), DEFAULT, 4.0)
    assert len(labels(split, imgsz)) == expected["n"]
    assert list(found) == pytest.approx([expected["bpr"], expected["aat"], expected["fitness"]], rel=2e-7)


@needs_coco128
@pytest.mark.parametrize("name", ["kmeans_evolved_train2017_640_seed0", "kmeans_only_train2017_640"])
def test_quality_of_fitted_anchors_is_upstreams_and_ours_fit_better(name: str) -> None:
    expected = golden("autoanchor.json")["results"][name]
    wanted = labels("train2017", 640)
    theirs = quality(wanted, np.array(expected["anchors"], np.float32), 4.0)
    assert list(theirs) == pytest.approx([expected["bpr"], expected["aat"], expected["fitness"]], rel=1e-6)
    ours = [quality(wanted, fit(wanted, 9, 4.0, np.random.default_rng(seed)), 4.0) for seed in range(3)]
    assert min(each.fitness for each in ours) > 0.69 > theirs.fitness
    assert min(each.bpr for each in ours) > 0.99


@needs_coco128
def test_the_same_numbers_give_the_same_anchors() -> None:
    wanted = labels("train2017", 320)
    one, other = (fit(wanted, 9, 4.0, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, other)


@given(extents, st.sampled_from([1, 3, 9, 12]))
def test_anchors_of_any_labels_are_usable_and_sorted(drawn: Floats, count: int) -> None:
    found = fit(drawn, count, 4.0, np.random.default_rng(0))
    assert found.shape == (count, 2)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert (found >= SMALLEST).all()
    assert (np.diff(found.prod(axis=1)) >= -1e-2).all()


@given(extents)
def test_fitted_anchors_are_not_worse_than_where_they_start(drawn: Floats) -> None:
    usable = drawn[(drawn > SMALLEST).all(axis=1)]
    found = fit(usable, 9, 4.0, np.random.default_rng(0), DEFAULT)
    assert quality(usable, found, 4.0).fitness >= quality(usable, DEFAULT, 4.0).fitness - 1e-5


@pytest.mark.filterwarnings("error")
def test_quality_of_odd_labels() -> None:
    assert list(quality(np.zeros((0, 2), np.float32), DEFAULT, 4.0)) == [0, 0, 0]
    odd = np.array([[0, 0], [0, 10], [1e-40, 1e30], [10, 13]], np.float32)
    assert list(quality(odd, DEFAULT, 4.0)) == pytest.approx([0.25, 0.75, 0.25])


def test_sizes_of_one_kind_get_anchors_of_that_kind() -> None:
    wanted = np.full((50, 2), (40, 20), np.float32)
    found = fit(wanted, 9, 4.0, np.random.default_rng(0))
    assert quality(wanted, found, 4.0).fitness > 0.99


def test_many_labels_are_sampled() -> None:
    rng = np.random.default_rng(0)
    wanted = np.exp(rng.normal(3, 1, (20 * MOST, 2))).astype(np.float32)
    assert quality(wanted, fit(wanted, 3, 4.0, rng), 4.0).fitness > quality(wanted, DEFAULT[:3], 4.0).fitness


def test_groups_far_apart_are_found() -> None:
    rng = np.random.default_rng(0)
    middles = np.array([[0.0, 0], [50, 0], [0, 50]])
    points = (middles[:, None] + rng.normal(0, 0.1, (3, 20, 2))).reshape(-1, 2)
    found = kmeans(points, 3, rng)
    np.testing.assert_allclose(found[np.lexsort(found.T)], middles[np.lexsort(middles.T)], atol=0.2)
