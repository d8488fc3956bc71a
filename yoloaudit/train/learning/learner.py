"""A model and how it is to learn → a learner: it is handed batches and gets better, and its whole state can be kept.

B images in a batch, H × W pixels. What goes on from one batch to the next is here and nowhere else: weights, their
average, the optimizer, gradients that are being gathered, the scale of 16-bit losses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.learning.distributed import ALONE, Ranks, wrapped
from yoloaudit.train.learning.ema import Average
from yoloaudit.train.learning.optim import Rates, Schedule, clip, freeze, optimizer, set_rates
from yoloaudit.train.model import Detector
from yoloaudit.train.objective import joint_loss
from yoloaudit.train.objective.loss import Loss
from yoloaudit.train.predict import stride_of
from yoloaudit.train.samples.scales import scaled, side_of
from yoloaudit.train.types import Batch, Losses

QUAD = 4
"""Images of a batch that `quad` makes of one: their loss counts as often."""
PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


class Ways(NamedTuple):
    """How a batch is computed, where there is a choice; results differ by rounding only."""

    channels_last: bool | None = None
    """Maps are kept in the order batch, row, column, channel. None: on a processor, which is a tenth faster so."""
    compile: bool = False
    """PyTorch compiles the network before the first batch, which takes a minute or more."""
    rounded: bool = False
    """Weights are rounded to 16 bits once before training, as YOLOv5 rounds them."""
    augment_there: bool = False
    """Images are augmented on the device that trains."""


PLAIN = Ways()


class Learnt(NamedTuple):
    """What became of a batch."""

    losses: tuple[float, float, float]
    """Box, objectness, classes; the mean over all processes."""
    stepped: bool
    """Whether the optimizer moved."""
    finite: bool
    """Whether losses and gradients were numbers. If not, what was gathered since the last step is thrown away."""


class Learner:
    """A model that learns, and all that belongs to it."""

    def __init__(
        self,
        model: Detector,
        hyper: Hyper,
        options: Options,
        *,
        batch: int,
        batches: int,
        device: torch.device,
        ranks: Ranks = ALONE,
        ways: Ways = PLAIN,
    ) -> None:
        """`batch`: images of all processes; `batches`: of an epoch. The model is moved to the device."""
        self.options, self.device = options, device
        last = device.type == "cpu" if ways.channels_last is None else ways.channels_last
        self.ranks, self.ways = ranks, ways._replace(channels_last=last)
        self.model = model.to(device).train()
        if self.ways.channels_last:
            self.model.to(memory_format=torch.channels_last)
        freeze(self.model, options.frozen())
        self.average = Average(self.model)
        self.side = options.side(max(model.strides))
        self.loss = Loss(self.model, hyper, imgsz=self.side, label_smoothing=options.label_smoothing)
        self.weigh = None if ranks.world == 1 else joint_loss.weights
        self.optimizer = optimizer(self.model, options.optimizer, hyper, batch)
        self.schedule = Schedule(hyper, options.epochs, batches, batch, options.cos_lr)
        self.precision = precision_of(options, device)
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.precision is torch.float16)
        whole = wrapped(self.model, self.ranks, device, sync_bn=options.sync_bn)
        self.network: Callable[[Tensor], list[Tensor]] = torch.compile(whole) if self.ways.compile else whole
        self.done = 0
        """Batches so far, over the whole run."""
        self.last = -1
        """The batch that the optimizer moved after."""
        self.norm = math.nan
        """Of the gradients before the latest step, before they were shortened."""

    @property
    def rates(self) -> Rates:
        """What the optimizer is set to for the next batch."""
        return self.schedule.at(self.done)

    def is_sound(self) -> bool:
        """Whether all weights, and all of their average, are numbers."""
        tensors = [*self.model.state_dict().values(), *self.average.model.state_dict().values()]
        return all(bool(tensor.isfinite().all()) for tensor in tensors)

    def learn(self, batch: Batch) -> Learnt:
        """Pass a batch through the network and back, and move the optimizer if enough images have been gathered.

        Raises RuntimeError where memory runs out; the weights are then as they were, and what was gathered is thrown
        away.
        """
        set_rates(self.optimizer, self.rates)
        due = self.schedule.steps(self.done, self.last)
        try:
            losses = self._pass(batch)
            norm = self._norm() if due else None
            told, finite = self._told(losses, norm)
            stepped = finite and due and self._step()
        except RuntimeError:
            self._forget()
            raise
        if not finite:
            self._forget()
            self._mend()
        if due or not finite:
            self.last = self.done
        self.done += 1
        return Learnt(told, stepped, finite)

    def _pass(self, batch: Batch) -> Losses:
        """Forward and back; gradients are added to those that were gathered before."""
        images = self._images(batch.images)
        with torch.autocast(self.device.type, self.precision, enabled=self.precision is not torch.float32):
            heads = self.network(images)
        losses = self.loss(heads, batch.targets, self.weigh)
        share = self.ranks.world * (QUAD if self.options.quad else 1)
        torch.autograd.backward(self.scaler.scale(losses.total * share if share > 1 else losses.total))
        return losses

    def _images(self, images: Tensor) -> Tensor:
        """B × 3 × H × W, 8 bits → the same on the device, 0 to 1, with `multi_scale` of another size."""
        order = torch.channels_last if self.ways.channels_last else torch.contiguous_format
        moved = images.to(self.device, non_blocking=True)
        ready = moved.to(torch.float32, memory_format=order).div_(255)
        if not self.options.multi_scale:
            return ready
        stride, (epoch, number) = stride_of(self.model), divmod(self.done, self.schedule.batches)
        return scaled(ready, side_of(self.options.seed, epoch, number, self.side, stride), stride)

    def _norm(self) -> Tensor:
        self.scaler.unscale_(self.optimizer)
        return clip(self.model)

    def _told(self, losses: Losses, norm: Tensor | None) -> tuple[tuple[float, float, float], bool]:
        """Box, objectness and classes, and whether all is a number, in all processes; the device is waited for once."""
        terms = torch.stack([losses.box, losses.objectness, losses.classes]).detach().float()
        own = terms.new_zeros(()) if norm is None else norm.detach().float()
        *ours, norm_here = torch.cat([terms, own.view(1)]).tolist()
        scaled = self.scaler.is_enabled()
        finite = all(map(math.isfinite, ours)) and (scaled or math.isfinite(norm_here))
        if norm is not None:
            self.norm = norm_here
        if self.ranks.world > 1:
            (broken,) = self.ranks.any([not finite], self.device)
            ours, finite = self.ranks.mean(terms).tolist(), not broken
        box, objectness, classes = ours
        return (box, objectness, classes), finite

    def _step(self) -> bool:
        """Move the optimizer; not where 16-bit gradients overflowed, whose scale is then lowered."""
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        moved = math.isfinite(self.norm)
        if moved:
            self.average.update(self.model)
        return moved

    def _forget(self) -> None:
        """Throw away what was gathered since the last step."""
        self.optimizer.zero_grad(set_to_none=True)
        if self.scaler.is_enabled():
            self.scaler = _like(self.scaler, self.device)

    @torch.no_grad()
    def _mend(self) -> None:
        """Statistics of normalisations that a bad batch broke are taken from the average, which never saw it."""
        whole = dict(self.average.model.named_buffers())
        for name, buffer in self.model.named_buffers():
            if buffer.is_floating_point() and not bool(buffer.isfinite().all()):
                buffer.copy_(whole[name])


def precision_of(options: Options, device: torch.device) -> torch.dtype:
    """What the forward pass is computed in."""
    if options.precision == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    return PRECISIONS[options.precision]


def _like(scaler: torch.amp.GradScaler, device: torch.device) -> torch.amp.GradScaler:
    """A scaler of the same scale that has seen no gradients since."""
    fresh = torch.amp.GradScaler(device.type)
    fresh.load_state_dict(scaler.state_dict())
    return fresh
