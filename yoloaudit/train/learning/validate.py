"""A model in training, and the images that are held out → how well it does on them, and its losses there.

It looks as YOLOv5's validation looks: rectangular batches, each image as the trainer sees it, boxes matched in its own
pixels. What is decoded once is kept while it is little. C classes, T targets of a batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import Boxes
from yoloaudit.progress import Progress, silent
from yoloaudit.train.eye import Eye, Timer
from yoloaudit.train.images.data import Fitted, batch_shapes, fitted, of_split, with_sizes
from yoloaudit.train.model import Detector
from yoloaudit.train.predict import chosen_by, stride_of, whole_side
from yoloaudit.train.score.evaluate import COUNTED, Evaluation, evaluate
from yoloaudit.train.settings import Settings
from yoloaudit.train.types import NO_DETECTIONS, Floats, Losses, Predicted

KEPT_BYTES = 512 << 20
"""Prepared images of this many bytes stay in memory from one validation to the next."""
EDGE = 1e-3
"""Pixels that a box stays away from the right and the lower edge, as in training."""

LossOf = Callable[[list[Tensor], Tensor], Losses]
"""Raw heads and targets (T × 6) → losses."""


class Scores(NamedTuple):
    """How well a model does on what is held out; 0 where nothing can be scored."""

    precision: float
    recall: float
    map50: float
    map50_95: float
    losses: tuple[float, float, float]
    """Box, objectness, classes: means over the batches."""
    by_class: NDArray[np.float64]
    """C: mAP50-95 of each class; of those without labels, the mean."""

    @property
    def fitness(self) -> float:
        """What the best epoch is told by: 0.1 mAP50 + 0.9 mAP50-95."""
        return 0.1 * self.map50 + 0.9 * self.map50_95


def scores_of(evaluation: Evaluation, losses: tuple[float, float, float]) -> Scores:
    """An evaluation as the numbers that a training is steered by."""
    told = evaluation.overall
    means = (0.0 if math.isnan(value) else value for value in (told.precision, told.recall, told.map50, told.map50_95))
    precision, recall, map50, map50_95 = means
    by_class = np.full(len(evaluation.names), map50_95)
    by_class[evaluation.by_class.classes] = evaluation.by_class.ap.mean(axis=1)
    return Scores(precision, recall, map50, map50_95, losses, by_class)


class Halt(Exception):
    """Validation was asked to stop before its end."""


class Validation:
    """Images of one split, and how they are looked at."""

    def __init__(
        self,
        dataset: Dataset,
        split: str,
        settings: Settings,
        *,
        device: torch.device,
        single_class: bool = False,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self.dataset = dataset
        self.settings = settings
        self.device = device
        self.single_class = single_class
        source = with_sizes(of_split(dataset, [split], dropped=False))
        self.source = source.only(np.flatnonzero(source.sizes.all(axis=1)).tolist())
        self.labels = labels_by_image(dataset.boxes, self.source.places, single_class=single_class)
        self.kept_bytes = kept_bytes
        self._kept: list[Fitted] | None = None
        self.timer = Timer()
        """Of the latest evaluation."""

    def __len__(self) -> int:
        return len(self.source)

    def scores(
        self,
        model: Detector,
        loss: LossOf,
        *,
        stop: Callable[[], bool] = bool,
        progress: Progress = silent,
    ) -> Scores:
        """Look at all images; raises Halt once `stop` says so."""
        evaluation, losses = self.judged(model, loss, stop=stop, progress=progress)
        return scores_of(evaluation, losses)

    def judged(
        self,
        model: Detector,
        loss: LossOf | None = None,
        *,
        stop: Callable[[], bool] = bool,
        progress: Progress = silent,
    ) -> tuple[Evaluation, tuple[float, float, float]]:
        """The scores with all their evidence, and the losses (0 without `loss`)."""
        losses: list[Tensor] = []
        self.timer = Timer()
        with progress.task("validating", len(self)) as step:
            seen = self._seen(model, loss, losses, stop, step)
            names = self.dataset.names
            evaluation = evaluate(seen, self.dataset.boxes, names, single_class=self.single_class)
        means = torch.stack(losses).double().mean(dim=0).tolist() if losses else [0.0] * 3
        return evaluation, (means[0], means[1], means[2])

    def _seen(
        self,
        model: Detector,
        loss: LossOf | None,
        losses: list[Tensor],
        stop: Callable[[], bool],
        step: Callable[[int], None],
    ) -> Iterator[Predicted]:
        eye = Eye(model, chosen_by(self.settings), device=self.device, half=self.settings.half)
        heads: list[list[Tensor]] = []
        if loss is not None:
            eye.model.head.register_forward_hook(lambda _, __, out: heads.append(list(out)))
        for group in self._groups(stride_of(model)):
            if stop():
                raise Halt
            heads.clear()
            seen, seconds = eye.look(group)
            self.timer.add(len(seen), seconds)
            if loss is not None and heads:
                losses.append(self._losses(loss, heads, group))
            results = iter(seen)
            for picture in group:
                if picture.error is not None:
                    yield Predicted(picture.place, NO_DETECTIONS, error=picture.error)
                else:
                    yield Predicted(picture.place, next(results), *picture.native)
            step(len(group))

    @torch.inference_mode()
    def _losses(self, loss: LossOf, heads: Sequence[Sequence[Tensor]], group: Sequence[Fitted]) -> Tensor:
        whole = [torch.cat(level).float() for level in zip(*heads, strict=True)]
        pictures = [picture for picture in group if picture.image is not None]
        targets = torch.from_numpy(targets_of(pictures, self.labels))
        made = loss(whole, targets.to(self.device))
        return torch.stack([made.box, made.objectness, made.classes]).float().cpu()

    def _groups(self, stride: int) -> Iterator[list[Fitted]]:
        """The pictures, a batch at a time; from memory where all have been kept."""
        pictures = self._pictures(stride) if self._kept is None else iter(self._kept)
        kept: list[Fitted] = []
        size = 0
        while group := list(islice(pictures, self.settings.batch)):
            size += sum(picture.image.nbytes for picture in group if picture.image is not None)
            if size <= self.kept_bytes:
                kept += group
            yield group
        if size <= self.kept_bytes:
            self._kept = kept

    def _pictures(self, stride: int) -> Iterator[Fitted]:
        settings, source = self.settings, self.source
        side = whole_side(settings.imgsz, stride)
        order, shapes = batch_shapes(source.sizes, side, settings.batch, stride, settings.pad)
        each = [(height, width) for height, width in shapes.tolist()]
        waiting = settings.batch + 2 * settings.workers
        return fitted(source.only(order.tolist()), each, side, source.most_pixels, settings.workers, waiting)


def labels_by_image(boxes: Boxes, places: Sequence[int], *, single_class: bool = False) -> dict[int, Floats]:
    """Of each of these rows of `images` that has labels: n × 5, class and box (cx cy w h, shares of the image)."""
    rows = boxes[(boxes["fate"].isin(COUNTED) & boxes["image"].isin(list(places))).to_numpy()]
    columns = rows[["class_id", "cx", "cy", "w", "h"]].to_numpy(np.float32)
    if single_class:
        columns[:, 0] = 0
    images = rows["image"].to_numpy()
    order = np.argsort(images, kind="stable")
    found, starts = np.unique(images[order], return_index=True)
    return dict(zip(found.tolist(), np.split(columns[order], starts[1:]), strict=True)) if len(found) else {}


def targets_of(pictures: Sequence[Fitted], labels: Mapping[int, Floats]) -> Floats:
    """T × 6: the labels of these pictures as shares of the network's input, cut at its edges as in training."""
    parts = []
    for number, picture in enumerate(pictures):
        rows = labels.get(picture.place)
        if rows is None or picture.image is None:
            continue
        scale = np.array(picture.native[::-1], np.float32) * np.array(picture.letterboxed.ratio, np.float32)
        padding = np.array(picture.letterboxed.padding, np.float32)
        sides = np.array(picture.image.shape[1::-1], np.float32)
        half = rows[:, 3:] / 2
        corners = [(rows[:, 1:3] + sign * half) * scale + padding for sign in (-1, 1)]
        low, high = (np.clip(corner, 0, sides - EDGE) for corner in corners)
        place = np.full((len(rows), 1), number, np.float32)
        parts.append(np.concatenate([place, rows[:, :1], (low + high) / 2 / sides, (high - low) / sides], axis=1))
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros((0, 6), np.float32)
