"""Runs on the same images → every score of each, and differences with intervals: over all, by class, by size.

All runs are scored in the same samples of the images; with several seeds a side the interval says what another training
would give, too. A difference is B less A. S samples, R runs of a side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from yoloaudit.progress import Progress, silent
from yoloaudit.train.score.areas import Kind, Weights
from yoloaudit.train.score.bands import bands_of
from yoloaudit.train.score.draws import METRICS, drawn, kinds_of, mean_over_classes, once, scores_of
from yoloaudit.train.score.evidence import Evidence
from yoloaudit.train.score.pairs import Exact
from yoloaudit.train.score.resample import SAMPLES, SEED, samples_for
from yoloaudit.train.score.spread import effective_images, spread_of

ALL = "all"
JUMPING = ("precision", "recall")
"""Scores that jump, as another confidence is the best in every sample."""


class Part(NamedTuple):
    """What is scored by itself: everything, a class, or a size."""

    name: str
    """`all`, the number of a class, or the name of a band."""
    images: int
    """With labels of it."""
    instances: int
    effective: float
    """Images with as many labels each that would say as much."""


class Plan(NamedTuple):
    """What of a run is scored."""

    kinds: list[Kind]
    bands: list[tuple[str, list[Kind]]]

    def parts(self) -> list[Part]:
        """Everything, then the classes, then the sizes."""
        own = [(ALL, self.kinds), *((str(kind.number), [kind]) for kind in self.kinds), *self.bands]
        return [_part(name, kinds) for name, kinds in own]


@dataclass(frozen=True, eq=False)
class Scored:
    """A run's scores by part and metric."""

    whole: dict[tuple[str, str], float]
    samples: dict[tuple[str, str], Exact]
    """S each; NaN where a sample has no label of the part."""


class Estimate(NamedTuple):
    """A score of both sides, and their difference; NaN where it cannot be told."""

    a: float
    b: float
    difference: float
    low: float
    high: float
    """Ends of the 95 % interval of the difference."""
    chance: float
    """How sure it is that the difference has its sign: 0.5 to 1. At 0.975 the interval ends at 0."""
    seeds_a: tuple[float, ...]
    seeds_b: tuple[float, ...]
    """The score of each run."""

    @property
    def is_real(self) -> bool:
        """Whether 0 lies outside of the interval."""
        return self.low > 0 or self.high < 0


def plan_of(evidence: Evidence, *, whole_only: bool = False) -> Plan:
    """What is scored of it; `whole_only`: neither sizes nor, later on, classes by themselves."""
    bands = [] if whole_only else bands_of(evidence)
    return Plan(kinds_of(evidence), [(band.name, kinds_of(evidence, band.counted, band.labels)) for band in bands])


def scored(
    plans: Sequence[Plan], images: int, *, samples: int = SAMPLES, seed: int = SEED, progress: Progress = silent
) -> list[Scored]:
    """Score every run as a whole and in the same samples of so many images."""
    wholes = [_scores(plan, once(images)) for plan in plans]
    found: list[list[dict[tuple[str, str], Exact]]] = [[] for _ in plans]
    with progress.task("drawing images anew", samples) as step:
        for weights in drawn(images, samples, seed):
            for run, plan in enumerate(plans):
                found[run].append(_scores(plan, weights))
            step(weights.shape[1])
    return [
        Scored(
            {key: float(value[0]) for key, value in whole.items()},
            {key: np.concatenate([part[key] for part in parts]) for key in whole},
        )
        for whole, parts in zip(wholes, found, strict=True)
    ]


def samples_of(runs: Sequence[Evidence], most: int) -> int:
    """How many samples are drawn, of so many that are wished for."""
    return samples_for(runs, most)


def _scores(plan: Plan, weights: Weights) -> dict[tuple[str, str], Exact]:
    scores = scores_of(plan.kinds, weights)
    made: dict[tuple[str, str], Exact] = {}
    for metric in METRICS:
        values = getattr(scores, metric)
        made[ALL, metric] = mean_over_classes(values)
        made |= {(str(number), metric): row for number, row in zip(scores.classes.tolist(), values, strict=True)}
    for name, kinds in plan.bands:
        own = scores_of(kinds, weights, scores.best)
        made |= {(name, metric): mean_over_classes(getattr(own, metric)) for metric in METRICS}
    return made


def _part(name: str, kinds: Sequence[Kind]) -> Part:
    images = len(np.unique(np.concatenate([kind.labelled for kind in kinds]))) if kinds else 0
    return Part(name, images, int(sum(kind.labels.sum() for kind in kinds)), effective_images(kinds))


def between(a: Sequence[Scored], b: Sequence[Scored], part: Part, metric: str) -> Estimate:
    """The difference between two sides of runs that have nothing to do with one another but the images."""
    key, jumping = (part.name, metric), metric in JUMPING
    first, second = (np.array([run.whole[key] for run in side]) for side in (a, b))
    in_first, in_second = (np.array([run.samples[key] for run in side]) for side in (a, b))
    spread = spread_of((first, second), (in_first, in_second), part.effective, jumping=jumping)
    return _estimate(first, second, spread)


def within(before: Sequence[Scored], after: Sequence[Scored], part: Part, metric: str) -> Estimate:
    """The difference of the same runs, held against other labels, run by run."""
    key, jumping = (part.name, metric), metric in JUMPING
    first, second = (np.array([run.whole[key] for run in side]) for side in (before, after))
    gaps = np.array([two.samples[key] - one.samples[key] for one, two in zip(before, after, strict=True)])
    spread = spread_of((second - first,), (gaps,), part.effective, jumping=jumping)
    return _estimate(first, second, spread)


def _estimate(first: Exact, second: Exact, spread: tuple[float, float, float]) -> Estimate:
    a, b = float(first.mean()), float(second.mean())
    low, high = max(-1.0, spread[0]), min(1.0, spread[1])
    if not np.isfinite(spread[0]):
        low = high = spread[0]
    return Estimate(a, b, b - a, low, high, spread[2], tuple(first.tolist()), tuple(second.tolist()))
