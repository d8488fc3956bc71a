"""Raw heads → boxes in pixels; boxes → those that are kept, each object once.

B images, A anchors and H × W cells a level, N boxes of all levels together, C classes. Pixels are those of the
network's input. No clock cuts the work short, so results do not depend on how busy a machine is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.ops import nms as greedy

from yoloaudit.errors import UsageError

MOST_CANDIDATES = 30_000
"""Boxes with their class, of one image, that compete; the highest scores."""
CLASS_STEP = 7680.0
"""Pixels from class to class, at the least: boxes are shifted so that those of different classes do not touch."""
COARSE = 1 << 20
"""Shifts above this leave 32-bit floats less than a sixteenth of a pixel."""
FIRST, FURTHER = 2048, 4
"""So many candidates are looked at first; if too few are kept, so many times as many."""


@dataclass(frozen=True)
class Settings:
    """Which boxes are kept; the defaults are those of YOLOv5's detection."""

    conf: float = 0.25
    """Scores must be above this, and objectness too."""
    iou: float = 0.45
    """A box that overlaps one of a higher score by more than this is suppressed."""
    max_detections: int = 1000
    multi_label: bool = False
    """A box may be given for several classes, otherwise for its best one."""
    agnostic: bool = False
    """A box suppresses those of other classes, too."""
    classes: tuple[int, ...] | None = None
    """Only these are kept; None: all."""

    def __post_init__(self) -> None:
        for name, value in (("confidence", self.conf), ("overlap (IoU)", self.iou)):
            if not 0 <= value <= 1:
                raise UsageError(f"the {name} threshold is {value:g}. Give one between 0 and 1")
        if self.max_detections < 1:
            raise UsageError(f"at most {self.max_detections} detections an image are wanted. Give 1 or more")


class Candidates(NamedTuple):
    """Boxes of one image with one class each, n in all, the highest score first."""

    boxes: Tensor
    """n × 4: x1 y1 x2 y2."""
    scores: Tensor
    classes: Tensor


@torch.no_grad()
def decode(heads: Sequence[Tensor], anchors_px: Tensor, strides: Sequence[int]) -> Tensor:
    """B × N × (5 + C), 32-bit: x y w h (centre, pixels), objectness and class probabilities, 0 to 1.

    Heads are B × A × H × W × (5 + C), a level each; anchors L × A × 2, pixels. Order: level, anchor, row, column. With
    a cell g, an anchor a and a stride s: centre (2σ(t) − 0.5 + g) · s, size (2σ(t))² · a.
    """
    sizes = [head.shape[1:4].numel() for head in heads]
    rows = heads[0].new_empty((len(heads[0]), sum(sizes), heads[0].shape[4]), dtype=torch.float32)
    for head, part, anchors, stride in zip(heads, rows.split_with_sizes(sizes, 1), anchors_px, strides, strict=True):
        cells = part.view(head.shape)
        torch.sigmoid(head.float(), out=cells)
        row, column = (torch.arange(cells.shape[axis], device=cells.device) for axis in (2, 3))
        _to_pixels(cells, row[:, None], column, anchors[:, None, None], stride)
    return rows


@torch.no_grad()
def likely(heads: Sequence[Tensor], anchors_px: Tensor, strides: Sequence[int], conf: float) -> list[Tensor]:
    """Of each image the rows of `decode` whose objectness is above `conf`: n × (5 + C); no other is computed.

    `nms` makes the same of them as of all rows, if its threshold is no lower.
    """
    levels: list[tuple[Tensor, ...]] = []
    for head, anchors, stride in zip(heads, anchors_px, strides, strict=True):
        image, anchor, row, column = (head[..., 4].float().sigmoid() > conf).nonzero(as_tuple=True)
        cells = head[image, anchor, row, column].float().sigmoid()
        _to_pixels(cells, row, column, anchors[anchor], stride)
        levels.append(cells.split_with_sizes(image.bincount(minlength=len(head)).tolist()))
    return [torch.cat(parts) for parts in zip(*levels, strict=True)]


def _to_pixels(cells: Tensor, row: Tensor, column: Tensor, anchors: Tensor, stride: int) -> None:
    """Turns what σ left of tx ty tw th (… × (5 + C)) into pixels, in its place."""
    for axis, cell in enumerate((column, row)):
        cells[..., axis].mul_(2).add_(cell - 0.5).mul_(stride)
    cells[..., 2:4].mul_(2).square_().mul_(anchors)


