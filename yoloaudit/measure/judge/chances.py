"""Scores of rows as they are, and of rows known to be wrong → the chance that a row as it is is wrong.

Nobody knows how many rows are wrong. But above a score that s of the planted errors reach, there can be no more errors
than rows; so there are at most as many errors as rows above it, by s, and the least of these bounds is what is believed
(mixture proportion estimation: Blanchard, Lee and Scott 2010). The chance by score is a logistic curve that puts as
many errors above every score as that number and the planted errors tell.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from yoloaudit.evidence import Floats

REACHED = np.linspace(0.1, 0.9, 17)
"""Shares of the planted errors at whose scores the curve is held to what is expected."""
SURE = np.linspace(0.2, 0.9, 15)
"""The same for the bounds: above the highest scores there are too few rows to bound anything."""
MOST = 0.98
"""No chance is said to be higher: a few per cent of what looks like an error is none."""
MOST_SHARE = 0.5
STARTS = ((0.0, 0.0), (1.0, -1.0), (0.5, 1.0), (1.0, -4.0), (1.5, -2.0))
STEPS = 200


def expected(scores: Floats, planted: Floats) -> float:
    """How many of the rows with these scores look like the planted errors; -inf is an error that shows nowhere."""
    if not len(scores) or not len(planted):
        return 0.0
    limits = np.quantile(planted, 1 - SURE, method="lower")
    limits = limits[np.isfinite(limits)]
    above = len(scores) - np.searchsorted(np.sort(scores), limits)
    bounds = (above + np.sqrt(above) + 0.5) / np.maximum(_reached(planted, limits), 1e-9)  # the least of noisy ones
    return float(min(bounds.min(initial=np.inf), MOST_SHARE * len(scores)))


def _reached(planted: Floats, limits: Floats) -> Floats:
    """The share of the planted errors at or above each limit."""
    return np.array([(planted >= limit).mean() for limit in limits])


def chances(scores: Floats, planted: Floats, believed: float = 1.0) -> Floats:
    """N: the chance of each of these rows to be an error like the planted ones.

    `believed` is the share of what looks like an error of this kind that is one, and no habit of the people who label.
    """
    finite = planted[np.isfinite(planted)]
    count = believed * expected(scores, planted)
    if count <= 0 or len(finite) < 2:
        return np.zeros(len(scores))
    limits = np.quantile(finite, 1 - REACHED)
    above = scores[None] >= np.append(limits, -np.inf)[:, None]
    wanted = count * np.append(_reached(planted, limits), len(finite) / len(planted))
    wanted = np.minimum(wanted, above.sum(axis=1))
    middle, spread = float(np.median(finite)), float(finite.std()) + 1e-6
    scaled = (scores - middle) / spread

    def off(curve: Floats) -> float:
        made = above @ expit(np.exp(np.minimum(curve[0], 5)) * scaled + curve[1])
        return float((((made - wanted) / np.sqrt(wanted + 1)) ** 2).sum())

    fits = [minimize(off, start, method="Nelder-Mead", options={"maxiter": STEPS}) for start in STARTS]
    slope, height = min(fits, key=lambda fit: float(fit.fun)).x
    return np.asarray(MOST * expit(np.exp(min(slope, 5)) * scaled + height))
