"""A detector and an image, seen at several scales and mirrored → what its raw heads say of given boxes.

An image's labels are asked for as training would ask for them: the cells and anchors that are to find a box say how
sure they are that something is there, and what. No threshold and no suppression comes between. Q boxes, V views,
A anchors a level, C classes; boxes x1 y1 x2 y2 in pixels of the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from yoloaudit.evidence import Floats, Integers, fused, log_odds, margins, overlaps
from yoloaudit.geometry import iou
from yoloaudit.train import decode
from yoloaudit.train.eye import batch_of, scaled
from yoloaudit.train.images.data import Fitted
from yoloaudit.train.model import Detector, fuse
from yoloaudit.train.objective.assign import assign

SCALES = (1.0, 0.75, 1.3)
"""Each is looked at as it is, and mirrored."""
CANDIDATE = 0.01
"""Objectness above which a cell's box is held against the boxes in question."""
MOST = 300
"""Candidates of a view, the most likely first."""
ANCHOR_T = 4.0
"""Largest ratio of sides between an anchor and a box that it is to find."""
NEAR, HALF, SAME = 0.3, 0.5, 0.6
AT_ONCE = 512
"""Boxes that are asked about at once: an image can have thousands."""


class View(NamedTuple):
    """One look at an image."""

    heads: list[Tensor]
    """Raw, A × H × W × (5 + C) a level."""
    boxes: Floats
    """N × 4: the candidates."""
    objectness: Floats
    probabilities: Floats
    """N × C."""
    gain: tuple[float, float]
    """Pixels of the view by those of the image, across and down."""
    padding: tuple[float, float]
    mirrored: bool
    shape: tuple[int, int]
    """Height and width in pixels."""


class Asked(NamedTuple):
    """What an image says of the boxes it was asked about."""

    numbers: Floats
    """Q × F."""
    boxes: Floats
    """Q × 4: the object at that place; the box itself where none is seen."""
    spread: Floats
    """Q × 4: how far the candidates' edges lie apart, pixels."""


class Viewer:
    """A fused copy of a model on its device."""

    def __init__(self, model: Detector, *, device: torch.device) -> None:
        self.device = device
        self.model = fuse(model).to(device).eval()
        self.strides = model.strides
        self.grid = model.head.anchors.detach().float().cpu()
        self.pixels = self.grid * torch.tensor(self.strides).view(-1, 1, 1)

    @torch.inference_mode()
    def look(self, picture: Fitted) -> list[View]:
        """All views of one picture that has pixels."""
        images = batch_of([picture]).images.to(self.device).float().div_(255)
        found = []
        for scale in SCALES:
            small = scaled(images, scale, max(self.strides))
            both = self.model(torch.cat((small, small.flip(3))))
            heads = [level.float().cpu() for level in both]
            sides = (images.shape[axis] for axis in (3, 2))
            across, down = (int(pixels * scale) / pixels for pixels in sides)
            found += [self._view(heads, side, picture, (across, down)) for side in (0, 1)]
        return found

    def _view(self, heads: Sequence[Tensor], side: int, picture: Fitted, scale: tuple[float, float]) -> View:
        mine = [level[side] for level in heads]
        across, down = (ratio * share for ratio, share in zip(picture.letterboxed.ratio, scale, strict=True))
        left, above = (pixels * share for pixels, share in zip(picture.letterboxed.padding, scale, strict=True))
        height, width = (mine[0].shape[axis] * self.strides[0] for axis in (1, 2))
        rows = decode.likely([level[None] for level in mine], self.pixels, self.strides, CANDIDATE)[0]
        rows = rows[rows.isfinite().all(dim=1)]  # weights may be damaged
        rows = rows[rows[:, 4].topk(min(MOST, len(rows))).indices]
        if side:
            rows[:, 0] = width - rows[:, 0]
        corners = decode.corners(rows).numpy().astype(np.float64)
        boxes = (corners - [left, above] * 2) / ([across, down] * 2)
        limits = np.tile(np.array(picture.native[::-1], np.float64), 2)
        scores = rows[:, 4:].numpy().astype(np.float64)
        return View(
            mine,
            np.clip(boxes, 0, limits),
            scores[:, 0],
            scores[:, 1:],
            (across, down),
            (left, above),
            bool(side),
            (height, width),
        )

    def ask(self, views: Sequence[View], boxes: Floats, classes: Integers) -> Asked:
        """What these views say of boxes and their classes (Q × 4, Q)."""
        candidates = _Candidates(
            np.concatenate([view.boxes for view in views]),
            np.concatenate([view.objectness for view in views]),
            np.concatenate([view.probabilities for view in views]),
            np.repeat(np.arange(len(views)), [len(view.boxes) for view in views]),
        )
        parts = [
            self._asked(views, candidates, boxes[at : at + AT_ONCE], classes[at : at + AT_ONCE])
            for at in range(0, max(1, len(boxes)), AT_ONCE)
        ]
        return Asked._make(np.concatenate(columns) for columns in zip(*parts, strict=True))

    def _asked(self, views: Sequence[View], candidates: _Candidates, boxes: Floats, classes: Integers) -> Asked:
        cells = np.stack([self._cells(view, boxes, classes) for view in views], axis=2)
        columns, fit, spread = _agreement(candidates, boxes, classes, len(views))
        return Asked(np.stack([*_over_views(cells), *columns], axis=1), fit, spread)

    @torch.inference_mode()
    def _cells(self, view: View, boxes: Floats, classes: Integers) -> Floats:
        """Q × 7: the most and the mean objectness of the cells that are to find each box, and what they say it is."""
        size = np.array(view.shape[::-1], np.float64)
        moved = boxes * np.tile(view.gain, 2) + np.tile(view.padding, 2)
        centre, sides = (moved[:, :2] + moved[:, 2:]) / 2, moved[:, 2:] - moved[:, :2]
        if view.mirrored:
            centre[:, 0] = size[0] - centre[:, 0]
        place = np.arange(len(boxes))[:, None]
        targets = torch.from_numpy(np.concatenate([place, place, centre / size, sides / size], axis=1))
        shapes = [(level.shape[1], level.shape[2]) for level in view.heads]
        found: list[tuple[Tensor, ...]] = []
        for level, mine in enumerate(assign(targets, shapes, self.grid, ANCHOR_T)):
            rows = view.heads[level][mine.anchor, mine.row, mine.column].sigmoid().nan_to_num(0)
            shape = (rows[:, 2:4] * 2).square() * mine.anchors
            offset = rows[:, :2] * 2 - 0.5
            corners = torch.cat((offset - shape / 2, offset + shape / 2), 1)
            half = mine.boxes[:, 2:] / 2
            wanted = torch.cat((mine.boxes[:, :2] - half, mine.boxes[:, :2] + half), 1)
            found.append((mine.classes, rows, corners, wanted))
        at, cells, seen, asked = (torch.cat(parts).double().numpy() for parts in zip(*found, strict=True))
        return _of_cells(len(boxes), at.astype(np.int64), cells, np.asarray(iou(seen, asked), np.float64), classes)


