"""Scores of rows as they are, and of rows known to be wrong → the chance that a row as it is is wrong.

Nobody knows how many rows are wrong. But above a score that s of the planted errors reach, there can be no more errors
than rows; so there are as many errors at most as seldom put so few above it, and the least of these bounds, a few
neighbours taken together, is believed (mixture proportion estimation: Blanchard, Lee and Scott 2010). The chance by
score is a logistic curve that puts as many errors above every score as that number and the planted errors tell. Its
slope is the same for all kinds of error, so that what looks alike of two kinds has chances that can be held against
each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import bdtrin, expit

from yoloaudit.evidence import Floats, Integers

REACHED = np.linspace(0.1, 0.9, 17)
"""Shares of the planted errors at whose scores the curve is held to what is expected."""
SURE = np.linspace(0.2, 0.9, 15)
"""The same for the bounds: above the highest scores there are too few rows to bound anything."""
SELDOM = 0.17
"""The chance that is left to more errors than a bound: that there are none above the highest scores may be luck."""
NEIGHBOURS = 3
"""Bounds of which the mean is taken: the least of single ones is the luckiest."""
UNCLEAR = SURE[SURE >= 0.4]
"""The same where the clearest errors do not count."""
MOST = 0.98
"""Hardly a chance is said to be higher: a few per cent of what looks like an error is none."""
ORDER, HIGH = 0.01, 30.0
"""What is left above for keeping the surest in order, up to this height of the curve."""
MOST_SHARE = 0.5
"""Of the rows are wrong, whatever the scores say."""
LEAST = 1e-6
"""Shares that are reached are this far from 0 and 1."""
SLOPES, HEIGHTS = (-3.0, 3.0), (-20.0, 20.0)
"""Of the curve: log of its slope and its height at the middle of the planted errors, by their spread."""


class Looks(NamedTuple):
    """How much rows look like errors of one kind."""

    rows: Floats
    """N: scores of rows as they are."""
    planted: Floats
    """Scores of errors of this kind; -inf is one that shows nowhere."""
    believed: float = 1.0
    """The share of what looks like an error of this kind that is one, and no habit of the people who label."""
    overlooked: float = 0.0
    """The same share of what looks like any but the clearest errors, if it comes to more: nobody may overlook those."""


def expected(scores: Floats, planted: Floats, sure: Floats = SURE) -> float:
    """How many of the rows with these scores look like the planted errors; -inf is an error that shows nowhere."""
    if not len(scores) or not len(planted):
        return 0.0
    limits = np.quantile(planted, 1 - sure, method="lower")
    limits = limits[np.isfinite(limits)]
    above = len(scores) - np.searchsorted(np.sort(scores), limits)
    reached = np.clip(_reached(planted, limits), LEAST, 1 - LEAST)
    bounds = bdtrin(above.astype(float), SELDOM, reached)  # of so many errors, seldom so few reach the limit
    return float(min(_means(bounds).min(initial=np.inf), MOST_SHARE * len(scores)))


def _means(bounds: Floats) -> Floats:
    """The geometric mean of each and its neighbours."""
    width = min(NEIGHBOURS, len(bounds))
    return np.exp(np.convolve(np.log(bounds), np.full(width, 1 / max(width, 1)), "valid")) if width else bounds


def _reached(planted: Floats, limits: Floats) -> Floats:
    """The share of the planted errors at or above each limit."""
    return np.array([(planted >= limit).mean() for limit in limits])


def chances(kinds: Sequence[Looks]) -> list[Floats]:
    """For each kind, N: the chance of each of these rows to be an error like the planted ones."""
    curves = {number: curve for number, looks in enumerate(kinds) if (curve := _curve(looks)) is not None}
    made = [np.zeros(len(looks.rows)) for looks in kinds]
    if not curves:
        return made
    spread = float(np.median([curve.spread for curve in curves.values()]))

    def off(slope: float) -> float:
        return sum(curve.fitted(np.exp(slope) / spread)[0] for curve in curves.values())

    slope = np.exp(minimize_scalar(off, bounds=SLOPES, method="bounded").x) / spread
    for number, curve in curves.items():
        height = slope * (kinds[number].rows - curve.middle) + curve.fitted(slope)[1]
        made[number] = MOST * expit(height) + ORDER * np.clip(height, 0, HIGH) / HIGH
    return made


class _Curve(NamedTuple):
    """What the curve of one kind is held to."""

    falling: Floats
    """Scores of the rows, the highest first."""
    above: Integers
    """Rows above each of the limits; all of them at last."""
    wanted: Floats
    """Errors among these."""
    middle: float
    spread: float

    def fitted(self, slope: float) -> tuple[float, float]:
        """How far off the best curve of this slope is, and its height."""
        ends = self.above - 1

        def off(height: float) -> float:
            made = np.cumsum(expit(slope * (self.falling - self.middle) + height))
            made = np.where(ends >= 0, made[ends], 0)
            return float((((made - self.wanted) / np.sqrt(self.wanted + 1)) ** 2).sum())

        best = minimize_scalar(off, bounds=HEIGHTS, method="bounded")
        return float(best.fun), float(best.x)


def _curve(looks: Looks) -> _Curve | None:
    """None where there is nothing to find."""
    finite = looks.planted[np.isfinite(looks.planted)]
    count = max(
        looks.believed * expected(looks.rows, looks.planted),
        looks.overlooked * expected(looks.rows, looks.planted, UNCLEAR),
    )
    if count <= 0 or len(finite) < 2:
        return None
    falling = -np.sort(-looks.rows)
    limits = np.append(np.quantile(finite, 1 - REACHED), -np.inf)
    above = np.searchsorted(-falling, -limits, side="right")
    wanted = count * np.append(_reached(looks.planted, limits[:-1]), len(finite) / len(looks.planted))
    return _Curve(falling, above, np.minimum(wanted, above), float(np.median(finite)), float(finite.std()) + 1e-6)
