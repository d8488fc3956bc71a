"""Detections and labels, one to one: laws, preferences, and what is no match."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_seen import labels_of, predictions_of
from tests.example_tables import Rows
from yoloaudit.dataset.tables import ROW_FATES, Boxes, Matches, Predictions, categorical
from yoloaudit.geometry import iou
from yoloaudit.measure import matches as module
from yoloaudit.measure.matches import AGREEING, CORNERS, match, usable

SIDE = st.sampled_from([0, 4, 8, 10, 12, 16, 20])
BOX = st.tuples(SIDE, SIDE, st.sampled_from([10, 14, 20]), st.sampled_from([10, 14, 20]))
LABEL = st.tuples(st.integers(0, 2), st.integers(0, 1), BOX)
FOUND = st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from([0.1, 0.5, 0.9]), BOX)


def corners(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return (box[0], box[1], box[0] + box[2], box[1] + box[3])


def weights(predictions: Predictions, boxes: Boxes, pairs: Matches) -> float:
    """What a pairing weighs."""
    found, given = predictions.iloc[pairs["detection"]], boxes.iloc[pairs["box"]]
    overlap = iou(found[CORNERS].to_numpy(np.float64), given[CORNERS].to_numpy(np.float64))
    agree = np.where(found["class_id"].to_numpy() == given["class_id"].to_numpy(), AGREEING, 1)
    return float((overlap * np.sqrt(found["score"].to_numpy(np.float64)) * agree).sum())


def heaviest(predictions: Predictions, boxes: Boxes) -> float:
    """The most that any pairing weighs, by trying all."""
    cells = np.zeros((len(predictions), len(boxes)))
    for one, other in itertools.product(range(len(predictions)), range(len(boxes))):
        found, given = predictions.iloc[one], boxes.iloc[other]
        overlap = float(iou(found[CORNERS].to_numpy(float)[None], given[CORNERS].to_numpy(float)[None])[0])
        if found["image"] == given["image"] and np.float32(overlap) >= 0.5:
            agree = AGREEING if found["class_id"] == given["class_id"] else 1
            cells[one, other] = overlap * np.sqrt(float(found["score"])) * agree
    if cells.shape[0] < cells.shape[1]:
        cells = cells.T
    best = 0.0
    for chosen in itertools.permutations(range(cells.shape[0]), cells.shape[1]):
        best = max(best, float(cells[list(chosen), range(cells.shape[1])].sum()))
    return best


@given(st.lists(FOUND, max_size=5), st.lists(LABEL, max_size=5))
def test_no_pairing_is_heavier(
    found: list[tuple[int, int, float, tuple[int, int, int, int]]],
    given: list[tuple[int, int, tuple[int, int, int, int]]],
) -> None:
    predictions = predictions_of([(image, kind, score, *corners(box)) for image, kind, score, box in found])
    boxes = labels_of([(image, kind, *corners(box)) for image, kind, box in given])
    pairs = match(predictions, boxes)
    assert pairs["box"].is_unique
    assert pairs["detection"].is_unique
    assert (pairs["iou"] >= 0.5).all()
    images = predictions["image"].to_numpy()[pairs["detection"]], boxes["image"].to_numpy()[pairs["box"]]
    assert (images[0] == images[1]).all()
    assert weights(predictions, boxes, pairs) == pytest.approx(heaviest(predictions, boxes), rel=1e-4)


LABELS: Rows = [(0, 0, 0, 0, 100, 100)]


def chosen(*found: tuple[float, ...]) -> list[int]:
    """Classes of the detections that are matched; rows of class, score, and how far the box is off to the right."""
    rows = [(0, kind, score, right, 0, 100 + right, 100) for kind, score, right in found]
    predictions = predictions_of(rows)
    pairs = match(predictions, labels_of(LABELS))
    return [int(kind) for kind in predictions["class_id"].to_numpy()[pairs["detection"]]]


def test_of_equal_detections_that_of_the_same_class_is_taken() -> None:
    assert chosen((0, 0.5, 0), (1, 0.6, 0)) == [0]


def test_a_sure_detection_of_another_class_is_taken_before_a_faint_one() -> None:
    assert chosen((0, 0.05, 0), (1, 0.9, 0)) == [1]


def test_a_fair_detection_that_sits_well_is_taken_before_a_sure_one_that_does_not() -> None:
    assert chosen((0, 0.5, 0), (0, 0.9, 30)) == [0]
    pairs = match(predictions_of([(0, 0, 0.5, 0, 0, 100, 100)]), labels_of(LABELS))
    assert pairs.to_dict("records") == [{"box": 0, "detection": 0, "iou": 1.0}]


def test_two_labels_share_two_detections_so_that_both_have_one() -> None:
    labels: Rows = [(0, 0, 0, 0, 100, 100), (0, 0, 20, 0, 120, 100)]
    pairs = match(predictions_of([(0, 0, 0.9, 10, 0, 110, 100), (0, 0, 0.8, -20, 0, 90, 100)]), labels_of(labels))
    assert dict(zip(pairs["box"], pairs["detection"], strict=True)) == {0: 1, 1: 0}


def test_what_is_no_box_and_no_detection_is_left_out() -> None:
    boxes = labels_of([*LABELS, (0, 0, 0, 0, 100, 100), (0, 0, 5, 5, 5, 50), (0, 0, 0, 0, 100, 100)])
    boxes.loc[3, "x1"] = np.nan
    boxes["fate"] = categorical([0, ROW_FATES.index("duplicate"), 0, 0], ROW_FATES)
    assert usable(boxes).tolist() == [0]
    boxes.loc[0, "image"] = -1
    assert not len(usable(boxes))
    nan = float("nan")
    rows = [
        (0, 0, nan, 0, 0, 100, 100),
        (0, 0, 0.9, nan, 0, 100, 100),
        (0, 0, 0.9, 100, 0, 0, 100),
        (0, 0, 2, 0, 0, 9, 9),
    ]
    assert not len(match(predictions_of(rows), labels_of(LABELS)))


def test_nothing_at_all() -> None:
    for predictions, boxes in ((predictions_of([]), labels_of([])), (predictions_of([]), labels_of(LABELS))):
        assert list(match(predictions, boxes).dtypes.astype(str)) == ["int32", "int32", "float32"]


def test_detections_of_images_without_labels_and_far_outside() -> None:
    rows = [(7, 0, 0.9, 0, 0, 100, 100), (0, 0, 0.9, 1e30, 1e30, 2e30, 2e30), (0, 5, 0.9, 0, 0, 100, 100)]
    assert match(predictions_of(rows), labels_of(LABELS))["detection"].tolist() == [1]


@pytest.mark.parametrize("cells", [4_000_000, 0])
def test_five_thousand_boxes_in_an_image(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also piled upon one another; with no cells to spare the heaviest pairs are taken one by one."""
    monkeypatch.setattr(module, "MOST_CELLS", cells)
    random = np.random.default_rng(0)
    start, side = random.uniform(0, 600, (5000, 2)), random.uniform(10, 40, (5000, 2))
    given = np.hstack([np.zeros((5000, 2)), start, start + side])
    shaken = given[:1000, 2:] + random.uniform(-1, 1, (1000, 4))
    found = np.hstack([np.zeros((1000, 2)), random.uniform(0.1, 1, (1000, 1)), shaken])
    assert len(match(predictions_of(found.tolist()), labels_of(given.tolist()))) > 950
    pile = match(predictions_of([(0, 0, 0.9, 10, 10, 50, 50)] * 300), labels_of([(0, 0, 10, 10, 50, 50)] * 2000))
    assert len(pile) == 300
