"""How wide a distribution is, and how far two of them are apart: entropy, Kolmogorov and Smirnov's distance."""

from __future__ import annotations

import math

import numpy as np

from yoloaudit.geometry import Floats, Integers


def entropy(counts: Integers) -> float:
    """Shannon's entropy of a histogram in bits: 0 where all is in one bin, log2 of their number where all are alike."""
    share = counts[counts > 0] / max(int(counts.sum()), 1)
    return float(max(-(share * np.log2(share)).sum(), 0.0))


def distance(first: Floats, second: Floats) -> float:
    """Kolmogorov and Smirnov's distance of two samples, 0 to 1: how far their cumulative shares part at the most."""
    first, second = np.sort(first), np.sort(second)
    steps = np.concatenate([first, second])
    shares = (np.searchsorted(sample, steps, side="right") / max(len(sample), 1) for sample in (first, second))
    return float(np.abs(np.subtract(*shares)).max(initial=0.0))


def distance_by_chance(first: int, second: int, risk: float) -> float:
    """The distance that two samples of these sizes from one distribution exceed with this probability.

    The first term of Smirnov's series (1948, "Table for estimating the goodness of fit of empirical distributions"),
    risk = 2 exp(−2 d² n m / (n + m)), solved for d. Samples with ties, and small ones, exceed it less often.
    """
    if not first or not second:
        return 1.0
    return min(1.0, math.sqrt(-math.log(risk / 2) / 2 * (1 / first + 1 / second)))
