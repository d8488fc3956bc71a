"""An Evaluation and the images it is of → every picture of a validation run: the name and the bytes of each file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.images.data import Source
from yoloaudit.train.images.picture import Picture, Unreadable, use
from yoloaudit.train.plot.confusion_matrix import confusion_picture
from yoloaudit.train.plot.curves import over_confidence, precision_recall
from yoloaudit.train.plot.mosaic import MOST_TILES, Tile, mosaic
from yoloaudit.train.score.confusion import CONFIDENCE
from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.types import Floats, Integers

MOSAICS = 3
MOST_PIXELS_SHOWN = 960
"""Pixels of the longer side that a tile is made from."""
MOST_BOXES = 200
"""Of one image; the rest would hide it."""


def album(evaluation: Evaluation, source: Source, batch: int) -> Iterator[tuple[str, bytes]]:
    """The curves, the confusion matrix, and labels and predictions side by side for images of the first batches."""
    scores, names = evaluation.by_class, evaluation.names
    yield "PR_curve.png", precision_recall(scores, names)
    for letter, measure in (("P", "precision"), ("R", "recall"), ("F1", "F1")):
        yield f"{letter}_curve.png", over_confidence(scores, names, measure)
    yield "confusion_matrix.png", confusion_picture(evaluation.confusion, names)
    for number in range(MOSAICS):
        places = evaluation.images[number * batch : (number + 1) * batch][:MOST_TILES].tolist()
        pictures = [(place, read) for place, read in _small_pictures(source, places)]
        if pictures:
            yield f"val_batch{number}_labels.jpg", mosaic(_labelled(evaluation, source, pictures), names)
            yield f"val_batch{number}_pred.jpg", mosaic(_detected(evaluation, source, pictures), names)


Shown = tuple[NDArray[np.uint8], int, int]
"""RGB pixels of a small picture, and the width and height of the image itself."""


def _small_pictures(source: Source, places: Sequence[int]) -> Iterator[tuple[int, Shown]]:
    """The images at these places, small; one that can no longer be read is left out."""
    positions = {place: at for at, place in enumerate(source.places)}
    for place in places:
        try:
            yield place, use(source.root, source.paths[positions[place]], source.most_pixels, _small)
        except Unreadable:
            continue


def _small(picture: Picture) -> Shown:
    height, width = picture.pixels.shape[:2]
    scale = min(1.0, MOST_PIXELS_SHOWN / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[:, :, ::-1]).astype(np.uint8), width, height


def _labelled(evaluation: Evaluation, source: Source, pictures: Sequence[tuple[int, Shown]]) -> list[Tile]:
    labels = evaluation.labelled
    return _tiles(source, pictures, labels.images, lambda rows: (labels.boxes[rows], labels.classes[rows], None))


def _detected(evaluation: Evaluation, source: Source, pictures: Sequence[tuple[int, Shown]]) -> list[Tile]:
    seen = evaluation.detected
    images = np.where(seen.scores > CONFIDENCE, seen.images, -1)
    return _tiles(source, pictures, images, lambda rows: (seen.boxes[rows], seen.classes[rows], seen.scores[rows]))


Rows = Callable[[Integers], tuple[Floats, Integers, Floats | None]]


def _tiles(source: Source, pictures: Sequence[tuple[int, Shown]], images: Integers, at: Rows) -> list[Tile]:
    paths = dict(zip(source.places, source.paths, strict=True))
    tiles = []
    for place, (pixels, width, height) in pictures:
        boxes, classes, scores = at(np.flatnonzero(images == place)[:MOST_BOXES])
        shares = (boxes / np.array([width, height, width, height])).astype(np.float32)
        tiles.append(Tile(os.path.basename(paths[place]), pixels, shares, classes, scores))
    return tiles
