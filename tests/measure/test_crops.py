"""Labels and those that look like them: never of the same image, the nearest first, however many there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yoloaudit.dataset.tables import CROPS
from yoloaudit.evidence import Integers
from yoloaudit.measure import crops as module
from yoloaudit.measure.crops import Described, Looks, compared, crops, most_alike, others


def described(classes: list[int], images: list[int], looks: Looks | None = None, known: bool = True) -> Described:
    """Labels whose look is that of their class, unless it is given."""
    rng = np.random.default_rng(0)
    own = rng.standard_normal((9, 3, 8))[classes] + 0.01 * rng.standard_normal((len(classes), 3, 8))
    rows = np.arange(len(classes)) + 100
    flags = np.full(len(classes), known)
    return Described(
        rows, (own if looks is None else looks).astype(np.float16), np.array(classes), np.array(images), flags
    )


def test_a_label_that_looks_like_others() -> None:
    classes = [0] * 15 + [1] * 15
    looks = described(classes, list(range(30))).looks.astype(np.float32)
    classes[0], classes[20] = 1, 0
    found = crops(described(classes, list(range(30)), looks))
    assert list(found) == list(CROPS)
    assert found["box"].tolist() == list(range(100, 130))
    assert (found["neighbours"] == 10).all()
    assert found["share"].to_numpy()[[0, 20]].tolist() == [1.0, 1.0]
    assert found["class_id"].to_numpy()[[0, 20]].tolist() == [0, 1]
    assert (found["share"] <= 0.1 + 1e-6).sum() == 28, "of the others at most the one that is mislabelled"


def test_labels_of_the_same_image_are_not_asked() -> None:
    found = crops(described([0, 0, 0, 1, 1], [7, 7, 7, 7, 8]))
    assert found["box"].tolist() == [100, 101, 102, 103, 104]
    assert found["neighbours"].tolist() == [1, 1, 1, 1, 4]
    assert found["class_id"].tolist() == [1, 1, 1, -1, 0]
    assert found["share"].tolist() == pytest.approx([1, 1, 1, 0, 0.75])
    assert not len(crops(described([0, 1], [7, 7])))
    assert not len(crops(described([0, 1], [7, 8], known=False)))
    assert not len(crops(described([], [])))


def test_more_labels_than_are_held_against_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 900)
    monkeypatch.setattr(module, "MOST_SIMILARITIES", 1 << 14)
    rng = np.random.default_rng(1)
    classes = rng.integers(0, 9, 2000)
    found = crops(described(classes.tolist(), (np.arange(2000) // 3).tolist()))
    assert len(found) == 2000
    assert (found["neighbours"] == 10).all()
    assert not found["share"].any(), "all look like their own class"
    again = crops(described(classes.tolist(), (np.arange(2000) // 3).tolist()))
    assert found.equals(again)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.integers(0, 10**6))
def test_the_nearest_are_those_of_a_full_sort(size: int, seed: int) -> None:
    similarity = np.random.default_rng(seed).permuted(
        np.tile(np.linspace(-1, 1, size, dtype=np.float32), (5, 1)), axis=1
    )
    columns, values = most_alike(similarity)
    np.testing.assert_array_equal(columns, np.argsort(-similarity, axis=1)[:, :10])
    np.testing.assert_array_equal(values, np.take_along_axis(similarity, columns, axis=1))


def test_looks_are_compared_level_by_level() -> None:
    looks = np.random.default_rng(0).standard_normal((20, 3, 8)).astype(np.float16)
    made = compared(looks, looks.mean(axis=0, keepdims=True, dtype=np.float32))
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-3)
    louder = looks * np.array([1, 100, 0.5], np.float16)[None, :, None]
    np.testing.assert_allclose(compared(louder, louder.mean(axis=0, keepdims=True, dtype=np.float32)), made, atol=2e-3)
    assert np.isfinite(compared(np.zeros((2, 3, 8), np.float16), np.zeros((1, 3, 8), np.float32))).all()


@pytest.mark.parametrize(
    ("named", "near", "own", "share", "class_id"),
    [
        ([1, 1, 2, 0], 4, 0, 0.5, 1),
        ([2, 1, 1, 2], 4, 0, 0.5, 2),
        ([0, 0, 0, 0], 4, 0, 0.0, -1),
        ([1, 1, 1, 1], 2, 0, 1.0, 1),
        ([1, 1, 1, 1], 0, 0, 0.0, -1),
    ],
)
def test_the_most_frequent_other_class(named: list[int], near: int, own: int, share: float, class_id: int) -> None:
    classes: Integers = np.array([named])
    found = others(classes, np.arange(4)[None] < near, np.array([own]))
    assert (found[0].tolist(), found[1].tolist()) == ([share], [class_id])
