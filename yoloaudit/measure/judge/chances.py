"""Scores of rows as they are, and of rows known to be wrong → the chance that a row as it is is wrong.

Nobody knows how many rows are wrong. But above a score that s of the planted errors reach, there can be no more errors
than rows; so the share of wrong rows is at most the share of rows above it by s, and the least of these bounds is what
is believed (mixture proportion estimation: Blanchard, Lee and Scott 2010). The chance by score is a logistic curve that
puts as many errors above every score as that share and the planted errors tell.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from yoloaudit.evidence import Floats

REACHED = np.linspace(0.1, 0.9, 17)
"""Shares of the planted errors at whose scores the bounds are taken."""
MOST = 0.98
"""No chance is said to be higher: a few per cent of what looks like an error is none."""
MOST_SHARE = 0.5


def expected(scores: Floats, planted: Floats) -> float:
    """How many of the rows with these scores are errors like the planted ones; -inf is an error that shows nowhere."""
    if not len(scores) or not len(planted):
        return 0.0
    limits = np.quantile(planted, 1 - REACHED, method="lower")
    limits = limits[np.isfinite(limits)]
    above = len(scores) - np.searchsorted(np.sort(scores), limits)
    reached = np.array([(planted >= limit).mean() for limit in limits])
    bounds = (above + np.sqrt(above) / 2 + 0.5) / np.maximum(reached, 1e-9)  # the least of noisy bounds is too low
    return float(min(bounds.min(initial=np.inf), MOST_SHARE * len(scores)))


def chances(scores: Floats, planted: Floats) -> Floats:
    """N: the chance of each of these rows to be an error like the planted ones."""
    count = expected(scores, planted)
    finite = planted[np.isfinite(planted)]
    if count <= 0 or len(finite) < 2:
        return np.zeros(len(scores))
    limits = np.append(np.quantile(finite, 1 - REACHED), -np.inf)  # the last one: so many in all
    wanted = count * np.array([np.count_nonzero(finite >= limit) for limit in limits]) / len(planted)
    above = scores[None] >= limits[:, None]
    middle, spread = float(np.median(finite)), float(finite.std()) + 1e-6
    scaled = (scores - middle) / spread

    def off(curve: Floats) -> float:
        made = above @ expit(np.exp(curve[0]) * scaled + curve[1])
        return float((((made - wanted) / np.sqrt(wanted + 1)) ** 2).sum())

    starts = ([0.0, 0.0], [1.0, -1.0], [0.5, 1.0])
    fits = [minimize(off, start, method="Nelder-Mead", options={"maxiter": 200}) for start in starts]
    best = min(fits, key=lambda fit: float(fit.fun)).x
    return np.asarray(MOST * expit(np.exp(best[0]) * scaled + best[1]))
