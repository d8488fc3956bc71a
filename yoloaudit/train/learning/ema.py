"""A model that learns → its average over the steps so far, which is what is validated and kept."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import TypedDict

import torch
from torch import Tensor

from yoloaudit.errors import CheckpointError
from yoloaudit.train.model import Detector

DECAY, RISE = 0.9999, 2000
"""Share of the average that a late step leaves, and steps in which that share rises to 63 % of it."""


class State(TypedDict):
    """What an average is made of."""

    updates: int
    model: dict[str, Tensor]


def decay(updates: int) -> float:
    """Share of the average that update number `updates` (from 1) leaves: 0.9999 · (1 - e^(-u/2000))."""
    return DECAY * (1 - math.exp(-updates / RISE))


class Average:
    """The exponential average of a model's floats, statistics of normalisations and anchors among them."""

    def __init__(self, model: Detector) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        """The average; a detector like any other."""
        self.updates = 0

    @torch.no_grad()
    def update(self, model: Detector) -> None:
        """Follow the model by one step of the optimizer: average ← d · average + (1 - d) · model."""
        self.updates += 1
        share = decay(self.updates)
        own, news = _floats(self.model), _floats(model)
        torch._foreach_mul_(own, share)
        torch._foreach_add_(own, news, alpha=1 - share)

    def state(self) -> State:
        """Everything that `restore` needs; the tensors are the average's own, not copies."""
        return {"updates": self.updates, "model": self.model.state_dict()}

    def restore(self, updates: int, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a state; CheckpointError, and nothing is changed, if it is of another model."""
        own = self.model.state_dict()
        unlike = [name for name in own.keys() | tensors.keys() if _shape(own, name) != _shape(tensors, name)]
        if unlike:
            raise CheckpointError(f"the average is of another model: {min(unlike)} differs, and {len(unlike) - 1} more")
        self.model.load_state_dict(tensors)
        self.updates = updates


def _floats(model: Detector) -> list[Tensor]:
    return [tensor for tensor in model.state_dict().values() if tensor.is_floating_point()]


def _shape(tensors: Mapping[str, Tensor], name: str) -> torch.Size | None:
    return tensors[name].shape if name in tensors else None