class _Candidates(NamedTuple):
    boxes: Floats
    objectness: Floats
    probabilities: Floats
    view: Integers


def _of_cells(count: int, place: Integers, rows: Floats, overlap: Floats, classes: Integers) -> Floats:
    """Numbers of each box (count × 7) from the cells (n) that are to find it."""
    made = np.zeros((count, 7))
    objectness = rows[:, 4]
    number = np.bincount(place, minlength=count)
    weight = objectness * overlap + 1e-6
    total = np.maximum(np.bincount(place, weight, minlength=count), 1e-9)
    own = classes[place]
    known = (own >= 0) & (own < rows.shape[1] - 5)
    at = np.flatnonzero(known)
    likely = np.zeros(len(place))
    likely[at] = rows[at, 5 + own[at]]
    rest = rows[:, 5:].copy()
    rest[at, own[at]] = 0
    np.maximum.at(made[:, 0], place, objectness)
    made[:, 1] = np.bincount(place, objectness, minlength=count) / np.maximum(number, 1)
    made[:, 2] = np.bincount(place, weight * likely, minlength=count) / total
    made[:, 3] = np.bincount(place, weight * rest.max(axis=1, initial=0), minlength=count) / total
    np.maximum.at(made[:, 4], place, overlap)
    np.maximum.at(made[:, 5], place, objectness * overlap)
    np.maximum.at(made[:, 6], place, objectness * overlap * likely)
    return made


def _over_views(cells: Floats) -> list[Floats]:
    """Q × 7 × V → mean, extremes and the first view of each number."""
    columns = []
    for number in range(cells.shape[1]):
        values = cells[:, number] if number == 4 else log_odds(cells[:, number])
        columns += [values.mean(axis=1), values.max(axis=1), values.min(axis=1), values[:, 0]]
    return [*columns, columns[8] - columns[12]]


def _agreement(found: _Candidates, boxes: Floats, classes: Integers, views: int) -> tuple[list[Floats], Floats, Floats]:
    """What the candidates of all views agree on at the place of each box: numbers, the object's box, its spread."""
    overlap = overlaps(boxes, found.boxes)[0]
    known = (classes >= 0) & (classes < found.probabilities.shape[1])
    likely = np.where(known[:, None], found.probabilities.T[np.where(known, classes, 0)], 0)
    close = np.where(overlap > NEAR, overlap**3, 0) * found.objectness[None]
    of_class = fused(close * likely, found.boxes, boxes)
    of_any = fused(close * found.probabilities.max(axis=1, initial=0)[None], found.boxes, boxes)
    columns = [*margins(boxes, *of_class), *margins(boxes, *of_any)]
    votes = (np.where(overlap > HALF, overlap, 0) * found.objectness[None]) @ found.probabilities
    total = votes.sum(axis=1) + 1e-3
    mine = np.where(known, votes[np.arange(len(boxes)), np.where(known, classes, 0)], 0)
    rest = votes.copy()
    rest[np.flatnonzero(known), classes[known]] = 0
    columns += [log_odds(mine / total), log_odds(rest.max(axis=1, initial=0) / total), np.log(total)]
    columns += _each_view(found, overlap, likely, views)
    firm = of_class[2] > np.log(0.05)
    return (
        columns,
        np.where(firm[:, None], of_class[0], of_any[0]),
        np.where(firm[:, None], of_class[1], of_any[1]),
    )


def _each_view(found: _Candidates, overlap: Floats, likely: Floats, views: int) -> list[Floats]:
    """The best score of the class, of any, and the best objectness, over the views that see something there."""
    any_class = found.objectness * found.probabilities.max(axis=1, initial=0)
    scores = [found.objectness[None] * likely, np.broadcast_to(any_class, overlap.shape)]
    scores.append(np.broadcast_to(found.objectness, overlap.shape))
    columns = []
    for values in scores:
        held = np.where(overlap > SAME, values, 0)
        best = np.stack([held[:, found.view == view].max(axis=1, initial=0) for view in range(views)], axis=1)
        odds = log_odds(best)
        columns += [odds.mean(axis=1), odds.max(axis=1), odds.min(axis=1), odds.std(axis=1)]
    return columns
