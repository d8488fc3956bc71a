"""Evidence → how sure its mAP is, and that of a difference between two runs: images drawn anew, with replacement.

Scores are YOLOv5's, intervals those of `spread`. What was held out by chance is all that is judged: another training
is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yoloaudit.train.score.areas import Weights, areas, labels_in
from yoloaudit.train.score.draws import drawn, kinds_of, mean_over_classes, once
from yoloaudit.train.score.evidence import Evidence, only
from yoloaudit.train.score.pairs import Exact
from yoloaudit.train.score.spread import effective_images, spread_of
from yoloaudit.training_run import Interval

SAMPLES, LEAST_SAMPLES = 1000, 200
WORK, CURVES = 4_000_000_000, 2_000_000
"""Detections, and curves (a class at a threshold), that all samples together take: of much evidence fewer are drawn."""
SEED = 0
AT_HALF, AT_ALL = slice(0, 1), slice(None)
"""Thresholds of mAP50 and of mAP50-95."""


def interval(evidence: Evidence, thresholds: slice = AT_HALF, *, seed: int = SEED) -> Interval | None:
    """The mean average precision over the classes with labels, and where it lies; None where nothing is labelled.

    Samples hold images twice, which flatters every score by as much: the interval is laid about the score of the whole.
    Of too few images nothing can be said, and it is all from 0 to 1.
    """
    (means,) = _means([evidence], thresholds, samples_for([evidence]), seed)
    whole, sampled = means[:1], means[1:]
    spread = spread_of((whole,), (sampled[None],), effective_images(kinds_of(evidence)))
    if not np.isfinite(whole[0]):
        return None
    if not np.isfinite(spread.low):
        return Interval(float(whole[0]), 0.0, 1.0, len(evidence.images))
    flattered = float(np.nanmean(sampled) - whole[0])
    low, high = (min(max(end - flattered, 0.0), 1.0) for end in spread[:2])
    return Interval(float(whole[0]), low, high, len(evidence.images))


def difference(ours: Evidence, theirs: Evidence, thresholds: slice = AT_ALL, *, seed: int = SEED) -> Interval | None:
    """The same of ours less theirs, sample by sample on the images that both were held against, with equal labels.

    None where they have none in common, or none that is labelled.
    """
    common = _common(ours, theirs)
    pair = [only(each, [place[at] for place in common]) for at, each in enumerate((ours, theirs))]
    first, second = _means(pair, thresholds, samples_for(pair), seed)
    images = effective_images(kinds_of(pair[1]))
    spread = spread_of((second[:1], first[:1]), (second[None, 1:], first[None, 1:]), images)
    if not np.isfinite(spread.low):
        return None
    return Interval(float(first[0] - second[0]), spread.low, spread.high, len(common))


def samples_for(evidence: Sequence[Evidence], most: int = SAMPLES) -> int:
    """How many samples are drawn of so much evidence."""
    detections = max((len(each.scores) for each in evidence), default=0)
    curves = max((each.hits.shape[1] * len(np.unique(each.labels[:, 1])) for each in evidence), default=0)
    able = min(WORK // max(1, detections), CURVES // max(1, curves))
    return int(np.clip(able, min(LEAST_SAMPLES, most), most))


def _common(ours: Evidence, theirs: Evidence) -> list[tuple[int, int]]:
    """Positions of the images that both have with the same labels."""
    known = {(path, digest): at for at, (path, digest) in enumerate(zip(theirs.images, theirs.digests, strict=True))}
    keys = zip(ours.images, ours.digests, strict=True)
    return [(at, known[key]) for at, key in enumerate(keys) if key in known]


def _means(evidence: Sequence[Evidence], thresholds: slice, samples: int, seed: int) -> list[Exact]:
    """Of each: the mean over classes and thresholds of all images, then of each sample (NaN where it has no label)."""
    images = len(evidence[0].images)
    if not images:
        return [np.full(1, np.nan) for _ in evidence]
    kinds = [[kind._replace(hits=kind.hits[:, thresholds]) for kind in kinds_of(each)] for each in evidence]

    def mean(number: int, weights: Weights) -> Exact:
        rows = [
            np.where(labels_in(kind, weights) > 0, areas(kind, weights).mean(axis=0), np.nan) for kind in kinds[number]
        ]
        return mean_over_classes(np.array(rows).reshape(-1, weights.shape[1]))

    made = [[mean(number, once(images))] for number in range(len(evidence))]
    for weights in drawn(images, samples, seed):
        for number, parts in enumerate(made):
            parts.append(mean(number, weights))
    return [np.concatenate(parts) for parts in made]
