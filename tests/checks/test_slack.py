"""Space on each side: which sides decide, what they make of the box, and how it is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_seen import judgements_of, labels_of, said
from yoloaudit.checks.model.loose_box import LooseBox
from yoloaudit.checks.model.shifted_box import ShiftedBox
from yoloaudit.checks.model.tight_box import TightBox
from yoloaudit.checks.slack import LOOSE, SHIFTED, TIGHT, LocationCheck, deciding, in_words, kind_of, pixels, slack_of

LABEL = (100, 100, 200, 300)
CHECKS: list[LocationCheck] = [LooseBox(), TightBox(), ShiftedBox()]


def test_positive_where_the_label_has_space() -> None:
    label, inside = np.array([LABEL], float), np.array([[108.0, 105, 197, 299]])
    assert slack_of(label, inside).tolist() == [[8, 5, 3, 1]]
    assert slack_of(inside, label).tolist() == [[-8, -5, -3, -1]]


@pytest.mark.parametrize(
    ("slack", "error", "kind", "words"),
    [
        ((8, 5, 1, 0), 2, LOOSE, "8 px of space on the left, 5 at the top"),
        ((8, 5, -1, 0), 2, LOOSE, "8 px of space on the left, 5 at the top"),
        ((-8.25, -1, 0, -12.6), 2, TIGHT, "cuts 13 px off at the bottom, 8.2 on the left"),
        ((8, 0, -6, 0), 2, SHIFTED, "8 px of space on the left, and cuts 6 px off on the right"),
        ((1, 0, -1.5, 0), 2, TIGHT, "cuts 1.5 px off on the right"),
        ((1, 0.5, 0, 0), 2, LOOSE, "1 px of space on the left"),
        ((0, 0, 0, 0), 2, SHIFTED, "the model sees the object elsewhere"),
        ((np.nan, np.nan, np.nan, np.nan), 2, SHIFTED, "the model sees the object elsewhere"),
        ((3, 0, 0, 0), 0, LOOSE, "3 px of space on the left"),
    ],
)
def test_the_sides_that_decide(slack: tuple[float, ...], error: float, kind: int, words: str) -> None:
    sides = np.array([slack], float)
    off = deciding(sides, np.array([error], float))
    assert kind_of(sides, off).tolist() == [kind]
    assert in_words(sides[0], off[0]) == words
    assert len(words) < 80


SIDE = st.floats(-40, 40, allow_nan=False)


@given(st.tuples(SIDE, SIDE, SIDE, SIDE), st.floats(0, 20))
def test_each_judgement_is_told_by_exactly_one_check(moved: tuple[float, ...], error: float) -> None:
    box = tuple(np.array(LABEL) + np.array(moved))
    rows = judgements_of((0, 0, "location", 0.7, 0, box)).assign(error_px=np.float32(error))
    boxes = labels_of([(0, 0, *LABEL)])
    found = [check.located(rows, boxes, which)[0] for check, which in zip(CHECKS, (LOOSE, TIGHT, SHIFTED), strict=True)]
    assert sum(len(defects) for defects in found) == 1
    sentence = next(said(check, defects)[0] for check, defects in zip(CHECKS, found, strict=True) if len(defects))
    assert sentence.endswith("(probability 0.70, val prediction)")
    assert "nan" not in sentence


def test_what_the_defect_holds() -> None:
    rows = judgements_of((0, 0, "location", 0.7, 0, (108.0, 105.0, 199.0, 300.0)), (0, 9, "location", 0.9, 0, LABEL))
    check = LooseBox()
    defects, kept = check.located(rows, labels_of([(0, 0, *LABEL)]), LOOSE)
    assert kept.index.tolist() == [0], "of a label that is not in scope nothing is told"
    (defect,) = defects.to_dict("records")
    assert (defect["value"], defect["limit"], defect["row"]) == (8, 3, 0)
    assert said(check, defects)[0] == (
        "8 px of space on the left, 5 at the top, where the model's own edges stray by 2 px "
        "(probability 0.70, val prediction)"
    )


def test_an_error_that_is_not_known_decides_nothing() -> None:
    rows = judgements_of((0, 0, "location", 0.7, 0, (101.0, 100.0, 202.0, 300.0))).assign(error_px=np.nan)
    assert len(ShiftedBox().located(rows, labels_of([(0, 0, *LABEL)]), SHIFTED)[0]) == 1


@pytest.mark.parametrize(("value", "words"), [(8.0, "8 px"), (1.52, "1.5 px"), (12.7, "13 px"), (1234.5, "1,234 px")])
def test_pixels(value: float, words: str) -> None:
    assert pixels(value) == words
