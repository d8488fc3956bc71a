"""Raw heads of a batch and its targets → the losses of boxes, objectness and classes, and what is differentiated.

B images, L levels, A anchors, C classes, T targets; n assignments, of all levels unless told otherwise. Heads are
B × A × H × W × (5 + C). Whatever a head is computed in, losses are computed in 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from yoloaudit.train.config import Hyper
from yoloaudit.train.model import Detector
from yoloaudit.train.objective import iou
from yoloaudit.train.objective.assign import Assigned, assign
from yoloaudit.train.objective.cross_entropy import cross_entropy, focal
from yoloaudit.train.types import Losses

CLASSES, SIDE, LEVELS = 80, 640, 3
"""What the gains of the hyper-parameters are meant for."""
BALANCE = {3: (4.0, 1.0, 0.4)}
FURTHER_BALANCE = (4.0, 1.0, 0.25, 0.06, 0.02)
"""Weights of the levels' objectness: finer ones have more cells."""
STEADY, FIXED_STRIDE = 0.9999, 16
"""Of a balance that adapts: what stays of it at each batch, and the level whose weight stays 1."""

Weigh: TypeAlias = Callable[[Sequence[int], int, torch.device], Tensor]
"""Assignments a level and images → L: what the mean over the assignments of each level counts."""


@dataclass(frozen=True)
class Gains:
    """What the losses are multiplied by."""

    box: float
    objectness: float
    classes: float


@dataclass(frozen=True)
class Variant:
    """What YOLOv5's loss can do, but no training of it does; the defaults are what trainings do."""

    adapts: bool = False
    """The balance of the levels follows their losses."""
    overlap: float = 1.0
    """Objectness is to become this share of the overlap, plus the rest of 1."""
    largest: bool = False
    """Of several targets of one anchor and cell, the one that overlaps most tells the objectness, not the last one."""


PLAIN = Variant()


def gains(hyper: Hyper, classes: int, levels: int, imgsz: int) -> Gains:
    """The gains of the hyper-parameters for a number of classes and levels and a side of the images in pixels."""
    share = LEVELS / levels
    return Gains(hyper.box * share, hyper.obj * (imgsz / SIDE) ** 2 * share, hyper.cls * classes / CLASSES * share)


class Loss:
    """The losses of a model's heads; the anchors are those that it has when this is made.

    `imgsz` is the side that is trained at, in pixels. Targets may stay in main memory whatever device the heads are on:
    they are assigned where they are, and then nothing has to wait for the device.
    """

    def __init__(
        self, model: Detector, hyper: Hyper, *, imgsz: int, label_smoothing: float = 0.0, variant: Variant = PLAIN
    ) -> None:
        levels = len(model.strides)
        self.hyper, self.classes, self.strides, self.variant = hyper, model.classes, model.strides, variant
        self.gains = gains(hyper, model.classes, levels, imgsz)
        self.right, self.wrong = 1 - label_smoothing / 2, label_smoothing / 2
        self.balance = BALANCE.get(levels, FURTHER_BALANCE[:levels])
        """Weights of the levels' objectness."""
        self.anchors = model.anchors.detach().float().cpu().clone()

    def __call__(self, heads: Sequence[Tensor], targets: Tensor, weigh: Weigh | None = None) -> Losses:
        """The losses for T × 6 targets: image in the batch, class, then cx cy w h as shares of the image.

        Not finite where a head is not. `weigh` says what a level's boxes and classes count where this is not the whole
        batch.
        """
        shapes = [(head.shape[2], head.shape[3]) for head in heads]
        levels = assign(targets, shapes, self.anchors.to(targets.device), self.hyper.anchor_t)
        counts = [len(level) for level in levels]
        cells = _cells(levels, [tuple(head.shape[:4]) for head in heads])
        cells, last, *columns = _moved(
            (cells, _last(cells), *map(torch.cat, zip(*levels, strict=True))), heads[0].device
        )
        assigned = Assigned(*columns)
        places = zip(*(torch.split(column, counts) for column in assigned[:4]), strict=True)
        read = [_Read.apply(head, *place) for head, place in zip(heads, places, strict=True)]
        logits, rows = [logit for logit, _ in read], torch.cat([row for _, row in read])

        weights = None if weigh is None else weigh(counts, len(heads[0]), heads[0].device)
        overlap = iou.ciou(_boxes(rows, assigned.anchors), assigned.boxes)
        box = self.gains.box * _means(1 - overlap, counts, weights)
        objectness = self.gains.objectness * self._objectness(logits, overlap.detach(), cells, last)
        classes = self.gains.classes * self._classes(rows[:, 5:], assigned.classes, counts, weights)
        return Losses(box, objectness, classes, (box + objectness + classes) * heads[0].shape[0])

    def _objectness(self, logits: Sequence[Tensor], overlap: Tensor, cells: Tensor, last: Tensor) -> Tensor:
        """Over all cells; an assigned one should say how well its box fits, and the last box assigned there counts."""
        together = torch.cat(list(logits))
        fit = (1 - self.variant.overlap) + self.variant.overlap * overlap.clamp(0)
        wanted = torch.zeros_like(together)
        if self.variant.largest:
            wanted.scatter_reduce_(0, cells, fit, "amax")
        else:
            wanted[cells[last]] = fit[last]
        losses = self._entropy(together, wanted, self.hyper.obj_pw)
        means = [level.mean() for level in torch.split(losses, [len(level) for level in logits])]
        total = torch.stack([weight * mean for weight, mean in zip(self.balance, means, strict=True)]).sum()
        if self.variant.adapts:
            self._adapt([mean.item() for mean in means])
        return total

    def _classes(self, logits: Tensor, classes: Tensor, counts: Sequence[int], weights: Tensor | None) -> Tensor:
        """Over all assignments and classes; a model of one class has nothing to tell apart."""
        if self.classes == 1:
            return logits.new_zeros(())
        is_right = classes[:, None] == torch.arange(self.classes, device=classes.device)
        wanted = torch.where(is_right, self.right, self.wrong)
        return _means(self._entropy(logits, wanted.to(logits.dtype), self.hyper.cls_pw), counts, weights)

    def _entropy(self, logits: Tensor, wanted: Tensor, positive: float) -> Tensor:
        gamma = self.hyper.fl_gamma
        return focal(logits, wanted, gamma, positive) if gamma > 0 else cross_entropy(logits, wanted, positive)

    def _adapt(self, means: Sequence[float]) -> None:
        moved = [
            STEADY * weight + (1 - STEADY) / mean if mean > 0 else weight
            for weight, mean in zip(self.balance, means, strict=True)
        ]
        fixed = moved[self.strides.index(FIXED_STRIDE)]
        self.balance = tuple(weight / fixed for weight in moved)


