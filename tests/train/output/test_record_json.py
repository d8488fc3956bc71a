"""What a record keeps of an evaluation: it comes back as it was, and what was tampered with is refused."""

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detections import drawn, predicted, rows
from yoloaudit.train.output.record_json import MOST_CLASSES, NotEvidence, facts_of_evaluation, packed, unpacked
from yoloaudit.train.score.evaluate import Evaluation, evaluate
from yoloaudit.train.score.evidence import evidence_of
from yoloaudit.train.score.resample import AT_ALL, interval

PATHS = [f"images/val/{number} é\udcff.jpg" for number in range(4)]


def evaluation(seed: int = 0) -> Evaluation:
    """Detections at random, and a few labels."""
    found, _ = drawn(seed, 4, 2, 12, 40)
    boxes = rows(*((place, place % 2, 0.5, 0.4, 0.3, 0.3) for place in range(4)), (0, 1, 0.2, 0.2, 0.2, 0.2))
    return evaluate(predicted(found, range(4)), boxes, ["cat", "dog"])


def test_evidence_comes_back_as_it_was() -> None:
    before = evidence_of(evaluation(), PATHS)
    after = unpacked(json.loads(json.dumps(packed(before))))
    assert (after.images, after.digests) == (before.images, before.digests)
    for name in ("labels", "image", "classes", "hits"):
        assert (getattr(after, name) == getattr(before, name)).all()
    assert after.scores == pytest.approx(before.scores, abs=1e-6)
    assert interval(after, AT_ALL) == interval(before, AT_ALL)


def test_facts_are_plain_and_tell_the_scores() -> None:
    found = evaluation()
    facts = facts_of_evaluation(found, PATHS, split="val", imgsz=320)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["metrics"]["map50_95"] == found.overall.map50_95
    assert [each["name"] for each in facts["classes"]] == ["cat", "dog"]
    assert (facts["images"], facts["instances"], facts["imgsz"]) == (4, 5, 320)


def test_nothing_labelled_has_no_scores_and_is_plain_too() -> None:
    facts = facts_of_evaluation(evaluate([], rows((0, 0, 0.5, 0.5, 0.1, 0.1)), ["cat"]), [], split="val", imgsz=64)
    assert facts["metrics"]["map50"] is None
    assert unpacked(facts["evidence"]).images == ()


WRONG: list[tuple[tuple[str, ...], Any]] = [
    (("images",), None),
    (("images",), ["a.jpg"]),
    (("images",), [1, 2, 3, 4]),
    (("images",), ["x" * 5000] * 4),
    (("digests",), "a b"),
    (("labels",), []),
    (("labels", "image"), "9 9 9 9 9"),
    (("labels", "class"), "1"),
    (("labels", "count"), "-1 1 1 1 1"),
    (("labels", "count"), "1e3 1 1 1 1"),
    (("labels", "count"), "٣ 1 1 1 1"),
    (("labels", "count"), "99999999999 1 1 1 1"),
    (("labels", "count"), "9999999999 1 1 1 1"),
    (("labels", "count"), 5),
    (("detections", "image"), None),
    (("detections", "right"), " ".join(["1024"] * 40)),
    (("detections", "score"), " ".join(map(str, range(40)))),
]


@pytest.mark.parametrize(("place", "value"), WRONG, ids=lambda value: str(value)[:30])
def test_what_does_not_fit_together_is_refused(place: tuple[str, ...], value: Any) -> None:
    values = copy.deepcopy(packed(evidence_of(evaluation(), PATHS)))
    inner = values if len(place) == 1 else values[place[0]]
    inner[place[-1]] = value
    with pytest.raises(NotEvidence):
        unpacked(values)


def test_more_classes_than_anybody_has_are_refused() -> None:
    values = packed(evidence_of(evaluation(), PATHS))
    many = range(MOST_CLASSES + 1)
    values["labels"] = {name: " ".join(map(str, many)) for name in ("class", "count")}
    values["labels"]["image"] = " ".join(["0"] * len(many))
    with pytest.raises(NotEvidence, match="classes"):
        unpacked(values)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda each: st.dictionaries(st.text(), each), max_leaves=5))
def test_any_other_value_is_refused(value: Any) -> None:
    with pytest.raises(NotEvidence):
        unpacked(value)


def test_boxes_come_back_to_a_hundredth_of_a_pixel() -> None:
    before = evidence_of(evaluation(), PATHS)
    after = unpacked(json.loads(json.dumps(packed(before))))
    assert after.boxes is not None
    assert before.boxes is not None
    assert after.truth is not None
    assert before.truth is not None
    assert after.boxes == pytest.approx(np.maximum(before.boxes, 0), abs=0.006)
    assert after.truth.boxes == pytest.approx(before.truth.boxes, abs=0.006)
    assert after.sizes == pytest.approx(before.sizes)


def test_scores_are_in_billionths_and_those_of_old_in_millionths() -> None:
    before = evidence_of(evaluation(), PATHS)
    values = packed(before)
    assert unpacked(values).scores == pytest.approx(before.scores, abs=1e-9)
    old = copy.deepcopy(values)
    del old["format"], old["sizes"], old["truth"]
    old["detections"]["score"] = " ".join(str(int(each) // 1000) for each in values["detections"]["score"].split())
    read = unpacked(old)
    assert read.scores == pytest.approx(before.scores, abs=2e-6)
    assert [read.sizes, read.boxes, read.truth] == [None] * 3


HALF_TOLD: list[tuple[tuple[str, ...], Any]] = [
    (("format",), 3),
    (("format",), "2"),
    (("format",), True),
    (("sizes",), {"width": "1 1 1 1"}),
    (("sizes", "width"), "1"),
    (("sizes",), {"width": "1", "height": "1"}),
    (("truth", "class"), "0 1 0 1 0"),
    (("truth", "x1"), "1"),
    (("truth",), []),
    (("detections", "x2"), "5"),
    (("detections", "right"), " ".join(["1023"] * 40)),
]


@pytest.mark.parametrize(("place", "value"), HALF_TOLD, ids=lambda value: str(value)[:30])
def test_what_is_told_of_boxes_must_fit_too(place: tuple[str, ...], value: Any) -> None:
    test_what_does_not_fit_together_is_refused(place, value)


def test_an_image_twice_is_refused() -> None:
    values = packed(evidence_of(evaluation(), PATHS))
    values["images"][1] = values["images"][0]
    with pytest.raises(NotEvidence, match="twice"):
        unpacked(values)


def test_nothing_is_right_where_nothing_is_labelled() -> None:
    values = packed(evidence_of(evaluation(), PATHS))
    values["detections"]["class"] = " ".join(["7"] * 40)
    values["detections"]["right"] = " ".join(["1"] * 40)
    with pytest.raises(NotEvidence, match="nothing is labelled"):
        unpacked(values)
