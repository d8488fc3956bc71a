"""Numbers and findings of a Comparison → words, the same on the terminal and on the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yoloaudit.compare.changes import Changed
    from yoloaudit.compare.differences import Estimate
    from yoloaudit.compare.trained import Trained

METRICS = {"map50_95": "mAP50-95", "map50": "mAP50", "precision": "P", "recall": "R"}
MAIN = "map50_95"
UNKNOWN = "–"
SMALLEST = 0.0005
"""Differences below are shown as 0."""


def number(value: float) -> str:
    """A score."""
    return UNKNOWN if math.isnan(value) else f"{value:.3f}"


def signed(value: float) -> str:
    """A difference of scores."""
    if math.isnan(value):
        return UNKNOWN
    return f"{value:+.3f}".replace("-", "−") if abs(value) >= SMALLEST else "0.000"


def between(estimate: Estimate, to: str = " … ") -> str:
    """The interval."""
    return UNKNOWN if math.isnan(estimate.low) else f"{signed(estimate.low)}{to}{signed(estimate.high)}"


def percent(share: float) -> str:
    """How sure something is."""
    if math.isnan(share):
        return UNKNOWN
    return "> 99.9 %" if share > 0.999 else f"{share * 100:.1f} %"


def verdict(estimate: Estimate) -> tuple[str, str]:
    """In a word, and the reason: of mAP50-95 over all."""
    if math.isnan(estimate.low):
        return "Nothing can be said", "no sample of the images has a score"
    reach = f"95 % interval {between(estimate, ' to ')}"
    if not estimate.is_real:
        return "No difference is told apart", f"mAP50-95 of B less A is {signed(estimate.difference)}, {reach}"
    word = "better" if estimate.difference > 0 else "worse"
    return f"B is {word}", f"mAP50-95 by {signed(estimate.difference)}, {reach}"


def told(run: Trained) -> str:
    """What a run is, beside its folder."""
    epochs, seed = run.told("epochs"), run.told("options", "seed")
    parts = [f"{epochs:,} epoch{'' if epochs == 1 else 's'}"] if type(epochs) is int else []
    return ", ".join([*parts, *([f"seed {seed}"] if type(seed) is int else [])])


def by_chance(real: int, parts: int) -> str:
    """What to think of so many intervals of classes that leave 0 out."""
    chance = parts * 0.05
    about = f"{chance:.0f}" if chance >= 1 else "1 at most"
    return f"0 lies outside of {real:,} of {parts:,} intervals; by chance alone it would of about {about}"


def change(each: Changed) -> str:
    """What became of an image."""
    labels = f"{each.labels:,} label{'' if each.labels == 1 else 's'}"
    parts = [f"{each.gained:,} more found"] if each.gained else []
    parts += [f"{each.lost:,} lost"] if each.lost else []
    parts += [] if each.wrong_a == each.wrong_b else [f"wrong detections {each.wrong_a:,} → {each.wrong_b:,}"]
    return f"{labels}: {', '.join(parts)}"
