"""A model and its image size → the largest batch that a GPU holds, or a batch that would have fitted.

As YOLOv5 does: a few small batches are tried, a straight line is laid through the memory that they took, and the batch
is what takes up a share of the memory that is free. Where YOLOv5 takes 16 because that would be more than 1024, or
less than 1, it is 1024, or 1.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from yoloaudit.train.model import Detector

SIZES = (1, 2, 4, 8, 16)
SHARE = 0.8
"""Of the free memory that a batch may take."""
DEFAULT, MOST = 16, 1024
PASSES = 3

Measure = Callable[[int], int | None]
"""A batch → the bytes that training on it takes, None where they are not to be had."""


class Chosen(NamedTuple):
    """A batch, and why it is that."""

    batch: int
    why: str


def choose(free: int, measured: Mapping[int, int | None], share: float = SHARE) -> Chosen:
    """The largest batch within a share of `free` bytes, from what small ones took; 16 where it cannot be told."""
    fitting = {batch: took for batch, took in measured.items() if took is not None}
    if len(fitting) < 2:
        return Chosen(DEFAULT, f"batch {DEFAULT}: too little could be measured to choose another")
    batches, bytes_taken = (np.array(values, np.float64) for values in zip(*fitting.items(), strict=True))
    slope, intercept = np.polyfit(batches, bytes_taken, 1)
    if slope < 1:
        return Chosen(DEFAULT, f"batch {DEFAULT}: memory does not grow with the batch, so that none can be chosen")
    batch = int((free * share - intercept) / slope)
    failed = [size for size, took in measured.items() if took is None]
    if failed and batch >= min(failed):
        batch = max((size for size in fitting if size < min(failed)), default=0)
    batch = max(1, min(batch, MOST))
    needed = intercept + slope * batch
    return Chosen(batch, f"batch {batch}: takes about {_gib(needed)} of {_gib(free)} that are free")


def fitting(
    model: Detector,
    side: int,
    device: torch.device,
    precision: torch.dtype,
    *,
    sizes: Sequence[int] = SIZES,
) -> Chosen:
    """The largest batch of square images that the device holds; 16 on anything but CUDA, whose memory can be measured.

    The model is left as it is.
    """
    if device.type != "cuda":
        return Chosen(DEFAULT, f"batch {DEFAULT}: only memory of CUDA devices is measured")
    torch.cuda.empty_cache()
    held = torch.cuda.memory_reserved(device)
    free = torch.cuda.get_device_properties(device).total_memory - held
    trial = copy.deepcopy(model).to(device).train()
    measured: dict[int, int | None] = {}
    for batch in sizes:
        measured[batch] = taken(trial, batch, side, device, precision)
        if measured[batch] is None:
            break
    del trial
    torch.cuda.empty_cache()
    return choose(free, measured)


def taken(model: Detector, batch: int, side: int, device: torch.device, precision: torch.dtype) -> int | None:
    """Bytes that are reserved once a batch has passed through the model and back; None where they are not to be had."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_reserved(device)
    images = None
    try:
        images = torch.rand(batch, 3, side, side, device=device)
        for _ in range(PASSES):
            with torch.autocast(device.type, precision, enabled=precision is not torch.float32):
                heads = model(images)
            torch.autograd.backward(torch.stack([head.float().sum() for head in heads]).sum())
            model.zero_grad(set_to_none=True)
        torch.cuda.synchronize(device)
    except torch.cuda.OutOfMemoryError:
        return None
    finally:
        del images
    return torch.cuda.max_memory_reserved(device) - before


def advice(model: Detector, batch: int, side: int, device: torch.device, precision: torch.dtype) -> str:
    """What to do where a batch does not fit, in a sentence."""
    if batch < 2:
        return f"Not even one image of {side} pixels fits. Give a smaller --imgsz, or a smaller model"
    if device.type != "cuda":
        return f"Give a smaller --batch-size, as {batch // 2}, or a smaller --imgsz"
    smaller = min(fitting(model, side, device, precision).batch, batch - 1)
    return f"Give --batch-size {smaller}, which fits, or a smaller --imgsz"


def _gib(amount: float) -> str:
    return f"{amount / (1 << 30):.1f} GiB"
