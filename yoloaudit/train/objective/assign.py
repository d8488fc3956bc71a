"""Targets of a batch and the grids of the head → which anchor of which cell is to find which target.

B images in a batch, T targets, L levels, A anchors a level, n assignments of a level; grids are H × W cells. No
gradient and no prediction is involved. All is float32: wider numbers put targets on the border of a cell elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

NEAR = 0.5
"""Cells: a target this close to a neighbouring cell is that cell's, too."""


class Assigned(NamedTuple):
    """The assignments of a level. A target may be given several times, or never."""

    image: Tensor
    """n: place in the batch."""
    anchor: Tensor
    """n: 0 to A - 1."""
    row: Tensor
    """n: of the cell, 0 to H - 1."""
    column: Tensor
    """n: of the cell, 0 to W - 1."""
    boxes: Tensor
    """n × 4: centre relative to the cell's corner, width and height; in cells."""
    anchors: Tensor
    """n × 2: width and height of the anchor, in cells."""
    classes: Tensor
    """n: class ids from 0."""

    def __len__(self) -> int:
        return len(self.image)


@torch.no_grad()
def assign(targets: Tensor, shapes: Sequence[tuple[int, int]], anchors: Tensor, anchor_t: float) -> list[Assigned]:
    """Assignments a level, for T × 6 targets (image, class, then cx cy w h as shares of the image).

    `shapes` are H, W of each level, `anchors` L × A × 2 in cells of the level, on the device of the targets. An anchor
    may find a target if no side of one is `anchor_t` or more times that of the other. Cells: the one that the centre
    lies in, and its neighbours to the left, above, to the right and below that are nearer than half a cell and exist.

    The order is that of YOLOv5: by kind of cell (own, left, above, right, below), then anchor, then target. It matters
    where two targets are assigned to one anchor of one cell: the last one tells how good a box is expected there.
    """
    targets = targets.float()
    sizes = torch.tensor([(width, height) for height, width in shapes], dtype=torch.float32, device=targets.device)
    centres = targets[:, 2:4] * sizes[:, None]
    extents = targets[:, 4:6] * sizes[:, None]
    fits = _fits(extents, anchors.float(), anchor_t)
    near = _near(centres, sizes[:, None])
    level, kind, anchor, target = (near[:, :, None] & fits[:, None]).nonzero(as_tuple=True)
    centre = centres[level, target]
    cell = (centre - _offsets(targets.device)[kind]).long()
    cell = torch.minimum(cell.clamp(0), sizes[level].long() - 1)
    columns = (
        targets[target, 0].long(),
        anchor,
        cell[:, 1],
        cell[:, 0],
        torch.cat((centre - cell, extents[level, target]), 1),
        anchors.float()[level, anchor],
        targets[target, 1].long(),
    )
    counts = level.bincount(minlength=len(shapes)).tolist()
    return [Assigned(*parts) for parts in zip(*(torch.split(column, counts) for column in columns), strict=True)]


def _fits(extents: Tensor, anchors: Tensor, anchor_t: float) -> Tensor:
    """L × A × T: whether an anchor may find a target. A side of 0 fits no anchor."""
    ratio = extents[:, None] / anchors[:, :, None]
    return torch.maximum(ratio, 1 / ratio).amax(3) < anchor_t


def _near(centres: Tensor, sizes: Tensor) -> Tensor:
    """L × 5 × T: whether a target is its own cell's (always), and that of the cell left, above, right, below."""
    left_above, right_below = (
        ((distance % 1 < NEAR) & (distance > 1)).movedim(2, 1) for distance in (centres, sizes - centres)
    )
    return torch.cat((torch.ones_like(left_above[:, :1]), left_above, right_below), 1)


def _offsets(device: torch.device) -> Tensor:
    """5 × 2: how far a centre is moved to come to lie in each kind of cell."""
    moves = [(0.0, 0.0), (NEAR, 0.0), (0.0, NEAR), (-NEAR, 0.0), (0.0, -NEAR)]
    return torch.tensor(moves, dtype=torch.float32, device=device)
