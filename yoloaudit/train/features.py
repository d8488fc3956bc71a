"""A detector and boxes on an image → how what lies in each box looks to it, in numbers.

They are the maps that enter the head, averaged over the box (RoI align, He et al. 2017), of all levels side by side.
Q boxes, L levels.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.ops import roi_align

from yoloaudit.evidence import Floats
from yoloaudit.train.eye import batch_of
from yoloaudit.train.images.data import Fitted
from yoloaudit.train.model import Detector, fuse

WIDTH = 64
"""Numbers of a level: maps with more channels are projected, so that 100,000 labels take 40 MB."""
SAMPLES = 8
"""A box is looked at in a grid of so many points across and down."""
LEAST_SIDE = 16.0
"""Pixels at the network's input, the root of a box's area: what is smaller looks like what is around it."""


class Describer:
    """A fused copy of a model on its device."""

    def __init__(self, model: Detector, *, device: torch.device) -> None:
        self.device = device
        self.strides = model.strides
        self.model = fuse(model).to(device).eval()
        self._maps: list[Tensor] = []
        self.model.head.register_forward_pre_hook(self._keep)
        channels = [conv.in_channels for conv in model.head.m if isinstance(conv, nn.Conv2d)]
        self._projections = [_projection(number).to(device) for number in channels]

    def _keep(self, _head: nn.Module, entering: tuple[list[Tensor], ...]) -> None:
        self._maps = entering[0]

    @torch.inference_mode()
    def describe(self, picture: Fitted, boxes: Floats) -> NDArray[np.float16]:
        """Q × L × WIDTH, of a picture that has pixels; boxes Q × 4 in pixels of the image.

        NaN for boxes that are too small, or beyond the image.
        """
        images = batch_of([picture]).images.to(self.device).float().div_(255)
        self.model(images)
        moved = boxes * np.tile(picture.letterboxed.ratio, 2) + np.tile(picture.letterboxed.padding, 2)
        moved = np.clip(moved, 0, np.tile(images.shape[:1:-1], 2))
        sides = np.maximum(moved[:, 2:] - moved[:, :2], 0)
        large = sides[:, 0] * sides[:, 1] >= LEAST_SIDE**2  # never of NaN, at which RoI align would crash
        asked = torch.from_numpy(moved[large]).float().to(self.device)
        levels = zip(self._maps, self.strides, self._projections, strict=True)
        looks = [_pooled(maps, asked, stride) @ projection for maps, stride, projection in levels]
        made = np.full((len(boxes), len(looks), WIDTH), np.nan, np.float16)
        made[large] = torch.stack(looks, 1).clamp(-6e4, 6e4).half().cpu().numpy()
        return made


def _pooled(maps: Tensor, boxes: Tensor, stride: int) -> Tensor:
    """Q × channels: the mean of a level's maps (1 × channels × H × W) over each box."""
    pooled = roi_align(maps.float().contiguous(), [boxes], 1, 1 / stride, SAMPLES, aligned=True)
    means: Tensor = pooled.flatten(1)
    return means


def _projection(channels: int) -> Tensor:
    """Channels × WIDTH: angles and distances hardly change (Johnson and Lindenstrauss 1984); always the same one."""
    if channels <= WIDTH:
        return torch.eye(channels, WIDTH)
    drawn = np.random.default_rng(channels).standard_normal((channels, WIDTH)) / np.sqrt(WIDTH)
    return torch.from_numpy(drawn).float()
