"""Predictions and labels → the table `matches`: which detection belongs to which label, one to one.

D detections, L labels, P pairs of one image that overlap by half or more. Whatever their classes, a pair weighs
IoU × √score, and a quarter more where the classes agree; of all ways to pair an image up, the heaviest is taken
(Kuhn 1955, as scipy solves it). The root keeps a sure detection that sits badly from taking the place of a fair one
that sits well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from yoloaudit.dataset.tables import MATCHES, Boxes, Matches, Predictions, table
from yoloaudit.geometry import area, facing, iou

LEAST_IOU = 0.5
AGREEING = 1.25
"""What a pair of one class weighs more."""
AT_ONCE = 1 << 20
MOST_CELLS = 4_000_000
"""Of a matrix that is solved exactly; of more boxes in a knot the heaviest pairs are taken one after another."""
CORNERS = ["x1", "y1", "x2", "y2"]

Integers = NDArray[np.integer[Any]]
Exact = NDArray[np.floating[Any]]


class Weighed(NamedTuple):
    """P pairs: positions of a detection and of a label, their overlap, and what the pair weighs (above 0)."""

    detection: Integers
    label: Integers
    overlap: Exact
    weight: Exact

    def at(self, rows: Integers | NDArray[np.bool_]) -> Weighed:
        """These rows."""
        return Weighed(self.detection[rows], self.label[rows], self.overlap[rows], self.weight[rows])


def usable(boxes: Boxes) -> NDArray[np.int64]:
    """Rows of `boxes` that detections can be held against: boxes of some size on an image of known size, each once."""
    corners = boxes[CORNERS].to_numpy(np.float64)
    sound = np.isfinite(corners).all(axis=1) & (area(corners) > 0)
    readable = boxes["error"].cat.codes.to_numpy() < 0
    again = (boxes["fate"] == "duplicate").to_numpy()
    return np.flatnonzero(sound & readable & ~again & (boxes["image"].to_numpy() >= 0)).astype(np.int64)


def sound(predictions: Predictions) -> NDArray[np.int64]:
    """Rows of `predictions` with an image, a finite box of some size and a score from 0 to 1."""
    corners = predictions[CORNERS].to_numpy(np.float64)
    score = predictions["score"].to_numpy(np.float64)
    fits = np.isfinite(corners).all(axis=1) & (area(corners) > 0) & (score >= 0) & (score <= 1)
    return np.flatnonzero(fits & (predictions["image"].to_numpy() >= 0)).astype(np.int64)


def match(predictions: Predictions, boxes: Boxes) -> Matches:
    """The pairs, by row of `boxes`; both tables whole, as rows are told by position."""
    rows, labels = sound(predictions), usable(boxes)
    found = [_assigned(pairs) for pairs in _weighed(predictions.iloc[rows], boxes.iloc[labels])]
    detection, label, overlap, _ = (np.concatenate(column) for column in zip(_NONE, *found, strict=True))
    order = np.argsort(label, kind="stable")
    columns = {"box": labels[label[order]], "detection": rows[detection[order]], "iou": overlap[order]}
    return table(MATCHES, columns)


_NONE = Weighed(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.float32))


def _weighed(predictions: Predictions, boxes: Boxes) -> Iterator[Weighed]:
    """Pairs of images, all those of an image at once."""
    found, given = predictions[CORNERS].to_numpy(np.float64), boxes[CORNERS].to_numpy(np.float64)
    score = np.sqrt(predictions["score"].to_numpy(np.float64))
    guessed, named = predictions["class_id"].to_numpy(), boxes["class_id"].to_numpy()
    of_found, of_given = predictions["image"].to_numpy(), boxes["image"].to_numpy()
    reach = (1 - LEAST_IOU) / LEAST_IOU, 1 - LEAST_IOU
    for detection, label in facing(of_found, found, of_given, given, *reach):
        kept = []
        for start in range(0, len(detection), AT_ONCE):
            one, other = detection[start : start + AT_ONCE], label[start : start + AT_ONCE]
            overlap = iou(found[one], given[other]).astype(np.float32)
            weight = overlap * score[one] * np.where(guessed[one] == named[other], AGREEING, 1.0)
            pairs = Weighed(one.astype(np.int32), other.astype(np.int32), overlap, weight.astype(np.float32))
            kept.append(pairs.at((overlap >= LEAST_IOU) & (weight > 0)))
        pairs = Weighed(*(np.concatenate(column) for column in zip(*kept, strict=True)))
        if len(pairs.label):
            yield pairs


def _assigned(pairs: Weighed) -> Weighed:
    """The heaviest pairing: of each knot of pairs that have boxes in common."""
    ones, detection = np.unique(pairs.detection, return_inverse=True)
    others, label = np.unique(pairs.label, return_inverse=True)
    size = len(ones) + len(others)
    graph = coo_array((np.ones(len(label), np.int8), (detection, len(ones) + label)), shape=(size, size))
    knots, of_node = connected_components(graph, directed=False)
    knot = of_node[detection]
    wide = np.bincount(of_node[: len(ones)], minlength=knots)
    high = np.bincount(of_node[len(ones) :], minlength=knots)
    plain = (wide == 1) | (high == 1)
    order = np.lexsort((-pairs.weight, knot))
    first = np.diff(knot[order], prepend=-1) != 0
    chosen = [order[first & plain[knot[order]]]]
    rest = order[~plain[knot[order]]]
    bounds = np.flatnonzero(np.diff(knot[rest], prepend=-1, append=-1)) if len(rest) else np.zeros(0, np.int64)
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        own = rest[start:stop]
        chosen.append(own[_heaviest(detection[own], label[own], pairs.weight[own])])
    return pairs.at(np.concatenate(chosen))


def _heaviest(detection: Integers, label: Integers, weight: Exact) -> Integers:
    """Positions of the pairs of one knot, the heaviest first, that are taken."""
    ones, row = np.unique(detection, return_inverse=True)
    others, column = np.unique(label, return_inverse=True)
    if len(ones) * len(others) > MOST_CELLS:
        return _one_by_one(row, column, min(len(ones), len(others)))
    cells = np.zeros((len(ones), len(others)))
    place = np.full(cells.shape, -1, np.int64)
    cells[row, column] = weight
    place[row, column] = np.arange(len(weight))
    taken = place[linear_sum_assignment(cells, maximize=True)]
    return np.asarray(taken[taken >= 0], np.int64)


def _one_by_one(row: Integers, column: Integers, most: int) -> Integers:
    rows, columns, taken = set[int](), set[int](), []
    for position, (one, other) in enumerate(zip(row.tolist(), column.tolist(), strict=True)):
        if one not in rows and other not in columns:
            rows.add(one)
            columns.add(other)
            taken.append(position)
            if len(taken) == most:
                break
    return np.array(taken, np.int64)
