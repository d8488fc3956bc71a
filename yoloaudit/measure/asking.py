"""Weights that judge images, and a data set → a way to ask each image, in several views, about boxes on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from yoloaudit.dataset.load import Dataset
from yoloaudit.evidence import Floats, Integers
from yoloaudit.measure.judge.gather import Asked, Views
from yoloaudit.progress import Progress
from yoloaudit.train import device as devices
from yoloaudit.train import heap, weights
from yoloaudit.train.images.data import Fitted, fitted, of_split, own_shapes
from yoloaudit.train.predict import stride_of, whole_side
from yoloaudit.train.settings import Settings
from yoloaudit.train.views import Viewer

WAITING = 8
"""Pictures that are ready before they are looked at."""


class Eyes(NamedTuple):
    """A file of weights, and the rows of `images` that it judges."""

    weights: str
    images: Integers


def views_of(eyes: Sequence[Eyes], dataset: Dataset, settings: Settings, *, device: str = "") -> Views:
    """Each image asked with the weights that judge it. Raises CheckpointError once it is asked."""

    def ask(questions: Mapping[int, tuple[Floats, Integers]], progress: Progress) -> Iterator[tuple[int, Asked]]:
        wanted = sum(int(np.isin(each.images, list(questions)).sum()) for each in eyes)
        # Threads of numpy's products wait busily for the next one, in the way of those of the network: half its speed.
        with progress.task("asking the model", wanted) as step, threadpool_limits(1, user_api="blas"):
            for each in eyes:
                rows = [row for row in each.images.tolist() if row in questions]
                for row, answer in _asked(each.weights, rows, dataset, settings, device, questions):
                    step(1)
                    if answer is not None:
                        yield row, answer

    return ask


def _asked(
    file: str,
    rows: Sequence[int],
    dataset: Dataset,
    settings: Settings,
    device: str,
    questions: Mapping[int, tuple[Floats, Integers]],
) -> Iterator[tuple[int, Asked | None]]:
    """The answer of each image, None of one that cannot be read."""
    if not rows:
        return
    chosen = devices.choose(device)
    model, _ = weights.load(file, device=chosen)
    viewer = Viewer(model, device=chosen)
    if chosen.type == "cpu":
        heap.keep()
    for picture in pictures_of(rows, dataset, settings, stride_of(model)):
        if picture.image is None:
            yield picture.place, None
            continue
        boxes, classes = questions[picture.place]
        yield picture.place, viewer.ask(viewer.look(picture), boxes, classes)


def pictures_of(rows: Sequence[int], dataset: Dataset, settings: Settings, stride: int) -> Iterator[Fitted]:
    """The pictures of these images, each in the shape that a batch of its own would have; equal shapes together."""
    source = of_split(dataset).only(rows)
    side = whole_side(settings.imgsz, stride)
    known = source.only(np.flatnonzero(source.sizes.all(axis=1)).tolist())
    order, shapes = own_shapes(known.sizes, side, stride, settings.pad)
    return fitted(
        known.only(order.tolist()),
        [(height, width) for height, width in shapes.tolist()],
        side,
        source.most_pixels,
        settings.workers,
        settings.workers + WAITING,
    )
