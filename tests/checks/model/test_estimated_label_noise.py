"""estimated-label-noise: what is summed up, over which images, and how sure it is."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.example_seen import all_seen, judgements_of, labels_of, predictions_of, said
from tests.example_tables import images_of
from yoloaudit.checks.model.estimated_label_noise import EstimatedLabelNoise, estimate
from yoloaudit.dataset.tables import Defects

BOX = (10, 10, 60, 60)


def found(*rows: tuple[Any, ...], count: int = 100, learnt: int = 0, seen: pd.Series | None = None) -> Defects:
    """A label in each image; the model was trained on the first so many."""
    images = images_of(count)
    tables = [predictions_of([(n, 0, 0.9, *BOX)], "in-sample" if n < learnt else "val") for n in range(count)]
    looked = all_seen(images) if seen is None else seen
    boxes = labels_of([(n, 0, *BOX) for n in range(count)], images)
    return EstimatedLabelNoise().find(judgements_of(*rows), boxes, images, pd.concat(tables, ignore_index=True), looked)


def test_kinds_of_one_label_are_put_together_and_missing_ones_are_more_labels() -> None:
    rows = [(n, n, kind, 0.5, 0, BOX) for n in range(20) for kind in ("class", "location")]
    rows += [(n, -1, "missing", 0.5, 0, BOX) for n in range(20)]
    (defect,) = found(*rows).to_dict("records")
    assert (defect["wrong"], defect["missing"], defect["labels"]) == pytest.approx((15, 10, 100))
    assert defect["value"] == pytest.approx(25 / 110)
    assert 0.1 < defect["low"] < defect["value"] < defect["high"] < 0.35
    assert defect["severity"] == "warning"
    assert said(EstimatedLabelNoise(), found(*rows))[0].endswith("in 100 images that it was not trained on")


def test_an_interval_that_reaches_below_the_limit_is_no_warning() -> None:
    (defect,) = found(*((n, n, "class", 0.9, 1, BOX) for n in range(7))).to_dict("records")
    assert defect["low"] < 0.05 < defect["value"]
    assert defect["severity"] == "info"
    assert not len(found(*((n, n, "class", 0.9, 1, BOX) for n in range(5))))


def test_images_that_were_trained_on_count_only_without_others() -> None:
    rows = [(n, n, "class", 0.9, 1, BOX) for n in range(50, 60)]
    (defect,) = found(*rows, learnt=50).to_dict("records")
    assert (defect["labels"], defect["count"]) == (50, 50)
    (defect,) = found(*rows, learnt=100).to_dict("records")
    assert (defect["labels"], defect["what"]) == (100, "images that it was trained on")


def test_images_that_were_not_looked_at_do_not_count() -> None:
    seen = pd.Series(np.arange(100) < 10)
    (defect,) = found((0, 0, "class", 0.9, 1, BOX), seen=seen).to_dict("records")
    assert defect["labels"] == 10
    nothing = found((0, 0, "class", 0.9, 1, BOX), seen=pd.Series(False, index=range(100)))
    assert (len(nothing), nothing.attrs["measured"]) == (0, None)


def test_the_interval_covers() -> None:
    """Of 200 samples of images with a tenth of errors, the interval of about nineteen in twenty holds the tenth."""
    random = np.random.default_rng(0)
    hits = 0
    for number in range(200):
        labels = random.integers(1, 10, 300)
        noise = estimate(random.binomial(labels, 0.1).astype(float), labels.astype(float), number)
        hits += noise.low <= 0.1 <= noise.high
    assert 180 <= hits <= 199


def test_many_images_are_put_together_to_blocks() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(1, 10, 100_000).astype(float)
    noise = estimate(labels * (random.random(100_000) < 0.1), labels, 0)
    assert noise.share == pytest.approx(0.1, abs=0.003)
    assert 0.001 < noise.high - noise.low < 0.01