class _Read(torch.autograd.Function):
    """A head, and n places in it → objectness of all cells, and the rows at those places, n × (5 + C), in 32 bits.

    Two ordinary readings would fill a gradient of the head's size with zeros each, and then add them.
    """

    @staticmethod
    def forward(ctx: Any, head: Tensor, *place: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(*place)
        ctx.head = head.shape, head.stride(), head.dtype, head.device
        return head[..., 4].float().flatten(), head[place].float()

    @staticmethod
    def backward(ctx: Any, logits: Tensor, rows: Tensor) -> tuple[Tensor | None, ...]:
        shape, strides, kind, device = ctx.head
        gradient = torch.empty_strided(shape, strides, dtype=kind, device=device).zero_()
        gradient[..., 4] = logits.view(shape[:4])
        gradient.index_put_(ctx.saved_tensors, rows.to(kind), accumulate=True)
        return gradient, None, None, None, None


def _moved(tensors: Iterable[Tensor], device: torch.device) -> list[Tensor]:
    """Copies on the device, which CUDA does not have to be waited for to make."""
    return [tensor.to(device, non_blocking=device.type == "cuda") for tensor in tensors]


def _boxes(rows: Tensor, anchors: Tensor) -> Tensor:
    """The boxes of rows, n × 4: centre relative to the cell's corner, and size; in cells."""
    squashed = rows[:, :4].sigmoid()
    return torch.cat((squashed[:, :2] * 2 - 0.5, (squashed[:, 2:] * 2).square() * anchors), 1)


def _means(values: Tensor, counts: Sequence[int], weights: Tensor | None) -> Tensor:
    """The sum over the levels of the mean of each level's rows, weighed if asked; a level without rows counts 0."""
    levels = enumerate(torch.split(values, list(counts)))
    means = [level.mean() if weights is None else level.mean() * weights[at] for at, level in levels if len(level)]
    return torch.stack(means).sum() if means else values.new_zeros(())


def _cells(levels: Sequence[Assigned], shapes: Sequence[tuple[int, ...]]) -> Tensor:
    """The place (n) of each assignment among the anchors and cells of all levels, one level after the other."""
    first, cells = 0, []
    for level, (images, anchors, height, width) in zip(levels, shapes, strict=True):
        cells.append(first + ((level.image * anchors + level.anchor) * height + level.row) * width + level.column)
        first += images * anchors * height * width
    return torch.cat(cells)


def _last(cells: Tensor) -> Tensor:
    """The assignments that no later one of the same anchor and cell follows."""
    ordered, place = cells.sort(stable=True)
    is_last = torch.ones_like(ordered, dtype=torch.bool)
    is_last[:-1] = ordered[1:] != ordered[:-1]
    return place[is_last]
