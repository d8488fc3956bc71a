"""Sizes of labels and a model's anchors → how well they fit, what would fit better, and what it would cost.

N labels, L levels, A anchors a level; sizes are width and height in pixels at the network's input. Nothing is changed
here: anchors that fit better make a model worse whose head has learnt the ones it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yoloaudit.train.anchors.fit import MOST, Exact, fit, quality
from yoloaudit.train.types import Floats

GOOD_BPR = 0.98
"""Anchors with a higher one are kept."""
UNASKED = "anchors: its own stay; --autoanchor takes the others"


@dataclass(frozen=True)
class Proposal:
    """Anchors that fit better, and the price of them."""

    anchors: Floats
    """L × A × 2, pixels, the smallest first."""
    bpr: float
    aat: float
    fitness: float
    kept: float | None
    """Mean IoU of the boxes with what a trained head that gets them exactly right would say on these anchors; None
    where they are more or fewer than its own."""


@dataclass(frozen=True)
class Fit:
    """How well a model's anchors fit the labels, as `fit.Quality` has it."""

    labels: int
    bpr: float
    aat: float
    fitness: float
    proposal: Proposal | None
    """None where the anchors are good enough, or nothing better is found."""


def sizes(shares: Floats, images: Floats, imgsz: int) -> Floats:
    """N × 2 sizes in pixels at the network's input, as long as nothing is augmented.

    `shares` are widths and heights of labels as shares of their images, `images` the width and height of the image of
    each label in any unit, both N × 2; `imgsz` is the longer side that images are brought to.
    """
    longest = images.max(axis=1, keepdims=True).astype(np.float64)
    scaled: Floats = (shares * (imgsz * images / longest)).astype(np.float32)
    return scaled


def check(sizes: Floats, anchors: Floats, *, anchor_t: float, rng: np.random.Generator, anew: int | None = None) -> Fit:
    """How well L × A × 2 anchors fit N × 2 sizes, and a proposal where less than 98 % of the labels have one that fits.

    With `anew`, the hyper-parameter `anchors`, so many anchors a level are proposed in any case. Sizes are taken as
    they are, not changed at random as in YOLOv5: the same data and `rng` always give the same answer.
    """
    now = quality(sizes, anchors.reshape(-1, 2), anchor_t)
    if anew is None and (now.bpr > GOOD_BPR or not len(sizes)):
        return Fit(len(sizes), *now, None)
    levels, each = anchors.shape[:2]
    start = anchors.reshape(-1, 2) if anew in (None, each) else None
    found = fit(sizes, levels * (anew or each), anchor_t, rng, start)
    then = quality(sizes, found, anchor_t)
    if anew is None and then.bpr <= now.bpr:
        return Fit(len(sizes), *now, None)
    kept = None if start is None else _kept(sizes[:: len(sizes) // MOST + 1], start, found)
    return Fit(len(sizes), *now, Proposal(found.reshape(levels, -1, 2), *then, kept))


def _kept(sizes: Floats, old: Floats, new: Floats) -> float:
    """The mean IoU of boxes with themselves where each is told by its best old anchor, which becomes the new one."""
    if not len(sizes):
        return 1.0
    apart = np.abs(np.log(np.maximum(sizes, 1e-3))[:, None] - np.log(old)).max(axis=2)
    factors: Exact = (new / old).astype(np.float64)[apart.argmin(axis=1)]
    common = np.minimum(factors, 1).prod(axis=1)
    return float((common / (1 + factors.prod(axis=1) - common)).mean())


def is_taken(found: Fit, *, trained: bool, asked: bool) -> bool:
    """Whether a training goes on with the proposal: one from scratch does, one from weights only if it is asked to."""
    return found.proposal is not None and (asked or not trained)


def sentences(found: Fit, *, trained: bool, asked: bool = False) -> list[str]:
    """What a person should know: how the anchors fit, what is done, and what other anchors cost a trained head."""
    if not found.labels:
        return ["anchors: there is no box to hold them against"]
    fits = f"anchors: for {found.bpr:.1%} of {found.labels:,} boxes one fits, {found.aat:.1f} on average"
    better = found.proposal
    if better is None:
        return [f"{fits}; they are kept"]
    told = [f"{fits}; others fit {better.bpr:.1%}, {better.aat:.1f} on average"]
    if not trained:
        return [*told, "anchors: the others are taken"]
    price = "it starts anew"
    if better.kept is not None:
        price = f"a box that it gets exactly right comes out with an IoU of {better.kept:.2f}"
    told.append(f"anchors: the head of these weights is used to its own; on the others {price}")
    return [*told, "anchors: the others are taken, as asked" if asked else UNASKED]
