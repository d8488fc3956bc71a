"""A model and hyper-parameters → the optimizer with its three groups; batches and epochs → rates, momentum and steps.

Nothing here is remembered between two calls: a schedule is a function of the number of the batch, counted from 0 over
the whole run, and so a run that goes on after a stop has the very same one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from yoloaudit.errors import UsageError
from yoloaudit.train.config import Hyper
from yoloaudit.train.model import Detector

NOMINAL_BATCH = 64
"""Images whose gradients are gathered before a step, where a batch has fewer."""
FEWEST_WARM_UP = 100
"""Batches."""
SECOND_BETA = 0.999
GRADIENT_NORM = 10.0
"""Longer gradients are shortened to this."""

Name: TypeAlias = Literal["SGD", "Adam", "AdamW"]
NORMALISATIONS = nn.BatchNorm2d, nn.SyncBatchNorm


class Groups(NamedTuple):
    """The parameters of a model, in the order of its modules. Only `weights` decay."""

    biases: list[nn.Parameter]
    weights: list[nn.Parameter]
    normalisations: list[nn.Parameter]
    """Their weights; their biases are among the biases."""


class Rates(NamedTuple):
    """What the optimizer is set to for a batch."""

    biases: float
    """Learning rate of biases."""
    weights: float
    """Learning rate of all other parameters."""
    momentum: float
    accumulate: int
    """Batches whose gradients make a step."""


def groups(model: nn.Module) -> Groups:
    """Every parameter in one of three groups, frozen ones among them."""
    found = Groups([], [], [])
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if name == "bias":
                found.biases.append(parameter)
            elif name == "weight" and isinstance(module, NORMALISATIONS):
                found.normalisations.append(parameter)
            else:
                found.weights.append(parameter)
    return found


def accumulation(batch: int) -> int:
    """Batches whose gradients make a step after the warm-up: the nominal 64 images as nearly as can be."""
    return max(1, round(NOMINAL_BATCH / batch))


def decay(hyper: Hyper, batch: int) -> float:
    """The decay of weights for the images that a step really sees, which are seldom the nominal 64."""
    return hyper.weight_decay * batch * accumulation(batch) / NOMINAL_BATCH


def optimizer(model: nn.Module, name: Name, hyper: Hyper, batch: int) -> Optimizer:
    """The optimizer, its groups in the order of `Groups`; `batch` is the images of a batch, of all devices."""
    found = groups(model)
    parts = [
        {"params": found.biases, "weight_decay": 0.0},
        {"params": found.weights, "weight_decay": decay(hyper, batch)},
        {"params": found.normalisations, "weight_decay": 0.0},
    ]
    betas = hyper.momentum, SECOND_BETA
    match name:
        case "SGD":
            return SGD(parts, lr=hyper.lr0, momentum=hyper.momentum, nesterov=hyper.momentum > 0)
        case "Adam":
            return Adam(parts, lr=hyper.lr0, betas=betas)
        case "AdamW":
            return AdamW(parts, lr=hyper.lr0, betas=betas)


@dataclass(frozen=True)
class Schedule:
    """Rates over a run; batches are counted from 0 over the whole run."""

    hyper: Hyper
    epochs: int
    batches: int
    """Of an epoch."""
    batch: int
    """Images in a batch, of all devices."""
    cosine: bool = False

    @property
    def warm_up(self) -> int:
        """The last batch of the warm-up; a short run may never leave it."""
        return max(round(self.hyper.warmup_epochs * self.batches), FEWEST_WARM_UP)

    def factor(self, epoch: int) -> float:
        """Share of lr0 in an epoch: from 1 to lrf, along a straight line or half a cosine."""
        done, last = epoch / self.epochs, self.hyper.lrf
        if self.cosine:
            return (1 - math.cos(math.pi * done)) / 2 * (last - 1) + 1
        return (1 - done) * (1 - last) + last

    def at(self, batch: int) -> Rates:
        """What the optimizer is set to before a batch."""
        hyper, rate = self.hyper, self.hyper.lr0 * self.factor(batch // self.batches)
        if batch > self.warm_up:
            return Rates(rate, rate, hyper.momentum, accumulation(self.batch))
        return Rates(
            self._warming(batch, hyper.warmup_bias_lr, rate),
            self._warming(batch, 0.0, rate),
            self._warming(batch, hyper.warmup_momentum, hyper.momentum),
            max(1, round(self._warming(batch, 1, NOMINAL_BATCH / self.batch))),
        )

    def steps(self, batch: int, last: int) -> bool:
        """Whether the optimizer moves after a batch, `last` being the batch that it moved after before: -1 at first."""
        return batch - last >= self.at(batch).accumulate

    def _warming(self, batch: int, start: float, end: float) -> float:
        return float(np.interp(batch, [0, self.warm_up], [start, end]))


def set_rates(optimizer: Optimizer, rates: Rates) -> None:
    """Set learning rates, and the momentum of SGD; Adam's stays what it is made with."""
    for group, rate in zip(optimizer.param_groups, (rates.biases, rates.weights, rates.weights), strict=True):
        group["lr"] = rate
        if "momentum" in group:
            group["momentum"] = rates.momentum


def clip(model: nn.Module, longest: float = GRADIENT_NORM) -> Tensor:
    """Shorten the gradients of a model to this norm, all together; the norm that they had."""
    return nn.utils.clip_grad_norm_(model.parameters(), longest)


def freeze(model: Detector, layers: Sequence[int]) -> list[str]:
    """Keep layers from learning: the names of their parameters. Their normalisations go on to follow the images.

    UsageError for a layer that the model does not have.
    """
    count, name = len(model.rows), f"yolov5{model.size.name}"
    if beyond := [layer for layer in layers if not 0 <= layer < count]:
        raise UsageError(f"freeze: {name} has no layer {beyond[0]}; its layers are 0 to {count - 1}")
    if len(set(layers)) == count:
        raise UsageError(f"freeze: all {count} layers of {name} are frozen, and nothing is left to learn")
    starts = tuple(f"model.{layer}." for layer in layers)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.startswith(starts))
    return [name for name, _ in model.named_parameters() if name.startswith(starts)]


@torch.no_grad()
def round_to_half(model: nn.Module) -> None:
    """Round all floats of a model to 16 bits, as YOLOv5 does once before it trains; to follow such a run exactly."""
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half())
