"""Judgements as defects: grades, proposals, origins, places, and what is counted."""

import numpy as np
import pandas as pd
import pytest

from tests.example_seen import judgements_of, labels_of, skill_of
from tests.example_tables import images_of
from yoloaudit.checks.judged import JudgedCheck, labels_looked_at, on_backgrounds, origins, suggestions, thresholds
from yoloaudit.findings import Suggestion

BOXES = labels_of([(0, 1, 0, 0, 100, 100), (1, 0, 10, 10, 20, 20)])
SEEN = (1.0, 2.0, 30.123, 40.0)


class Odd(JudgedCheck):
    """For tests."""

    message = "{origin}"


def test_what_is_proposed() -> None:
    rows = judgements_of(
        (0, -1, "missing", 0.5, 1, SEEN),
        (0, 0, "class", 0.5, 0, None),
        (0, 0, "location", 0.5, -1, SEEN),
        (0, 0, "spurious", 0.5, -1, None),
        (0, -1, "missing", 0.5, -1, None),
        (0, 77, "class", 0.5, 0, None),
    )
    assert suggestions(rows, BOXES) == [
        Suggestion(1, (1.0, 2.0, 30.12, 40.0), 0.9),
        Suggestion(0, (0.0, 0.0, 100.0, 100.0), 0.9),
        Suggestion(1, (1.0, 2.0, 30.12, 40.0), 0.9),
        None,
        None,
        None,
    ]


def test_grades_and_places() -> None:
    rows = judgements_of(
        (0, -1, "missing", 0.5, 1, SEEN),
        (1, 1, "missing", 0.1, 1, None),
        (0, 0, "class", 1.0, 0, None),
        (0, -1, "missing", 0.0999, 1, SEEN),
        (0, -1, "missing", float("nan"), 1, SEEN),
        source="imported",
    )
    kept = Odd(min_score=0.1).of_kind(rows, "missing")
    assert kept.index.tolist() == [0, 1]
    defects = Odd(likely=0.5).flag_judged(kept, BOXES, value=np.array([7.0, 8.0]))
    assert defects["severity"].tolist() == ["warning", "info"]
    assert defects["row"].tolist() == [-1, 1]
    assert defects["box"].tolist() == [pytest.approx(SEEN), None]
    assert defects["class_id"].tolist() == [1, -1], "of a label the row says it all"
    assert (defects["value"].tolist(), defects["origin"].tolist()) == ([7.0, 8.0], ["imported prediction"] * 2)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("out-of-fold", "out-of-fold prediction"),
        ("val", "val prediction"),
        ("in-sample", "in-sample prediction, so discounted"),
        ("imported", "imported prediction"),
    ],
)
def test_every_message_says_where_it_is_known_from(source: str, words: str) -> None:
    assert origins(judgements_of((0, -1, "missing", 0.5, 1, SEEN), source=source)) == [words]


def test_thresholds_of_classes_that_are_not_there() -> None:
    skill = skill_of(2, threshold=[0.4, float("nan")])
    assert thresholds(skill, np.array([0, 1, 2, -1])).tolist() == pytest.approx([0.4] + [np.nan] * 3, nan_ok=True)
    assert np.isnan(thresholds(skill_of(0), np.array([0]))).all()


def test_only_labels_in_images_that_were_looked_at_count() -> None:
    assert labels_looked_at(BOXES, pd.Series([True, False])) == 1
    assert labels_looked_at(BOXES, pd.Series([False], index=[0])) == 0
    assert labels_looked_at(BOXES[:0], pd.Series([True, True])) == 0


def test_sure_detections_on_backgrounds() -> None:
    images = images_of(2, fate=["background", "used"])
    rows = [
        (0, -1, "missing", 0.9, 0, SEEN, 0.6),
        (0, -1, "missing", 0.9, 0, SEEN, 0.4),
        (1, -1, "missing", 0.9, 0, SEEN),
    ]
    assert on_backgrounds(judgements_of(*rows), images, skill_of(1)).tolist() == [True, False, False]
    assert not on_backgrounds(judgements_of(*rows, source="in-sample"), images, skill_of(1)).any()
    assert not on_backgrounds(judgements_of(*rows), images, skill_of(1, threshold=float("nan"))).any()


def test_expected_share() -> None:
    rows = judgements_of((0, -1, "missing", 0.5, 1, SEEN), (0, -1, "missing", 0.25, 1, SEEN))
    defects = Odd().flag_judged(rows, BOXES)
    assert Odd().estimated(defects, rows, 3).attrs["measured"] == pytest.approx(0.25)
    nothing = Odd().estimated(defects[:0], rows[:0], 0)
    assert (nothing.attrs["measured"], nothing.attrs["why"]) == (
        None,
        "no label lies in an image that the model looked at",
    )
