"""Scores by size of object: what counts in a band is what COCO's own evaluation says."""

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.example_evidence import HEIGHT, WIDTH, evidence, of_boxes, of_old
from yoloaudit.train.score.bands import BANDS, band_numbers, bands_of
from yoloaudit.train.score.evidence import Evidence
from yoloaudit.train.score.pairs import Detected, Labelled


def scattered(seed: int) -> Evidence:
    """Labels that do not overlap, each with one detection, shifted and resized, and detections of nothing."""
    random = np.random.default_rng(seed)
    images, cells = 20, [(x, y) for x in range(0, 800, 200) for y in range(0, 800, 200)]
    truth, found = [], []
    for image in range(images):
        for x, y in cells:
            side = float(np.exp(random.uniform(np.log(8), np.log(180))))
            number = int(random.integers(0, 2))
            if random.random() < 0.6:
                truth.append((image, number, x, y, x + side, y + side))
                scale, shift = random.uniform(0.75, 1.3), random.normal() * 0.05 * side
                if random.random() < 0.8:
                    ends = max(x + shift, 0), max(y + shift, 0)
                    found.append((image, number, *ends, ends[0] + side * scale, ends[1] + side, random.random()))
            elif random.random() < 0.4:
                found.append((image, number, x, y, x + side, y + side, random.random() * 0.6))
    labels, seen = np.array(truth), np.array(found)
    order = np.argsort(-seen[:, 6], kind="stable")
    seen = seen[order]
    seen_in, seen_as = seen[:, 0].astype(int), seen[:, 1].astype(int)
    return of_boxes(
        Detected(seen_in, seen_as, seen[:, 2:6].astype(np.float32), seen[:, 6].astype(np.float32)),
        Labelled(labels[:, 0].astype(int), labels[:, 1].astype(int), labels[:, 2:].astype(np.float32)),
        images,
    )


def by_coco(made: Evidence) -> COCOeval:
    """pycocotools' evaluation of the same."""
    assert made.truth is not None
    assert made.boxes is not None
    sides = [
        np.column_stack([each[:, :2], each[:, 2:] - each[:, :2]]).astype(float)
        for each in (made.truth.boxes, made.boxes)
    ]
    whole = {"iscrowd": 0}
    truth = [
        whole | {"id": at + 1, "image_id": int(image), "category_id": int(number), "bbox": box.tolist(), "area": area}
        for at, (image, number, box, area) in enumerate(
            zip(made.truth.images, made.truth.classes, sides[0], sides[0][:, 2:].prod(axis=1).tolist(), strict=True)
        )
    ]
    found = [
        {"image_id": int(image), "category_id": int(number), "bbox": box.tolist(), "score": float(score)}
        for image, number, box, score in zip(made.image, made.classes, sides[1], made.scores, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": at, "width": WIDTH, "height": HEIGHT} for at in range(len(made.images))],
            "categories": [{"id": 0}, {"id": 1}],
            "annotations": truth,
        }
        coco.createIndex()
        judged = COCOeval(coco, coco.loadRes(found), "bbox")
        judged.evaluate()
        judged.accumulate()
    return judged


@pytest.mark.parametrize("seed", range(4))
def test_what_counts_is_what_coco_counts(seed: int) -> None:
    """At every threshold: labels, right and wrong detections of each size. COCO counts a box on an edge to both."""
    made = scattered(seed)
    judged = by_coco(made)
    for place, band in enumerate(bands_of(made), 1):
        of_kinds = judged.evalImgs[place * 20 : (place + 1) * 20], judged.evalImgs[(4 + place) * 20 : (5 + place) * 20]
        cells = [each for images in of_kinds for each in images if each]
        labels = sum(int((~np.array(each["gtIgnore"], bool)).sum()) for each in cells)
        assert int(band.labels[:, 2].sum()) == labels
        for column in range(10):
            right = sum(int(((each["dtMatches"][column] > 0) & ~each["dtIgnore"][column]).sum()) for each in cells)
            wrong = sum(int(((each["dtMatches"][column] == 0) & ~each["dtIgnore"][column]).sum()) for each in cells)
            counted = band.counted[:, column]
            assert (made.hits[counted, column].sum(), (~made.hits[counted, column]).sum()) == (right, wrong)


def test_a_band_takes_what_is_just_as_large() -> None:
    boxes = np.array([[0, 0, 31, 31], [0, 0, 32, 32], [0, 0, 95, 95], [0, 0, 96, 96], [0, 0, 0, 0]], np.float32)
    assert band_numbers(boxes).tolist() == [0, 1, 1, 2, 0]


def test_every_label_is_of_one_size() -> None:
    made = evidence(3)
    assert [band.name for band in bands_of(made)] == list(BANDS)
    assert sum(band.labels[:, 2].sum() for band in bands_of(made)) == made.labels[:, 2].sum()
    assert (np.sum([band.counted for band in bands_of(made)], axis=0) == 1).all()


def test_without_boxes_there_are_no_sizes() -> None:
    assert bands_of(of_old(evidence(3))) == []
