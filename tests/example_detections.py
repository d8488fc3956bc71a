"""Labels and detections of many images, drawn from a seed: near each other, with every kind of mistake."""

from pathlib import Path

import numpy as np

from tests.example_tables import boxes_of, images_of
from yoloaudit.dataset.tables import ROW_FATES, Boxes, categorical
from yoloaudit.train.score.pairs import Detected, Labelled
from yoloaudit.train.types import Detections, Predicted

GOLDEN = Path(__file__).resolve().parents[1].parent / "shared" / "reference" / "golden"


def labelled(*rows: tuple[int, int, float, float, float, float]) -> Labelled:
    """Rows of image, class, x1, y1, x2, y2."""
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Labelled(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:].astype(np.float32))


def detected(*rows: tuple[int, int, float, float, float, float, float]) -> Detected:
    """Rows of image, class, x1, y1, x2, y2, score."""
    table = np.array(rows, np.float64).reshape(-1, 7)
    images, classes = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    return Detected(images, classes, table[:, 2:6].astype(np.float32), table[:, 6].astype(np.float32))


def drawn(
    seed: int, images: int, classes: int, labels: int, detections: int, *, grid: bool = False, ties: bool = False
) -> tuple[Detected, Labelled]:
    """Detections scattered about the labels, sorted by image and score; `grid` makes equal overlaps, `ties` scores."""
    random = np.random.default_rng(seed)
    owners, kinds = random.integers(0, images, labels), random.integers(0, classes, labels)
    corner, sides = random.uniform(0, 300, (labels, 2)), np.exp(random.uniform(np.log(5), np.log(300), (labels, 2)))
    truth = np.concatenate([corner, corner + sides], axis=1)
    near = random.integers(0, labels, detections) if labels else np.zeros(0, np.int64)
    boxes = truth[near] + random.normal(size=(len(near), 4)) * np.tile(sides[near], 2) * 0.08
    if grid:
        truth, boxes = truth.round(-1), boxes.round(-1)
        truth[:, 2:] = np.maximum(truth[:, 2:], truth[:, :2] + 10)
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + (10 if grid else 1))
    guess = np.where(random.random(len(near)) < 0.9, kinds[near], random.integers(0, classes, len(near)))
    scores = random.random(len(near)).round(1 if ties else 9)
    order = np.lexsort((-scores, owners[near]))
    found = Detected(
        owners[near][order], guess[order], boxes[order].astype(np.float32), scores[order].astype(np.float32)
    )
    return found, Labelled(owners.astype(np.int64), kinds.astype(np.int64), truth.astype(np.float32))


def predicted(found: Detected, places: range, width: int = 640, height: int = 480) -> list[Predicted]:
    """The same detections, an image at a time."""
    each = [found.at(found.images == place) for place in places]
    return [
        Predicted(place, Detections(own.boxes, own.scores, own.classes), height, width)
        for place, own in zip(places, each, strict=True)
    ]


def rows(*values: tuple[float, float, float, float, float, float], images: int = 4, **fates: int) -> Boxes:
    """Rows of image, class, cx, cy, w, h; `fates` by name, of the row with this number."""
    boxes = boxes_of(list(values), images_of(images))
    codes = np.zeros(len(boxes), np.int8)
    for fate, row in fates.items():
        codes[row] = ROW_FATES.index(fate)
    return boxes.assign(fate=categorical(codes, ROW_FATES))


def seen(place: int, *found: tuple[float, float, float, float, float, int], size: int = 100) -> Predicted:
    """Rows of x1, y1, x2, y2, score, class on a square image."""
    table = np.array(found, np.float32).reshape(-1, 6)
    return Predicted(place, Detections(table[:, :4], table[:, 4], table[:, 5].astype(np.int64)), size, size)
