"""A finding → the pictures that show it: around which boxes each is cut, and what is drawn on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Location
from yoloaudit.report.text import show
from yoloaudit.report.thumbnails import Box, Thumbnail, Wanted

MOST_PATH, MOST_MARKS = 4096, 40
EXAMPLES = 3
"""Pictures of a finding that stands for many, and of one that is about several images."""
CORNERS = ["x1", "y1", "x2", "y2"]
SAME = 1.0
"""Pixels: a proposal that is nowhere farther from the label is no other box."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A box on a picture, in pixels of the image: `label`, `proposed` or `other`."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown; without `uri`, `problem` says why it is not."""

    said: str
    caption: str
    uri: str = ""
    view: str = ""
    part: tuple[float, float, float, float] = (0, 0, 0, 0)
    """x y width height of the pixels, in pixels of the image."""
    marks: tuple[Mark, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A picture that is to be made."""

    where: Location
    labels: tuple[Box, ...]
    proposed: Box | None
    caption: str

    @property
    def wanted(self) -> Wanted:
        """What to cut."""
        assert self.where.image is not None
        return Wanted(self.where.image, self.labels if self.proposed is None else (*self.labels, self.proposed))


def plans(finding: Finding) -> list[Plan]:
    """The pictures of a finding: of its image, and of other images that belong to it; of a root cause, of examples."""
    own, others = finding.where, _elsewhere(finding)
    if own.image is None:
        return others[:EXAMPLES]
    labels, proposed = _boxes(finding)
    caption = show(own.image, MOST_PATH) if others else ""
    return [Plan(own, labels, proposed, caption), *others[: EXAMPLES - 1]]


def _elsewhere(finding: Finding) -> list[Plan]:
    """The places of a finding in images other than its own, image by image."""
    places: dict[str, list[Location]] = {}
    for where in finding.related:
        known = where.image in places or len(places) < EXAMPLES
        if where.image is not None and where.image != finding.where.image and known:
            places.setdefault(where.image, []).append(where)
    return [
        Plan(own[0], _most(where.box for where in own), None, show(image, MOST_PATH)) for image, own in places.items()
    ]


def _boxes(finding: Finding) -> tuple[tuple[Box, ...], Box | None]:
    """The labels that a finding is about, and what is proposed, if it is another box."""
    where, proposed = finding.where, finding.suggestion
    related = _most(other.box for other in finding.related if other.image == where.image)
    if where.box is None:
        return related, None if proposed is None else proposed.box
    if where.line is None and (proposed is not None or finding.score is not None):
        return related, where.box
    labels = where.box, *related
    if proposed is None or max(abs(a - b) for a, b in zip(where.box, proposed.box, strict=True)) <= SAME:
        return labels, None
    return labels, proposed.box


def _most(boxes: Iterable[Box | None]) -> tuple[Box, ...]:
    """Those that there are, and no more than can be told apart."""
    return tuple(islice((box for box in boxes if box is not None), MOST_MARKS))


class Labels:
    """The labels of some images of a data set."""

    def __init__(self, dataset: Dataset, paths: Collection[str]) -> None:
        wanted = set(paths)
        numbered = [(path, row) for row, path in enumerate(dataset.images["path"].tolist()) if path in wanted]
        self._rows = dict(reversed(numbered))
        images = dataset.boxes["image"].to_numpy()
        own = np.flatnonzero(np.isin(images, list(self._rows.values())) & dataset.boxes["error"].isna().to_numpy())
        own = own[np.argsort(images[own], kind="stable")]
        self._images = images[own]
        self._corners = dataset.boxes[CORNERS].iloc[own].to_numpy(np.float64)

    def within(self, path: str, frame: Box, drawn: Sequence[Box] = ()) -> list[Box]:
        """Corners of labels of an image that can be seen in a part of it, but for those that are drawn anyway."""
        row = self._rows.get(path)
        if row is None:
            return []
        first, last = np.searchsorted(self._images, [row, row + 1])
        own = self._corners[first:last]
        with np.errstate(invalid="ignore"):
            seen = (own[:, :2] < frame[2:]).all(axis=1) & (own[:, 2:] > frame[:2]).all(axis=1)
            for box in drawn:
                seen &= np.abs(own - box).max(axis=1) >= SAME
        return [(x1, y1, x2, y2) for x1, y1, x2, y2 in own[np.flatnonzero(seen)[:MOST_MARKS]].tolist()]


def picture(plan: Plan, made: Thumbnail | str, others: Labels) -> Picture:
    """The picture of a plan, with the other labels in view."""
    said = _said(plan)
    if isinstance(made, str):
        return Picture(said, plan.caption, problem=f"No picture: {show(made)}")
    x1, y1, x2, y2 = made.frame
    left, top, right, bottom = made.part
    drawn = [_mark("other", box) for box in others.within(plan.wanted.image, made.frame, plan.labels)]
    drawn += [_mark("label", box) for box in plan.labels]
    drawn += [] if plan.proposed is None else [_mark("proposed", plan.proposed)]
    view = " ".join(f"{side:g}" for side in (x1, y1, x2 - x1, y2 - y1))
    part = round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1)
    return Picture(said, plan.caption, made.uri, view, part, tuple(drawn))


def _mark(kind: str, box: Sequence[float]) -> Mark:
    x1, y1, x2, y2 = (min(1e6, max(-1e6, round(side, 1))) for side in box)
    return Mark(kind, x1, y1, round(max(0.0, x2 - x1), 1), round(max(0.0, y2 - y1), 1))


def _said(plan: Plan) -> str:
    drawn = [f"{len(plan.labels)} label{'' if len(plan.labels) == 1 else 's'} drawn solid"] if plan.labels else []
    drawn += ["a proposed box drawn dashed"] if plan.proposed is not None else []
    return f"{show(plan.where.image or '', MOST_PATH)}{': ' if drawn else ''}{', '.join(drawn)}"
