"""How tight the boxes of each class are, from the tables of a model; and its picture."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.example_seen import judgements_of, labels_of, predictions_of, skill_of
from yoloaudit.dataset.tables import MATCHES, Boxes, table
from yoloaudit.train.plot.tightness import MOST_CLASSES, Seen, rows_of, slack, tightness_picture

LABELS = [(0, 0, 100, 100, 200, 300), (0, 1, 300, 300, 400, 400), (1, 1, 0, 0, 50, 50), (1, 5, 0, 0, 90, 90)]
DETECTIONS = [
    (0, 0, 0.9, 110, 100, 200, 280),
    (0, 1, 0.4, 310, 310, 390, 390),
    (1, 1, 0.6, 5, 0, 50, 50),
    (1, 0, 0.7, 0, 9, 90, 90),
]


def seen(*judged: Any, spread: float = 0.03) -> Seen:
    """Each label has its detection."""
    predictions = predictions_of(DETECTIONS)
    starts = predictions[["x1", "y1"]].to_numpy().tolist()
    places = [starts.index([x, y]) for _, _, _, x, y, _, _ in DETECTIONS]
    matches = table(MATCHES, {"box": np.arange(4), "detection": places, "iou": np.full(4, 0.8)})
    return Seen(predictions, matches, judgements_of(*judged), skill_of(2, spread=spread, iou=0.8))


def boxes() -> Boxes:
    return labels_of(LABELS)


def test_slack_is_a_share_of_the_side_where_the_model_is_sure() -> None:
    classes, sides = slack(seen(), boxes())
    assert classes.tolist() == [0, 1, 5], "a score of 0.4 is below the threshold of 0.5"
    np.testing.assert_allclose(sides, [[0.1, 0, 0, 0.1], [0.1, 0, 0, 0], [0, 0.1, 0, 0]], atol=1e-6)


def test_a_place_that_is_probably_wrong_is_where_the_judgement_says() -> None:
    inside = (320.0, 300.0, 400.0, 400.0)
    rows = [(0, 0, "location", 0.3, 0, inside), (0, 1, "location", 0.8, 1, inside), (1, 2, "location", 0.9, 1, None)]
    classes, sides = slack(seen(*rows, (1, -1, "missing", 0.9, 1, inside), (1, 3, "class", 0.9, 1, inside)), boxes())
    assert classes.tolist() == [0, 1, 1, 5]
    np.testing.assert_allclose(sides[:2], [[0.1, 0, 0, 0.1], [0.2, 0, 0, 0]], atol=1e-6)


def test_all_labels_then_the_most_frequent_classes() -> None:
    classes = np.array([1] * 3 + [0] + [7] + list(range(2, 60)))
    rows = rows_of(classes, np.zeros((len(classes), 4)), skill_of(60, spread=0.02), [f"c{n}" for n in range(60)])
    assert [row.name for row in rows[:4]] == ["all classes", "c1", "c7", "c0"]
    assert len(rows) == MOST_CLASSES + 1
    assert [row.labels for row in rows[:3]] == [len(classes), 3, 2]
    assert rows[0].error == pytest.approx(0.02)
    assert np.isnan(rows_of(classes[:0], np.zeros((0, 4)), skill_of(60), ["c"] * 60)[0].error)


@pytest.mark.parametrize("names", [("cat", "dog"), ("$\\frac{", "\x1b[31m日本\n" + "é" * 999)])
@pytest.mark.parametrize("spread", [0.03, float("nan")])
def test_a_picture(names: tuple[str, str], spread: float, capfd: pytest.CaptureFixture[str]) -> None:
    with Image.open(io.BytesIO(tightness_picture(seen(spread=spread), boxes(), names))) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1650
        assert np.asarray(picture.convert("L")).std() > 0
    assert capfd.readouterr() == ("", "")


def test_nothing_seen_is_a_picture_too() -> None:
    nothing = Seen(predictions_of([]), table(MATCHES, {}), judgements_of(), skill_of(2))
    for labels in (boxes(), labels_of([])):
        with Image.open(io.BytesIO(tightness_picture(nothing, labels, ("cat", "dog")))) as picture:
            assert picture.width == 1650
