"""From what a model saw to its scores: which labels count, what is left out, and the numbers of the trainer itself."""

import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.example_detections import GOLDEN, drawn, predicted, rows, seen
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.train import weights
from yoloaudit.train.images import data
from yoloaudit.train.predict import predict, see
from yoloaudit.train.score.confusion import confusion
from yoloaudit.train.score.evaluate import Evaluation, evaluate, labels_of
from yoloaudit.train.score.metrics import match, score_classes
from yoloaudit.train.settings import Settings
from yoloaudit.train.types import NO_DETECTIONS, Predicted

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
COCO128, WEIGHTS = SHARED / "data" / "coco128" / "data.yaml", SHARED / "weights" / "yolov5n_coco_v6.0.pt"
needs_weights = pytest.mark.skipif(not (COCO128.exists() and WEIGHTS.exists()), reason="needs shared/data and weights")
in_full = pytest.mark.skipif(not os.environ.get("YOLOAUDIT_SLOW"), reason="a quarter of a minute: set YOLOAUDIT_SLOW=1")
CPU = torch.device("cpu")


def test_labels_are_the_rows_that_the_trainer_uses_in_pixels_cut_at_the_edges() -> None:
    used, kept = (0, 0, 0.5, 0.5, 0.2, 0.4), (1, 1, 0.1, 0.1, 0.4, 0.2)
    boxes = rows(used, kept, *[used] * 4, altered=1, duplicate=2, dropped=3, broken=4, orphan=5)
    labels = labels_of(boxes, {0: (200, 100), 1: (100, 100)})
    assert labels.images.tolist() == [0, 1]
    np.testing.assert_allclose(labels.boxes, [[80, 30, 120, 70], [0, 0, 30, 20]], rtol=1e-5)
    assert labels.boxes.dtype == np.float32


def test_labels_of_other_images_do_not_count() -> None:
    boxes = rows((0, 0, 0.5, 0.5, 0.2, 0.2), (3, 0, 0.5, 0.5, 0.2, 0.2))
    found = evaluate([seen(3, (40, 40, 60, 60, 0.9, 0))], boxes, ["cat"])
    assert found.by_class.instances.tolist() == [1]
    assert found.overall.map50_95 == pytest.approx(0.995)


def test_an_image_that_cannot_be_read_is_named_and_its_labels_do_not_count() -> None:
    boxes = rows((0, 0, 0.5, 0.5, 0.2, 0.2), (1, 0, 0.5, 0.5, 0.2, 0.2))
    found = evaluate(
        [Predicted(0, NO_DETECTIONS, error="ends early"), seen(1, (40, 40, 60, 60, 0.9, 0)), seen(2)], boxes, ["cat"]
    )
    assert found.unreadable == {0: "ends early"}
    assert found.images.tolist() == [1, 2]
    assert found.backgrounds == 1
    assert found.overall.recall == 1


def test_class_ids_beyond_the_names_are_told_and_do_not_count() -> None:
    boxes = rows((0, 0, 0.5, 0.5, 0.2, 0.2), (0, 7, 0.5, 0.5, 0.2, 0.2), (0, 7, 0.1, 0.1, 0.1, 0.1))
    found = evaluate([seen(0, (40, 40, 60, 60, 0.9, 0))], boxes, ["cat", "dog"])
    assert found.foreign == {7: 2}
    assert found.by_class.classes.tolist() == [0]
    assert found.confusion.matrix().sum() == 1


def test_a_class_id_that_no_name_can_have() -> None:
    most = np.iinfo(np.int32).max
    assert evaluate([seen(0)], rows((0, most, 0.5, 0.5, 0.2, 0.2)), ["cat"]).foreign == {most: 1}


def test_all_classes_as_one() -> None:
    boxes = rows((0, 1, 0.5, 0.5, 0.2, 0.2), (0, 9, 0.1, 0.1, 0.1, 0.1))
    found = evaluate([seen(0, (40, 40, 60, 60, 0.9, 0))], boxes, ["cat", "dog"], single_class=True)
    assert found.names == ("item",)
    assert found.by_class.instances.tolist() == [2]
    assert found.by_class.recall.tolist() == [0.5]
    assert not found.foreign


def test_nothing_labelled_nothing_seen_and_no_image() -> None:
    for images in ([], [seen(0)], [seen(0, (1, 1, 9, 9, 0.9, 0))]):
        found = evaluate(images, rows(), ["cat"], coco=True)
        assert math.isnan(found.overall.map50)
        assert found.coco is not None
        assert math.isnan(found.coco.ap)
    missed = evaluate([seen(0)], rows((0, 0, 0.5, 0.5, 0.2, 0.2)), ["cat"])
    assert missed.overall.map50 == missed.overall.precision == missed.overall.recall == 0


def test_a_detection_beyond_the_names_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="class 1, and only 1 names"):
        evaluate([seen(0, (1, 1, 9, 9, 0.9, 1))], rows(), ["cat"])


