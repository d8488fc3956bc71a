"""A detector and pictures of one shape → what it sees on each, in pixels of the image.

B pictures, H × W pixels, N rows of the heads, C classes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from yoloaudit.train import decode
from yoloaudit.train.images.augment import Shape, scale_back
from yoloaudit.train.images.data import Fitted
from yoloaudit.train.model import Detector, fuse
from yoloaudit.train.types import Batch, Detections

VIEWS = ((1.0, False), (0.83, True), (0.67, False))
"""Test-time augmentation: each a scale, and whether the images are mirrored left to right."""
MEAN_GREY = 0.447
"""What pads a scaled view."""


class Speed(NamedTuple):
    """Milliseconds an image. Reading happens in threads, beside the rest."""

    read: float
    """To read and decode it."""
    prepare: float
    """To make it fit, and bring it to the device."""
    infer: float
    select: float
    """Non-maximum suppression, and mapping back to the image."""


class Timer:
    """Adds up how long each part took."""

    def __init__(self) -> None:
        self.images = 0
        self.seconds = np.zeros(len(Speed._fields))
        self.latest = Speed(0, 0, 0, 0)
        """An image of the latest batch."""

    def add(self, images: int, seconds: Sequence[float]) -> None:
        self.images += images
        self.seconds += seconds
        self.latest = Speed(*(second * 1000 / max(1, images) for second in seconds))

    def speed(self) -> Speed:
        """The mean over all images so far."""
        return Speed(*(self.seconds * 1000 / max(1, self.images)).tolist())


class Eye:
    """A fused copy of a model on its device, and how it is to look."""

    def __init__(
        self, model: Detector, nms: decode.Settings, *, device: torch.device, augment: bool = False, half: bool = False
    ) -> None:
        """With `augment` it looks three times; `half` counts on CUDA only."""
        self.nms = nms
        self.augment = augment
        self.device = device
        self.number = torch.float16 if half and device.type == "cuda" else torch.float32
        self.model = fuse(model).to(device, self.number).eval()
        self.strides = model.strides
        grid = model.head.anchors.detach().float().to(device)
        self.anchors = grid * torch.tensor(self.strides, device=device).view(-1, 1, 1)

    @torch.inference_mode()
    def look(self, group: Sequence[Fitted]) -> tuple[list[Detections], list[float]]:
        """Detections on those of the group that have pixels, and the seconds of each part."""
        pictures = [picture for picture in group if picture.image is not None]
        if not pictures:
            return [], [0.0] * len(Speed._fields)
        began = time.perf_counter()
        images = self._on_device(batch_of(pictures))
        prepared = self._now()
        rows = self._rows(images)
        inferred = self._now()
        found = decode.nms(rows, self.nms)
        shape = images.shape[2], images.shape[3]
        seen = [_native(picture, shape, one) for picture, one in zip(pictures, found, strict=True)]
        selected = time.perf_counter()
        read, fit = (sum(picture.seconds[part] for picture in pictures) for part in (0, 1))
        return seen, [read, fit + prepared - began, inferred - prepared, selected - inferred]

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()

    def _on_device(self, batch: Batch) -> Tensor:
        return batch.images.to(self.device).to(self.number).div_(255)

    def _rows(self, images: Tensor) -> list[Tensor]:
        """Of each image what may be an object (N × (5 + C)): centre and size in pixels, objectness, class scores."""
        if self.augment:
            views = torch.cat([self._view(images, number) for number in range(len(VIEWS))], dim=1)
            return list(views.unbind())
        passes = self.model.passes(images)
        return [row for heads in passes for row in decode.likely(heads, self.anchors, self.strides, self.nms.conf)]

    def _view(self, images: Tensor, number: int) -> Tensor:
        """What one view yields: the largest goes without the coarsest level, the smallest without the finest."""
        scale, mirrored = VIEWS[number]
        heads = self.model(scaled(images.flip(3) if mirrored else images, scale, max(self.strides)))
        first, last = int(number == len(VIEWS) - 1), len(heads) - int(number == 0)
        rows = decode.decode(heads[first:last], self.anchors[first:last], self.strides[first:last])
        rows[..., :4] /= scale
        if mirrored:
            rows[..., 0] = images.shape[3] - rows[..., 0]
        return rows


def scaled(images: Tensor, scale: float, stride: int) -> Tensor:
    """B × 3 × H × W scaled bilinearly, then padded right and below with grey to a multiple of the stride."""
    if scale == 1:
        return images
    height, width = (int(side * scale) for side in images.shape[2:])
    down, across = (-(-side * scale // stride) * stride for side in images.shape[2:])
    small = functional.interpolate(images, size=(height, width), mode="bilinear", align_corners=False)
    return functional.pad(small, [0, int(across) - width, 0, int(down) - height], value=MEAN_GREY)


def batch_of(pictures: Sequence[Fitted]) -> Batch:
    """Pictures of one shape as a batch without targets, its maps in the order that convolutions on a processor want."""
    images = torch.from_numpy(np.stack([picture.image for picture in pictures if picture.image is not None]))
    return Batch(images.permute(0, 3, 1, 2), torch.zeros((0, 6)), tuple(picture.place for picture in pictures))


def _native(picture: Fitted, shape: Shape, found: Tensor) -> Detections:
    """Detections (n × 6: x1 y1 x2 y2 score class) in pixels of the image."""
    rows = found.float().cpu().numpy()
    boxes = scale_back(rows[:, :4], shape, picture.native, picture.letterboxed)
    return Detections(boxes, rows[:, 4].copy(), rows[:, 5].astype(np.int64))
