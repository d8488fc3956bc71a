"""Batches of one size → batches of another: each at a side of its own, or four images as one.

B × 3 × H × W, T × 6 targets as in `Batch`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from yoloaudit.train.samples.streams import Uniform, streams

LEAST, MOST = 0.5, 1.5


def side_of(seed: int, epoch: int, batch: int, side: int, stride: int) -> int:
    """The side, in pixels, that a batch is trained at where sides vary: half to one and a half times the usual one."""
    drawn = streams(seed, epoch, f"side {batch}").python.randrange(int(LEAST * side), int(MOST * side) + stride)
    return max(stride, drawn // stride * stride)


def scaled(images: Tensor, side: int, stride: int) -> Tensor:
    """Images (floats) with this longer side, or nearly so: both sides are rounded up to multiples of the stride."""
    ratio = side / max(images.shape[2:])
    if ratio == 1:
        return images
    shape = [math.ceil(length * ratio / stride) * stride for length in images.shape[2:]]
    return functional.interpolate(images, shape, mode="bilinear", align_corners=False)


def quads(images: Tensor, targets: Tensor, stream: Uniform) -> tuple[Tensor, Tensor]:
    """Of each four images (uint8) one of twice the side: the four side by side or, half of the time, the first alone.

    Their number is a multiple of four; the order of the first four is left above, right above, left below, right below.
    """
    made, kept = [], []
    for number, group in enumerate(torch.split(images, 4)):
        if stream.random() < 0.5:
            large = functional.interpolate(group[:1].float(), scale_factor=2, mode="bilinear", align_corners=False)
            made.append(large[0].to(images.dtype))
            mine = targets[targets[:, 0] == 4 * number].clone()
        else:
            rows = torch.cat([group[0], group[1]], 2), torch.cat([group[2], group[3]], 2)
            made.append(torch.cat(rows, 1))
            mine = _side_by_side(targets, 4 * number)
        mine[:, 0] = number
        kept.append(mine)
    return torch.stack(made), torch.cat(kept)


def _side_by_side(targets: Tensor, first: int) -> Tensor:
    mine = targets[(targets[:, 0] >= first) & (targets[:, 0] < first + 4)].clone()
    place = mine[:, 0] - first
    mine[:, 2] += place % 2
    mine[:, 3] += (place >= 2).to(mine.dtype)
    mine[:, 2:] /= 2
    return mine