def of_drawn(seed: int = 3, images: int = 12) -> Evaluation:
    found, truth = drawn(seed, images, 4, 40, 200)
    centres = (truth.boxes[:, :2] + truth.boxes[:, 2:]) / 2 / [640, 480]
    sides = (truth.boxes[:, 2:] - truth.boxes[:, :2]) / [640, 480]
    table = np.concatenate([truth.images[:, None], truth.classes[:, None], centres, sides], axis=1)
    boxes = rows(*map(tuple, table.tolist()), images=images)
    return evaluate(predicted(found, range(images)), boxes, ["a", "b", "c", "d"])


def test_the_evidence_resampled_whole_gives_the_scores() -> None:
    """What `compare` does: hits and counts by image are all that it needs."""
    whole = of_drawn()
    labels = np.repeat(whole.label_counts()[:, 1], whole.label_counts()[:, 2])
    again = score_classes(whole.hits, whole.detected.scores, whole.detected.classes, labels)
    np.testing.assert_allclose(again.ap, whole.by_class.ap)
    assert np.array_equal(whole.hits, match(whole.detected, whole.labelled))
    assert whole.label_counts()[:, 2].sum() == len(whole.labelled.classes)


def test_images_with_a_class_are_counted_once_each() -> None:
    boxes = rows((0, 1, 0.5, 0.5, 0.2, 0.2), (0, 1, 0.1, 0.1, 0.1, 0.1), (1, 1, 0.1, 0.1, 0.1, 0.1))
    assert evaluate([seen(0), seen(1)], boxes, ["a", "b"]).images_with().tolist() == [2]


def golden_run(name: str) -> dict[str, Any]:
    runs: dict[str, Any] = json.loads((GOLDEN / "val_coco128.json").read_text())["runs"]
    found: dict[str, Any] = runs[name]
    return found


def equals(found: Evaluation, name: str, within: float) -> None:
    """The four numbers of the trainer."""
    expected, overall = golden_run(name), found.overall
    own = (overall.precision, overall.recall, overall.map50, overall.map50_95)
    np.testing.assert_allclose(own, [expected[key] for key in ("P", "R", "mAP50", "mAP50_95")], rtol=0, atol=within)


@needs_weights
@in_full
def test_train2017_equals_the_trainers_in_every_class_when_batches_hold_the_same_images() -> None:
    """The trainer sorts images of one shape anyhow; the record of a training tells in which order they were."""
    dataset = load(str(COCO128), splits=["train"], workers=1)
    model, _ = weights.load(str(WEIGHTS))
    found = evaluate(in_the_trainers_order(dataset, model), dataset.boxes, dataset.names)
    equals(found, "train2017-128_b32", 1e-5)
    expected = golden_run("train2017-128_b32")
    by_class = {each["cls"]: each for each in expected["per_class"].values()}
    assert found.by_class.classes.tolist() == sorted(by_class)
    for row, number in enumerate(found.by_class.classes.tolist()):
        assert found.by_class.ap[row, 0] == pytest.approx(by_class[number]["AP50"], abs=1e-4)
        assert found.by_class.right[row] == by_class[number]["tp"]
    cells = confusion(found.detected, found.labelled, 80, as_yolov5=True).cells.tolist()
    assert cells == sorted(expected["confusion_matrix_nonzero"])


def in_the_trainers_order(dataset: Dataset, model: Any) -> Iterator[Predicted]:
    """Batches of 32 as the trainer made them."""
    steps = json.loads((GOLDEN / "train_curve.json").read_text())["runs"]["c"]["steps"][:8]
    source = data.of_split(dataset, ["train"], dropped=False)
    row_of = {os.path.basename(path): row for row, path in enumerate(source.paths)}
    order = [row_of[name] for step in steps for name in step["files"]]
    sorted_so = source.only(order)
    _, shapes = data.batch_shapes(sorted_so.sizes, 640, 32, 32, 0.5)
    pictures = data.fitted(sorted_so, [(h, w) for h, w in shapes.tolist()], 640, source.most_pixels, 2, 64)
    return (one for _, one in see(model, pictures, Settings(), device=CPU))


@needs_weights
def test_a_slow_clock_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = load(str(COCO128), splits=["val"], workers=1)
    model, _ = weights.load(str(WEIGHTS))
    source = data.of_split(dataset, ["val"], dropped=False).only(range(4))
    looks = Settings(imgsz=320, workers=1)
    quiet = list(predict(model, source, looks, device=CPU))
    hours = iter(range(0, 10**9, 3600))
    for name in ("time", "monotonic", "perf_counter"):
        monkeypatch.setattr(time, name, lambda: float(next(hours)))
    busy = list(predict(model, source, looks, device=CPU))
    assert [one.place for one in quiet] == [one.place for one in busy]
    for one, other in zip(quiet, busy, strict=True):
        assert len(one.detections) > 0
        assert np.array_equal(one.detections.boxes, other.detections.boxes)
        assert np.array_equal(one.detections.scores, other.detections.scores)
