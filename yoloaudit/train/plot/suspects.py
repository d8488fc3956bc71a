"""Findings that a model made, and the images that they are on → of the most certain ones a crop, boxes and words."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np

from yoloaudit.dataset.decodable import most_pixels
from yoloaudit.dataset.load import Dataset
from yoloaudit.files import Root
from yoloaudit.findings import Finding
from yoloaudit.train.images.picture import Picture, Unreadable, use
from yoloaudit.train.plot.drawing import name_of
from yoloaudit.train.types import Pixels

Box: TypeAlias = tuple[float, float, float, float]

MOST = 24
CELL = (308, 240)
"""Width and height of a crop."""
ROOM, LEAST_ROOM = 0.5, 24
"""What is shown around the boxes: a share of their longer side, and pixels at the least."""
SAME = 1.0
"""Pixels: a proposal that is nowhere farther from the label is no other box."""


class Suspect(NamedTuple):
    """A crop, and what is said of it."""

    words: tuple[str, str, str]
    pixels: Pixels
    """H × W × 3, RGB, of the shape of CELL."""
    labels: tuple[Box, ...]
    """x1 y1 x2 y2 as shares of the crop."""
    proposal: Box | None


def most_certain(findings: Iterable[Finding], rules: Collection[str]) -> list[Finding]:
    """Of each of these rules the findings with the highest scores, rule by rule; equally many, where there are."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.rule in rules and finding.where.image is not None and finding.where.box is not None:
            by_rule.setdefault(finding.rule, []).append(finding)
    ranked = [sorted(found, key=_certainty) for found in by_rule.values()]
    turns = [(turn, _certainty(finding), finding) for found in ranked for turn, finding in enumerate(found[:MOST])]
    kept = [finding for _, _, finding in sorted(turns, key=lambda each: each[:2])[:MOST]]
    return sorted(kept, key=lambda finding: (finding.rule, _certainty(finding)))


def _certainty(finding: Finding) -> tuple[float, str, int]:
    return -(finding.score or 0.0), finding.where.image or "", finding.where.line or 0


def suspects(findings: Sequence[Finding], dataset: Dataset) -> Iterator[Suspect]:
    """What is drawn of each; findings on images that can no longer be read are left out."""
    root = Root(dataset.root, dataset.untrusted)
    for finding in findings:
        assert finding.where.image is not None
        path = os.path.join(dataset.root, *finding.where.image.split("/"))
        try:
            yield use(root, path, most_pixels(root.contained), partial(_suspect, finding, dataset.names))
        except Unreadable:
            continue


def _suspect(finding: Finding, names: Sequence[str], picture: Picture) -> Suspect:
    labels, proposal = boxes_of(finding)
    whole = _around([*labels, *([] if proposal is None else [proposal])], picture.pixels.shape[1::-1])
    shares = tuple(_share(box, whole) for box in labels)
    proposed = None if proposal is None else _share(proposal, whole)
    return Suspect(words_of(finding, names), cut(picture.pixels, whole), shares, proposed)


def cut(picture: Pixels, part: Box) -> Pixels:
    """A part of a picture (BGR) at the size of CELL, in RGB; grey beyond the picture's edges."""
    left, top, right, bottom = part
    corner = max(0, round(left)), max(0, round(top))
    inside = picture[corner[1] : max(round(bottom), corner[1] + 1), corner[0] : max(round(right), corner[0] + 1)]
    scale = min(CELL[0] / (right - left), CELL[1] / (bottom - top))
    pixels = np.full((CELL[1], CELL[0], 3), 234, np.uint8)
    if inside.size:
        size = [max(1, min(most, round(side * scale))) for side, most in zip(inside.shape[1::-1], CELL, strict=True)]
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small = cv2.resize(inside, size, interpolation=how)[:, :, ::-1]
        x, y = (
            int(min(most - side, max(0, round((at - edge) * scale))))
            for most, side, at, edge in zip(CELL, size, corner, (left, top), strict=True)
        )
        pixels[y : y + size[1], x : x + size[0]] = small
    return pixels


def boxes_of(finding: Finding) -> tuple[list[Box], Box | None]:
    """The labels that it is about, the first of them the one that it names; and what is proposed, if it is another."""
    where, proposed = finding.where, finding.suggestion
    assert where.box is not None
    if where.line is None:
        return [], where.box
    labels = [where.box] + [other.box for other in finding.related if other.box and other.image == where.image]
    if proposed is None or max(abs(a - b) for a, b in zip(where.box, proposed.box, strict=True)) <= SAME:
        return labels, None
    return labels, proposed.box


def words_of(finding: Finding, names: Sequence[str]) -> tuple[str, str, str]:
    """The rule and how certain it is; the classes; where it is."""
    where, proposed = finding.where, finding.suggestion
    score = "" if finding.score is None else f" · {finding.score:.0%}"
    own = "object" if where.class_id is None else name_of(where.class_id, names)
    if where.line is None:
        classes = f"no label: {own}"
    elif proposed is None:
        classes = f"labelled {own}, nothing proposed"
    elif proposed.class_id != where.class_id:
        classes = f"labelled {own}, proposed {name_of(proposed.class_id, names)}"
    else:
        classes = f"labelled {own}, other box"
    line = "" if where.line is None else f", line {where.line}"
    return f"{finding.rule}{score}", classes, f"{os.path.basename(where.image or '')}{line}"


def _around(boxes: Sequence[Box], size: Sequence[int]) -> Box:
    """A part of the image (width, height) of the shape of a cell that has the boxes and room around them.

    They are in its middle, but it reaches beyond no edge that it need not; where the image is smaller, that is in it.
    """
    corners = np.array(boxes, np.float64)
    low, high = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    sides = np.maximum(high - low, 1)
    room = max(LEAST_ROOM, ROOM * float(sides.max()))
    scale = float(np.max((sides + 2 * room) / CELL))
    sides = np.array(CELL) * scale
    corner = (low + high - sides) / 2
    spare = np.array(size) - sides
    corner = np.where(spare >= 0, np.clip(corner, 0, np.maximum(spare, 0)), spare / 2)
    x1, y1, x2, y2 = np.concatenate([corner, corner + sides]).tolist()
    return x1, y1, x2, y2


def _share(box: Box, part: Box) -> Box:
    width, height = part[2] - part[0], part[3] - part[1]
    x1, y1, x2, y2 = box
    return (x1 - part[0]) / width, (y1 - part[1]) / height, (x2 - part[0]) / width, (y2 - part[1]) / height
