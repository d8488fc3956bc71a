"""A detector and images → what it sees on each, in pixels of the image. No clock ever cuts a result.

A shape is (height, width).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from yoloaudit.progress import Progress, silent
from yoloaudit.train import decode
from yoloaudit.train.eye import Eye, Timer
from yoloaudit.train.images.augment import Shape
from yoloaudit.train.images.data import Fitted, Source, batch_shapes, fitted, own_shapes, with_sizes
from yoloaudit.train.model import Detector
from yoloaudit.train.settings import WORKERS as WORKERS
from yoloaudit.train.settings import Settings as Settings
from yoloaudit.train.types import NO_DETECTIONS, Predicted

LEAST_STRIDE = 32
"""Network shapes are multiples of the coarsest stride, and of this."""


def chosen_by(settings: Settings) -> decode.Settings:
    """How one box is chosen among many; raises UsageError for thresholds that make no sense."""
    classes = settings.classes or None
    return decode.Settings(
        settings.conf, settings.iou, settings.max_detections, settings.multi_label, settings.agnostic, classes
    )


def stride_of(model: Detector) -> int:
    """What the sides of the network's input have to be multiples of."""
    return max(LEAST_STRIDE, *model.strides)


def whole_side(side: int, stride: int) -> int:
    """The side rounded up to a multiple of the stride."""
    return -(-side // stride) * stride


def predict(
    model: Detector,
    source: Source,
    settings: Settings,
    *,
    device: torch.device,
    progress: Progress = silent,
    timer: Timer | None = None,
) -> Iterator[Predicted]:
    """What the model sees on each image of the source; boxes are pixels of the image, cut at its edges.

    Rectangular batches change the order: `Predicted.place` tells the image. One that cannot be read has its `error`,
    and the others go on.
    """
    with progress.task("detecting", len(source)) as step:
        for _, predicted in predict_files(model, source, settings, device=device, timer=timer):
            step(1)
            yield predicted


def predict_files(
    model: Detector, source: Source, settings: Settings, *, device: torch.device, timer: Timer | None = None
) -> Iterator[tuple[Fitted, Predicted]]:
    """As `predict`, with what was read of each file: `Fitted.content` tells which bytes the model saw."""
    source = with_sizes(source)
    known = source.sizes.all(axis=1)
    for at in np.flatnonzero(~known).tolist():
        place, error = source.places[at], source.errors[at] or "has no size"
        yield Fitted(place, error=error), Predicted(place, NO_DETECTIONS, error=error)
    stride = stride_of(model)
    side = whole_side(settings.imgsz, stride)
    readable = source.only(np.flatnonzero(known).tolist())
    order, shapes = _plan(readable, settings, side, stride)
    most = source.most_pixels if settings.max_pixels is None else settings.max_pixels
    waiting = settings.batch + 2 * settings.workers
    pictures = fitted(readable.only(order), shapes, side, most, settings.workers, waiting)
    yield from see(model, pictures, settings, device=device, timer=timer)


def _plan(source: Source, settings: Settings, side: int, stride: int) -> tuple[list[int], list[Shape]]:
    if not settings.rect or not len(source):
        return list(range(len(source))), [(side, side)] * len(source)
    if settings.alone:
        order, shapes = own_shapes(source.sizes, side, stride, settings.pad)
    else:
        order, shapes = batch_shapes(source.sizes, side, settings.batch, stride, settings.pad)
    return order.tolist(), [(height, width) for height, width in shapes.tolist()]


def see(
    model: Detector,
    pictures: Iterable[Fitted],
    settings: Settings,
    *,
    device: torch.device,
    timer: Timer | None = None,
) -> Iterator[tuple[Fitted, Predicted]]:
    """What the model sees on each picture, in order; neighbours of equal shape pass through it together.

    The model is left as it is: a fused copy of it looks.
    """
    eye = Eye(model, chosen_by(settings), device=device, augment=settings.augment, half=settings.half)
    for group in _groups(pictures, settings.batch):
        seen, seconds = eye.look(group)
        if timer is not None:
            timer.add(len(seen), seconds)
        results = iter(seen)
        for picture in group:
            if picture.error is not None:
                yield picture, Predicted(picture.place, NO_DETECTIONS, error=picture.error)
            else:
                yield picture, Predicted(picture.place, next(results), *picture.native)


def _groups(pictures: Iterable[Fitted], most: int) -> Iterator[list[Fitted]]:
    """Runs of pictures of one shape; those that cannot be read go along in their place."""
    group: list[Fitted] = []
    shape: tuple[int, ...] | None = None
    count = 0
    for picture in pictures:
        own = None if picture.image is None else picture.image.shape
        if own is not None and (count == most or (shape is not None and own != shape)):
            yield group
            group, count = [], 0
        group.append(picture)
        if own is not None:
            shape, count = own, count + 1
    if group:
        yield group
