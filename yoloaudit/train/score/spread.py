"""What two sides score, over all and in each sample → where their difference lies, and how sure its sign is.

R runs of a side, S samples of N images. Between two runs the images alone are left to chance: the ends are percentiles
of the samples, stretched about their mean as far as Student's t asks for. Few images vary less among themselves than
what they were drawn from (Hesterberg 2015, "What teachers should know about the bootstrap"), and if few of them hold
most of the labels, they are few: it is the effective number that counts (Kish 1965). Several runs of a side say how
much another seed would change, and that is added to the variance (Satterthwaite 1946): to draw three seeds anew, too,
holds the truth far too seldom. All was chosen by how often it does: benchmarks/compare_intervals.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from yoloaudit.train.score.areas import Kind
from yoloaudit.train.score.pairs import Exact

LEVEL = 0.95
FAR = float(special.ndtri((1 + LEVEL) / 2))
"""Standard deviations that an interval reaches to each side where all is known: 1.96."""
JUMPS = 0.95
"""Scores that jump vary less among data sets than in samples, where images that are drawn twice make them jump more:
their spread by that of the samples, measured from 12 to 500 images. It outweighs that few images vary too little."""
LEAST_SAMPLES, LEAST_IMAGES = 2, 3.0
"""Samples, and effective images, that something can be said of."""


class Spread(NamedTuple):
    """NaN where nothing can be said."""

    low: float
    high: float
    """Ends of the 95 % interval."""
    chance: float
    """The share of confidence on the side of 0 that the difference is on: 0.5 to 1."""


class Part(NamedTuple):
    """Of a variance that is estimated."""

    variance: float
    freedom: float
    """Degrees of."""


NOTHING = Spread(float("nan"), float("nan"), float("nan"))


def effective_images(kinds: Sequence[Kind]) -> float:
    """How many images with as many labels each would say as much; every class has the same weight."""
    shares: dict[int, float] = {}
    for kind in kinds:
        total = float(kind.labels.sum())
        for image, labels in zip(kind.labelled.tolist(), kind.labels.tolist(), strict=True):
            shares[image] = shares.get(image, 0.0) + (labels / total if total else 0.0)
    squares = sum(share**2 for share in shares.values())
    return sum(shares.values()) ** 2 / squares if squares else 0.0


def spread_of(wholes: Sequence[Exact], samples: Sequence[Exact], images: float, *, jumping: bool = False) -> Spread:
    """Of the last side less the first one, or of a difference where there is one side alone.

    By side: R scores of all images, and R × S scores in the samples, NaN where a sample has none; `images` is their
    effective number. `jumping`: of scores that jump, about the difference itself.
    """
    value = _gap([float(whole.mean()) for whole in wholes])
    gaps = _gap([own.mean(axis=0) for own in samples])
    gaps = gaps[np.isfinite(gaps)]
    if not np.isfinite(value) or len(gaps) < LEAST_SAMPLES or images < LEAST_IMAGES:
        return NOTHING
    deviation = float(gaps.std(ddof=1))
    truer = JUMPS**2 if jumping else images / (images - 1)
    parts = _parts(Part(deviation**2 * truer, images - 1), wholes, samples)
    variance = sum(part for part, _ in parts)
    if variance <= 0:
        return Spread(value, value, 0.5 if value == 0 else 1.0)
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    error = float(np.sqrt(variance))
    if jumping or deviation == 0:
        reach = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * error
        return Spread(value - reach, value + reach, float(special.stdtr(freedom, abs(value) / error)))
    return _stretched(value, gaps, freedom, error / deviation)


def _gap(sides: Sequence[Any]) -> Any:
    return sides[0] if len(sides) == 1 else sides[1] - sides[0]


def _parts(by_images: Part, wholes: Sequence[Exact], samples: Sequence[Exact]) -> list[Part]:
    """Of how much variance what is the reason: the images alone, and the seeds, also as these suit just these images.

    Runs of a side say the latter; what of it is in the samples, too, is taken off the images. Seeds are thought to
    vary as much on both sides, and on a side of one run as on the other.
    """
    several = [(own, found) for own, found in zip(wholes, samples, strict=True) if len(own) > 1]
    if not several:
        return [by_images]
    degrees = sum(len(own) - 1 for own, _ in several)
    by_seeds = sum((len(own) - 1) * float(own.var(ddof=1)) for own, _ in several) / degrees
    suiting = sum(float(np.nansum(np.nanvar(found - found.mean(axis=0), axis=1))) for _, found in several) / degrees
    share = sum(1 / len(own) for own in wholes)
    return [Part(max(0.0, by_images[0] - suiting * share), by_images[1]), Part(by_seeds * share, degrees)]


def _stretched(value: float, gaps: Exact, freedom: float, wider: float) -> Spread:
    """Percentiles of the samples, stretched about their mean."""
    middle = float(gaps.mean())
    stretch = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * wider / FAR
    low, high = middle + (np.quantile(gaps, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) - middle) * stretch
    beyond = middle + (gaps - middle) * stretch
    share = (np.count_nonzero(beyond > 0) + 0.5 * np.count_nonzero(beyond == 0) + 0.5) / (len(gaps) + 1)
    far = float(special.ndtri(share))
    if share > 1 - 1 / len(gaps) or share < 1 / len(gaps):
        far = np.sign(far) * max(abs(far), abs(middle) / (float(gaps.std()) * stretch))
    known = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) / FAR
    sure = float(special.stdtr(freedom, far * known))
    return Spread(float(low), float(high), sure if value > 0 else 1 - sure if value < 0 else 0.5)
