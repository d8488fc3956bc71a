"""Images that a model looked at, drawn from a seed: objects, their labels, and what a fair detector says of them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tests.example_seen import labels_of, predictions_of
from tests.example_tables import images_of
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import LABELS, LISTED, STRAYS, Boxes, Images, Predictions, table
from yoloaudit.evidence import Floats, Integers
from yoloaudit.measure.judge.planting import CLASS, DUPLICATE, LOOSE, SHIFTED, SPURIOUS, TIGHT, Planted, plant
from yoloaudit.measure.judge.scenes import Scene

SIDE = 640
WRONG = {LOOSE: 8, SHIFTED: 8, TIGHT: 8, CLASS: 12, SPURIOUS: 12, DUPLICATE: 12}
DROPPED = 18
"""Labels that are made wrong, by kind, and that are taken away."""


def scene_of(
    labels: Sequence[Sequence[float]] = (),
    found: Sequence[Sequence[float]] = (),
    *,
    image: int = 0,
    width: int = SIDE,
    height: int = SIDE,
    source: int = 3,
) -> Scene:
    """Labels: class, x1, y1, x2, y2; detections: class, score, x1, y1, x2, y2."""
    given, seen = np.array(labels, float).reshape(-1, 5), np.array(found, float).reshape(-1, 6)
    seen = seen[np.argsort(-seen[:, 1], kind="stable")]
    classes, found_classes = given[:, 0].astype(np.int64), seen[:, 0].astype(np.int64)
    rows = np.arange(len(given), dtype=np.int64)
    return Scene(
        image, width, height, rows, given[:, 1:], classes, seen[:, 2:], seen[:, 1], found_classes, source, image
    )


def one_row(box: Sequence[float], kind: int = 0, own: int = -1, number: int = 0) -> Planted:
    """A single row: its box, class, the label that it stands in for and what is wrong with it."""
    values = (np.array([each], np.int64) for each in (number, kind, own))
    kinds, classes, place = values
    return Planted(kinds, np.array([box], float), classes, place)


class World(NamedTuple):
    """Rows of labels (image, class, x1, y1, x2, y2) and of detections (image, class, score, x1, y1, x2, y2)."""

    labels: Floats
    found: Floats
    images: int


def world(seed: int, images: int = 60, each: int = 5, classes: int = 3, skill: float = 0.9) -> World:
    """Objects on a 4 × 4 grid, so that none covers another, each right labelled; the detector finds a share of them."""
    rng = np.random.default_rng(seed)
    place = np.concatenate([rng.permutation(16)[:each] for _ in range(images)])
    image = np.repeat(np.arange(images), each)
    kind = rng.integers(0, classes, len(image))
    sides = np.exp(rng.normal(np.log(70), 0.25, (len(image), 2))).clip(20, 130) * (1 + 0.25 * (kind[:, None] == 0))
    middle = np.stack([place % 4, place // 4], axis=1) * 160 + 80 + rng.uniform(-8, 8, (len(image), 2))
    objects = np.clip(np.concatenate([middle - sides / 2, middle + sides / 2], axis=1), 0, SIDE)
    labels = np.clip(objects + _noise(rng, objects, 0.015), 0, SIDE)
    return World(
        np.concatenate([image[:, None], kind[:, None], labels], axis=1),
        np.concatenate([_found(rng, image, kind, objects, classes, skill), _imagined(rng, images, classes)]),
        images,
    )


def _noise(rng: np.random.Generator, boxes: Floats, share: float) -> Floats:
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    return np.asarray(rng.normal(0, share, boxes.shape) * sides)


def _found(
    rng: np.random.Generator, image: Integers, kind: Integers, boxes: Floats, classes: int, skill: float
) -> Floats:
    """A sure detection of most objects, and a faint one of another class there."""
    parts = []
    for high, right in ((rng.beta(8, 2, len(image)), kind), (rng.beta(1, 12, len(image)), (kind + 1) % classes)):
        seen = rng.random(len(image)) < skill
        near = np.clip(boxes + _noise(rng, boxes, 0.03), 0, SIDE)
        columns = np.concatenate([image[:, None], right[:, None], high[:, None], near], axis=1)
        parts.append(columns[seen])
    return np.concatenate(parts)


def _imagined(rng: np.random.Generator, images: int, classes: int) -> Floats:
    """Faint detections of nothing, five an image."""
    image = np.repeat(np.arange(images), 5)
    start, sides = rng.uniform(0, 500, (len(image), 2)), rng.uniform(30, 130, (len(image), 2))
    kind, score = rng.integers(0, classes, (len(image), 1)), rng.beta(1, 15, (len(image), 1))
    return np.concatenate([image[:, None], kind, score, start, start + sides], axis=1)


def dataset_of(images: Images, boxes: Boxes, classes: int = 3) -> Dataset:
    """A data set that is tables only."""
    names = tuple(f"class {number}" for number in range(classes))
    return Dataset(
        "", names, images, table(LABELS, {}), boxes, table(LISTED, {}), table(STRAYS, {}), _nothing(Descriptor)
    )


def _nothing(kind: Any) -> Any:
    """A descriptor that nobody asks."""
    return object.__new__(kind)


def tables_of(drawn: World, labels: Floats | None = None) -> tuple[Dataset, Predictions]:
    """The world as a data set and predictions, also with other labels."""
    images = images_of(drawn.images)
    rows = drawn.labels if labels is None else labels
    return dataset_of(images, labels_of(rows.tolist(), images)), predictions_of(drawn.found.tolist())


def scenes_of(drawn: World) -> list[Scene]:
    """The world as scenes, in which labels and boxes keep all their digits."""
    made = []
    for image in range(drawn.images):
        labels, found = (rows[rows[:, 0] == image, 1:] for rows in (drawn.labels, drawn.found))
        made.append(scene_of(labels.tolist(), found.tolist(), image=image))
    return made


class Flawed(NamedTuple):
    labels: Floats
    """As in a world, with errors among them."""
    kinds: Integers
    """What each label is, as planting numbers it."""
    dropped: Floats
    """Labels that were taken away."""


def flawed(drawn: World, seed: int) -> Flawed:
    """Labels with so many errors of each kind, none twice in one label."""
    rng = np.random.default_rng(seed)
    rows, left, more = drawn.labels.copy(), dict(WRONG), []
    kinds = np.zeros(len(rows), np.int64)
    first = np.searchsorted(rows[:, 0], np.arange(drawn.images))
    errors = [
        (image, *row)
        for image, planted in enumerate(plant(scenes_of(drawn), rng))
        for row in zip(*(column.tolist() for column in planted), strict=True)
    ]
    for at in rng.permutation(len(errors)).tolist():
        image, kind, box, number, own = errors[at]
        if not left[kind] or (own >= 0 and kinds[first[image] + own]):
            continue
        left[kind] -= 1
        if own < 0:
            more.append((kind, [image, number, *box]))
        else:
            rows[first[image] + own], kinds[first[image] + own] = [image, number, *box], kind
    gone = np.isin(np.arange(len(rows)), rng.permutation(np.flatnonzero(kinds == 0))[:DROPPED])
    labels = np.concatenate([rows[~gone], [row for _, row in more]])
    return Flawed(labels, np.concatenate([kinds[~gone], [kind for kind, _ in more]]), drawn.labels[gone])
