"""A detector and an image, seen at several scales and mirrored → what its raw heads say of given boxes.

An image's labels are asked for as training would ask for them: the cells and anchors that are to find a box say how
sure they are that something is there, and what. No threshold and no suppression comes between. Q boxes, V views,
A anchors a level, C classes; boxes x1 y1 x2 y2 in pixels of the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from yoloaudit.evidence import Floats, Integers, Mask, fused, log_odds, margins, overlaps
from yoloaudit.geometry import corners_of, iou
from yoloaudit.train import decode
from yoloaudit.train.images.augment import GREY, Pixels
from yoloaudit.train.images.data import Fitted
from yoloaudit.train.model import Detector, fuse
from yoloaudit.train.objective.assign import Assigned, assign

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
    """One look at an image and, beside it, at its mirror image."""

    heads: list[Tensor]
    """Raw, 2 × A × H × W × (5 + C) a level: as it is, mirrored."""
    boxes: Floats
    """N × 4: the candidates of both."""
    objectness: Floats
    probabilities: Floats
    """N × C."""
    mirrored: Mask
    """N: which were seen in the mirror."""
    gain: Floats
    """2: pixels of the view by those of the image, across and down."""
    padding: Floats
    """2: pixels left of and above the image."""
    size: Floats
    """2: width and height in pixels."""


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
        assert picture.image is not None
        found = []
        for scale in SCALES:
            pixels, ratio = _scaled(picture.image, scale, max(self.strides))
            both = torch.from_numpy(np.stack([pixels, cv2.flip(pixels, 1)])).permute(0, 3, 1, 2)
            heads = self.model(both.to(self.device).float().div_(255))
            found.append(self._view([level.float().cpu() for level in heads], picture, ratio))
        return found

    def _view(self, heads: list[Tensor], picture: Fitted, scale: Floats) -> View:
        gain, padding = scale * picture.letterboxed.ratio, scale * picture.letterboxed.padding
        size = np.array([heads[0].shape[axis] * self.strides[0] for axis in (3, 2)], np.float64)
        sides = []
        for rows in decode.likely(heads, self.pixels, self.strides, CANDIDATE):
            finite = rows[rows.isfinite().all(dim=1)]  # weights may be damaged
            sides.append(finite[finite[:, 4].topk(min(MOST, len(finite))).indices])
        mirrored = np.repeat([False, True], [len(side) for side in sides])
        rows = torch.cat(sides)
        corners = decode.corners(rows).numpy().astype(np.float64)
        corners[mirrored] = _turned(corners[mirrored], size[0])
        boxes = (corners - np.tile(padding, 2)) / np.tile(gain, 2)
        limits = np.tile(np.array(picture.native[::-1], np.float64), 2)
        scores = rows[:, 4:].numpy().astype(np.float64)
        return View(heads, np.clip(boxes, 0, limits), scores[:, 0], scores[:, 1:], mirrored, gain, padding, size)

    def ask(self, views: Sequence[View], boxes: Floats, classes: Integers) -> Asked:
        """What these views say of boxes and their classes (Q × 4, Q)."""
        candidates = _Candidates(
            np.concatenate([view.boxes for view in views]),
            np.concatenate([view.objectness for view in views]),
            np.concatenate([view.probabilities for view in views]),
            np.concatenate([2 * number + view.mirrored for number, view in enumerate(views)]),
        )
        parts = [
            self._asked(views, candidates, boxes[at : at + AT_ONCE], classes[at : at + AT_ONCE])
            for at in range(0, max(1, len(boxes)), AT_ONCE)
        ]
        return Asked._make(np.concatenate(columns) for columns in zip(*parts, strict=True))

    def _asked(self, views: Sequence[View], candidates: _Candidates, boxes: Floats, classes: Integers) -> Asked:
        cells = np.concatenate([self._cells(view, boxes, classes) for view in views], axis=2)
        columns, fit, spread = _agreement(candidates, boxes, classes, 2 * len(views))
        return Asked(np.stack([*_over_views(cells), *columns], axis=1), fit, spread)

    @torch.inference_mode()
    def _cells(self, view: View, boxes: Floats, classes: Integers) -> Floats:
        """Q × 7 × 2: the most and the mean objectness of the cells that are to find each box, and what they say it is;
        as the image is, and mirrored.
        """
        count = len(boxes)
        moved = boxes * np.tile(view.gain, 2) + np.tile(view.padding, 2)
        both = np.concatenate([moved, _turned(moved, view.size[0])])
        centre, sides = (both[:, :2] + both[:, 2:]) / 2 / view.size, (both[:, 2:] - both[:, :2]) / view.size
        side, place = np.repeat([0, 1], count), np.tile(np.arange(count), 2)
        targets = torch.from_numpy(np.concatenate([side[:, None], place[:, None], centre, sides], axis=1))
        shapes = [(level.shape[2], level.shape[3]) for level in view.heads]
        levels = assign(targets, shapes, self.grid, ANCHOR_T)
        raw = [head[at.image, at.anchor, at.row, at.column] for head, at in zip(view.heads, levels, strict=True)]
        rows = torch.cat(raw).sigmoid_().nan_to_num_(0)
        cells = Assigned(*(torch.cat(columns) for columns in zip(*levels, strict=True)))
        centres = torch.cat((rows[:, :2] * 2 - 0.5, (rows[:, 2:4] * 2).square_() * cells.anchors), 1)
        overlap = iou(corners_of(centres.numpy()), corners_of(cells.boxes.numpy()))
        at = (cells.image * count + cells.classes).numpy()
        made = _of_cells(2 * count, at, rows.numpy(), np.asarray(overlap, np.float64), np.tile(classes, 2))
        return np.stack([made[:count], made[count:]], axis=2)


def _scaled(pixels: Pixels, scale: float, stride: int) -> tuple[Pixels, Floats]:
    """A picture scaled bilinearly, padded right and below to a multiple of the stride, and how far it was scaled."""
    height, width = pixels.shape[:2]
    across, down = int(width * scale), int(height * scale)
    small = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_LINEAR)
    right, below = (-int(-side * scale // stride) * stride for side in (width, height))
    padded = cv2.copyMakeBorder(small, 0, below - down, 0, right - across, cv2.BORDER_CONSTANT, value=GREY)
    return np.asarray(padded, np.uint8), np.array([across / width, down / height])


def _turned(boxes: Floats, width: float) -> Floats:
    """The same boxes in a mirror image of this width."""
    return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)


class _Candidates(NamedTuple):
    boxes: Floats
    objectness: Floats
    probabilities: Floats
    view: Integers


def _of_cells(count: int, place: Integers, rows: NDArray[np.float32], overlap: Floats, classes: Integers) -> Floats:
    """Numbers of each box (count × 7) from the cells (n × (5 + C), 0 to 1) that are to find it."""
    made = np.zeros((count, 7))
    objectness = rows[:, 4].astype(np.float64)
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
    other = rest.max(axis=1, initial=0).astype(np.float64)
    np.maximum.at(made[:, 0], place, objectness)
    made[:, 1] = np.bincount(place, objectness, minlength=count) / np.maximum(number, 1)
    made[:, 2] = np.bincount(place, weight * likely, minlength=count) / total
    made[:, 3] = np.bincount(place, weight * other, minlength=count) / total
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
    row, at = np.nonzero(overlap > NEAR)
    pairs = _Pairs(row, at, overlap[row, at], found.objectness[at], found.view[at])
    known = (classes >= 0) & (classes < found.probabilities.shape[1])
    likely = np.where(known[row], found.probabilities[at, np.where(known, classes, 0)[row]], 0)
    likeliest = found.probabilities.max(axis=1, initial=0)[at]
    close = pairs.overlap**3 * pairs.objectness
    of_class, of_any = (
        fused(pairs.matrix(close * share, overlap.shape), found.boxes, boxes) for share in (likely, likeliest)
    )
    columns = [*margins(boxes, *of_class), *margins(boxes, *of_any)]
    half = np.where(pairs.overlap > HALF, pairs.overlap, 0) * pairs.objectness
    votes = pairs.matrix(half, overlap.shape) @ found.probabilities
    total = votes.sum(axis=1) + 1e-3
    mine = np.where(known, votes[np.arange(len(boxes)), np.where(known, classes, 0)], 0)
    votes[np.flatnonzero(known), classes[known]] = 0
    columns += [log_odds(mine / total), log_odds(votes.max(axis=1, initial=0) / total), np.log(total)]
    for score in (pairs.objectness * likely, pairs.objectness * likeliest, pairs.objectness):
        columns += pairs.each_view(score, len(boxes), views)
    firm = of_class[2] > np.log(0.05)
    return (
        columns,
        np.where(firm[:, None], of_class[0], of_any[0]),
        np.where(firm[:, None], of_class[1], of_any[1]),
    )


class _Pairs(NamedTuple):
    """The boxes in question and the candidates near them, P pairs: of all pairs they are few."""

    row: Integers
    candidate: Integers
    overlap: Floats
    objectness: Floats
    view: Integers

    def matrix(self, values: Floats, shape: tuple[int, ...]) -> csr_array:
        """Boxes × candidates with these values (P)."""
        return csr_array((values, (self.row, self.candidate)), shape)

    def each_view(self, score: Floats, rows: int, views: int) -> list[Floats]:
        """The best score (P) of each box in each view, as log odds: its mean, extremes and spread over the views."""
        same = self.overlap > SAME
        best = np.zeros(rows * views)
        np.maximum.at(best, self.row[same] * views + self.view[same], score[same])
        odds = log_odds(best.reshape(rows, views))
        return [odds.mean(axis=1), odds.max(axis=1), odds.min(axis=1), odds.std(axis=1)]