@torch.no_grad()
def nms(rows: Tensor | Sequence[Tensor], settings: Settings) -> list[Tensor]:
    """The boxes kept of each image: n × 6, x1 y1 x2 y2 score class, the highest score first.

    `rows` are those of `decode` or `likely`, of any precision; a row with a number that is not finite is dropped. The
    score is objectness times class probability. Greedy: a box is kept unless one kept before overlaps it. Among equal
    scores the order is that of the rows, then of the classes.
    """
    return [_kept(candidates(_computable(image), settings), settings) for image in rows]


def _computable(rows: Tensor) -> Tensor:
    """The rows where 64-bit floats and greedy suppression are at hand, which Apple's devices lack."""
    return rows.cpu() if rows.device.type == "mps" else rows


def candidates(rows: Tensor, settings: Settings) -> Candidates:
    """What competes in one image (N × (5 + C)): boxes with their classes above the threshold."""
    rows = rows.index_select(0, (rows[:, 4] > settings.conf).nonzero()[:, 0]).float()
    boxes, scores = corners(rows), rows[:, 5:] * rows[:, 4:5]
    finite = rows.sum(dim=1).isfinite() & boxes.isfinite().all(dim=1)
    if settings.multi_label:
        chosen, classes = (scores > settings.conf).nonzero(as_tuple=True)
        score = scores[chosen, classes]
    else:
        score, classes = scores.max(dim=1)
        chosen = (score > settings.conf).nonzero()[:, 0]
        score, classes = score[chosen], classes[chosen]
    wanted = finite[chosen] & score.isfinite()
    if settings.classes is not None:
        wanted &= torch.isin(classes, torch.tensor(settings.classes, dtype=classes.dtype, device=classes.device))
    order = _highest(torch.where(wanted, score, -1.0), int(wanted.count_nonzero()))
    return Candidates(boxes[chosen[order]], score[order], classes[order])


def _highest(score: Tensor, count: int) -> Tensor:
    """Places of the `count` highest scores, of the most that compete; descending, equal ones in their order."""
    count = min(count, MOST_CANDIDATES)
    if not count:
        return torch.zeros(0, dtype=torch.int64, device=score.device)
    least = score.topk(count, sorted=False).values.min()
    high = (score >= least).nonzero()[:, 0]  # so that not all of them, of which there can be millions, are sorted
    return high[score[high].argsort(descending=True, stable=True)[:count]]


def corners(boxes: Tensor) -> Tensor:
    """Centre and size (n × 4 and more) → x1 y1 x2 y2 (n × 4)."""
    centre, half = boxes[:, :2], boxes[:, 2:4] / 2
    return torch.cat((centre - half, centre + half), dim=1)


def _kept(found: Candidates, settings: Settings) -> Tensor:
    rows = torch.cat((found.boxes, found.scores[:, None], found.classes[:, None].to(found.scores)), dim=1)
    if not len(rows):
        return rows
    boxes = found.boxes if settings.agnostic else apart(found.boxes, found.classes)
    return rows[_greedy(boxes, found.scores, settings)]


def apart(boxes: Tensor, classes: Tensor) -> Tensor:
    """The same boxes (n × 4, n at least 1), each class shifted so far that no two of them can touch.

    The step is upstream's wherever that is enough, for the rounding it brings is part of the result; it grows with the
    extent of the boxes, and where it would leave too coarse a grid of 32-bit floats, the shifted boxes are 64-bit.
    """
    step = max(CLASS_STEP, float(boxes.max() - boxes.min()))
    if float(classes.max()) * step > COARSE:
        boxes = boxes.double()
    return boxes + (classes.to(boxes) * step)[:, None]


def _greedy(boxes: Tensor, scores: Tensor, settings: Settings) -> Tensor:
    """Places of the boxes that are kept. What is kept among the first is not changed by those that follow them."""
    for seen in _more(len(boxes)):
        kept: Tensor = greedy(boxes[:seen], scores[:seen].to(boxes), settings.iou)[: settings.max_detections]
        if len(kept) == settings.max_detections:
            break
    return kept


def _more(count: int) -> Iterator[int]:
    seen = FIRST
    while seen < count:
        yield seen
        seen *= FURTHER
    yield count
