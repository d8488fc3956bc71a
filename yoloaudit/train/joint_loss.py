"""The losses of a process's share of a batch → its part of the losses of the whole batch.

A mean over assignments is one over those of all processes: else a box would count more where its process has few. With
it, processes together learn as one process does from the same batch. L levels, B images of the whole batch.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, distributed

from yoloaudit.train.assign import assign
from yoloaudit.train.loss import Loss
from yoloaudit.train.types import Losses


class JointLoss:
    """The losses of one process among several; the mean over all processes is the loss of the whole batch."""

    def __init__(self, loss: Loss) -> None:
        self.loss = loss
        self._levels = [_of_level(loss, level) for level in range(len(loss.strides))]

    def __call__(self, heads: Sequence[Tensor], targets: Tensor) -> Losses:
        """As Loss; all processes have to call it together."""
        loss, device = self.loss, heads[0].device
        shapes = [(head.shape[2], head.shape[3]) for head in heads]
        counts = [len(level) for level in assign(targets, shapes, loss.anchors, loss.hyper.anchor_t)]
        own = torch.tensor([*counts, len(heads[0])], dtype=torch.float32, device=device)
        whole = own.clone()
        distributed.all_reduce(whole)
        share = own[:-1] / whole[:-1].clamp(1) * whole[-1] / own[-1]
        parts = [level([head], targets) for level, head in zip(self._levels, heads, strict=True)]
        box = (torch.stack([part.box for part in parts]) * share).sum()
        objectness = torch.stack([part.objectness for part in parts]).sum()
        classes = (torch.stack([part.classes for part in parts]) * share).sum()
        return Losses(box, objectness, classes, (box + objectness + classes) * heads[0].shape[0])


def _of_level(loss: Loss, level: int) -> Loss:
    """The same loss for one level alone."""
    made = copy.copy(loss)
    made.anchors = loss.anchors[level : level + 1]
    made.balance = (loss.balance[level],)
    return made
