"""How well a model knows a class: AP as YOLOv5 counts it, the threshold, its own error, and what it cannot tell."""

import numpy as np
import pytest

from tests.example_detections import drawn
from tests.example_seen import labels_of, predictions_of
from yoloaudit.dataset.tables import SKILL, Skill
from yoloaudit.measure.coverage import with_coverage
from yoloaudit.measure.skill import skill, threshold_of
from yoloaudit.train.score.metrics import match, score_classes

NAMES = ("cat", "dog")
BOX = (100, 100, 200, 200)
ASIDE = (400, 400, 500, 500)


def known(right: int, wrong: int, *, labels: int | None = None, classes: tuple[str, ...] = NAMES) -> Skill:
    """An image each: labels of class 0, of which so many are found at scores that fall from 0.99; then wrong ones."""
    count = right if labels is None else labels
    found = [(n, 0, 0.99 - 0.001 * n, *BOX) for n in range(right)]
    found += [(n, 0, 0.5 - 0.001 * n, *ASIDE) for n in range(wrong)]
    return skill(predictions_of(found), labels_of([(n, 0, *BOX) for n in range(max(count, 1))][:count]), classes)


@pytest.mark.parametrize("seed", range(5))
def test_ap_is_that_of_an_evaluation(seed: int) -> None:
    found, given = drawn(seed, images=20, classes=4, labels=150, detections=500, ties=seed > 2)
    scores = score_classes(match(found, given), found.scores, found.classes, given.classes)
    rows = [(i, c, s, *b) for i, c, s, b in zip(found.images, found.classes, found.scores, found.boxes, strict=True)]
    own = skill(
        with_coverage(predictions_of(rows), np.ones(20, np.bool_)),
        labels_of([(i, c, *b) for i, c, b in zip(given.images, given.classes, given.boxes, strict=True)]),
        ["a", "b", "c", "d", "never seen"],
    )
    assert own["ap50"].to_numpy()[scores.classes] == pytest.approx(scores.ap[:, 0], abs=2e-3)
    assert np.isnan(own["ap50"].iloc[4])
    assert own["labels"].tolist() == [*np.bincount(given.classes, minlength=4), 0]
    assert list(own.dtypes.astype(str)) == list(SKILL.values())


def test_the_threshold_is_the_least_score_with_nine_of_ten_right() -> None:
    found = known(27, 6)
    assert found["threshold"][0] == pytest.approx(0.498), "27 right and 3 wrong"
    assert (found["confident"][0], found["detections"][0], found["labels"][0]) == (30, 33, 27)
    assert found["recall"][0] == 1
    assert not found["pooled"][0]
    assert np.isnan(found["threshold"][1]) or found["pooled"][1]


def test_equal_scores_stand_and_fall_together() -> None:
    scores = np.array([0.9] * 18 + [0.5] * 5)
    assert threshold_of(scores, np.array([True] * 23)) == 0.5
    assert np.isnan(threshold_of(scores, np.array([True] * 20 + [False] * 3)))


@pytest.mark.parametrize(("right", "wrong", "known_there"), [(19, 0, False), (20, 0, True), (17, 3, False)])
def test_it_takes_twenty(right: int, wrong: int, known_there: bool) -> None:
    assert np.isfinite(known(right, wrong)["threshold"][0]) == known_there


def test_a_rare_class_takes_the_threshold_of_all() -> None:
    given = [(n, 0, *BOX) for n in range(30)] + [(n, 1, *ASIDE) for n in range(5)]
    found = [(n, 0, 0.8, *BOX) for n in range(30)] + [(n, 1, 0.9, *ASIDE) for n in range(5)]
    own = skill(predictions_of(found), labels_of(given), NAMES)
    assert own["pooled"].tolist() == [False, True]
    assert own["threshold"].tolist() == pytest.approx([0.8, 0.8])
    assert own["confident"].tolist() == [30, 5]


def test_a_class_that_is_mostly_wrong_takes_no_other_threshold() -> None:
    given = [(n, 0, *BOX) for n in range(200)] + [(n, 1, *ASIDE) for n in range(60)]
    found = [(n, 0, 0.9 - n / 1000, *BOX) for n in range(200)]
    found += [(n, 1, 0.95, *(ASIDE if n % 2 else (0, 0, 50, 50))) for n in range(60)]
    own = skill(predictions_of(found), labels_of(given), NAMES)
    assert np.isnan(own["threshold"][1])
    assert not own["pooled"][1]
    assert np.isnan(own["recall"][1])
    assert own["confident"][1] == 0


def test_own_error_is_a_share_of_the_side_and_a_habit_of_the_labels_is_none() -> None:
    random = np.random.default_rng(0)
    shifts = random.normal(0, 5, (400, 4))
    given = [(n, 0, 100 - 10, 100 - 10, 200 + 10, 200 + 10) for n in range(400)]
    found = [(n, 0, 0.9, *(np.array(BOX) + shifts[n])) for n in range(400)]
    own = skill(predictions_of(found), labels_of(given), NAMES)
    assert own["spread"][0] == pytest.approx(5 / 120, rel=0.1)
    assert 0.6 < own["iou"][0] < 0.8
    assert np.isnan(own["iou"][1])


def test_images_that_were_not_looked_at_do_not_count() -> None:
    given = labels_of([(n, 0, *BOX) for n in range(50)])
    found = predictions_of([(n, 0, 0.9, *BOX) for n in range(25)])
    assert skill(found, given, NAMES)["labels"][0] == 25, "a file that is silent on half of the images"
    assert skill(found, given, NAMES)["ap50"][0] == pytest.approx(0.995)
    all_of_them = skill(with_coverage(found, np.ones(50, np.bool_)), given, NAMES)
    assert all_of_them["labels"][0] == 50
    assert all_of_them["recall"][0] == pytest.approx(0.5)


def test_dirty_input() -> None:
    nan = float("nan")
    found = predictions_of([(0, 0, nan, *BOX), (0, 9, 0.9, *BOX), (0, -1, 0.9, *BOX), (0, 0, 0.9, nan, 0, 1, 1)])
    own = skill(found, labels_of([(0, 7, *BOX), (0, 0, *BOX)]), NAMES)
    assert own["labels"].tolist() == [1, 0]
    assert own["detections"].tolist() == [0, 0]
    assert not len(skill(predictions_of([]), labels_of([]), ()))
    empty = skill(predictions_of([]), labels_of([]), NAMES)
    assert empty["ap50"].isna().all()
    assert empty["confident"].sum() == 0
