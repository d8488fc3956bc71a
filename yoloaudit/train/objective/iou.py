"""Two lists of boxes, row by row → how much each pair overlaps: IoU and its kin that also tell boxes apart.

Boxes are N × 4, centre and size (x, y, w, h) in any one unit; results are N. Sizes are not negative. Formulas: IoU and
GIoU from Rezatofighi et al. 2019, DIoU and CIoU from Zheng et al. 2020, each with ε = 1e-7 against a division by zero.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

EPSILON = 1e-7


class Pairs(NamedTuple):
    """What all four share."""

    iou: Tensor
    union: Tensor
    hull: Tensor
    """N × 2: width and height of the smallest box around both."""


def pairs(first: Tensor, second: Tensor) -> Pairs:
    """Overlap, union and hull of each pair."""
    low, high = _corners(first)
    other_low, other_high = _corners(second)
    inside = (torch.minimum(high, other_high) - torch.maximum(low, other_low)).clamp(0)
    common = inside[:, 0] * inside[:, 1]
    union = first[:, 2] * first[:, 3] + second[:, 2] * second[:, 3] - common + EPSILON
    hull = torch.maximum(high, other_high) - torch.minimum(low, other_low)
    return Pairs(common / union, union, hull)


def iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union, 0 to 1."""
    return pairs(first, second).iou


def giou(first: Tensor, second: Tensor) -> Tensor:
    """IoU less the share of the hull that belongs to neither box; -1 to 1."""
    found = pairs(first, second)
    area = found.hull[:, 0] * found.hull[:, 1] + EPSILON
    return found.iou - (area - found.union) / area


def diou(first: Tensor, second: Tensor) -> Tensor:
    """IoU less the squared distance of the centres over the squared diagonal of the hull; -1 to 1."""
    return _diou(pairs(first, second), first, second)


def ciou(first: Tensor, second: Tensor) -> Tensor:
    """DIoU less α·v, where v tells how the proportions differ; no gradient passes through α.

    v = 4/π² · (atan(w₂/h₂) - atan(w₁/h₁))², α = v / (1 - IoU + v + ε). Not a number for a box of 0 × 0.
    """
    found = pairs(first, second)
    slant = torch.atan(second[:, 2] / second[:, 3]) - torch.atan(first[:, 2] / first[:, 3])
    unlike = 4 / math.pi**2 * slant.square()
    with torch.no_grad():
        weight = unlike / (unlike - found.iou + (1 + EPSILON)).clamp(EPSILON)
    return _diou(found, first, second) - weight * unlike


def _diou(found: Pairs, first: Tensor, second: Tensor) -> Tensor:
    diagonal = found.hull.square().sum(1) + EPSILON
    return found.iou - (second[:, :2] - first[:, :2]).square().sum(1) / diagonal


def _corners(boxes: Tensor) -> tuple[Tensor, Tensor]:
    half = boxes[:, 2:] / 2
    return boxes[:, :2] - half, boxes[:, :2] + half
