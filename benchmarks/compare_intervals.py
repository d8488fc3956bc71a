"""How often the 95 % interval of `yoloaudit compare` holds the true difference, on made-up pairs of models.

    python -m benchmarks.compare_intervals [--draws 500] [--metrics map|all] [case …]

In each case so many val sets are drawn, and each is compared with the functions that the command uses. The true
difference is that on very many images, of very many seeds where there are several. A case holds if between 93 and 97 of
100 intervals hold the truth, for each metric. Where it cannot be expected to hold it is said, and shown.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.model_pairs import World, drawn, labelled
from yoloaudit.compare.differences import ALL, Part, Plan, Scored, between, scored
from yoloaudit.train.score.areas import Kind, Weights, areas, labels_in
from yoloaudit.train.score.draws import drawn as images_drawn
from yoloaudit.train.score.draws import mean_over_classes, once
from yoloaudit.train.score.spread import effective_images

LEAST, MOST = 93.0, 97.0
SAMPLES = 1000
TRUE_IMAGES, TRUE_SEEDS, IMAGES_A_SEED = 200_000, 40, 20_000
MAPS, ALL_METRICS = ("map50", "map50_95"), ("map50", "map50_95", "precision", "recall")
EQUAL = World((1.0, 1.0, 1.0))
DIFFERENT = World((1.0, 1.0, 1.0), (-0.25, 0.25), (-0.2, 0.2))
GOOD = World((1.0, 1.0, 1.0), (1.5, 1.8), wrong=(0.5, 0.4))
RARE = World((1.0, 1.0, 0.05, 0.03, 0.02), (-0.2, 0.2))
LONE = World((1.0, 1.0, 0.004, 0.004), (-0.2, 0.2))
SEEDS = World((1.0, 1.0, 1.0), (0.0, 0.1), seeds=0.15)


class Case(NamedTuple):
    """A world, how many val images, and how many runs a side."""

    world: World
    images: int
    runs: tuple[int, int] = (1, 1)
    expected: bool = True
    """Whether the interval is expected to hold."""


CASES = {
    "equal, 50 images": Case(EQUAL, 50),
    "equal, 128 images": Case(EQUAL, 128),
    "equal, 1000 images": Case(EQUAL, 1000),
    "different, 50 images": Case(DIFFERENT, 50),
    "different, 128 images": Case(DIFFERENT, 128),
    "different, 1000 images": Case(DIFFERENT, 1000),
    "good, 50 images": Case(GOOD, 50),
    "rare classes, 50 images": Case(RARE, 50, expected=False),
    "rare classes, 128 images": Case(RARE, 128),
    "rare classes, 1000 images": Case(RARE, 1000),
    "classes in one image of 250, 128 images": Case(LONE, 128, expected=False),
    "3 seeds a side, 128 images": Case(SEEDS, 128, (3, 3)),
    "3 seeds a side, 500 images": Case(SEEDS, 500, (3, 3)),
    "3 seeds that do not matter, 128 images": Case(SEEDS._replace(seeds=0.0), 128, (3, 3)),
    "5 seeds a side, 128 images": Case(SEEDS, 128, (5, 5)),
    "2 seeds a side, 128 images": Case(SEEDS, 128, (2, 2), expected=False),
    "3 seeds against 1, 128 images": Case(SEEDS, 128, (3, 1), expected=False),
}


def main() -> None:
    """Run the cases that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="parts of their names")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--metrics", choices=["map", "all"], default="map")
    asked = parser.parse_args()
    chosen = {
        name: case for name, case in CASES.items() if not asked.cases or any(part in name for part in asked.cases)
    }
    metrics = MAPS if asked.metrics == "map" else ALL_METRICS
    held = [told(name, case, asked.draws, metrics) for name, case in chosen.items()]
    raise SystemExit(0 if all(held) else 1)


def told(name: str, case: Case, draws: int, metrics: Sequence[str]) -> bool:
    """Print how a case went; whether it holds, or was not expected to."""
    began = time.perf_counter()
    random = np.random.default_rng(0)
    truth = true_difference(case, metrics, random)
    inside, widths, known = np.zeros(len(metrics)), np.zeros(len(metrics)), 0
    for number in range(draws):
        found = estimated(case, metrics, random, number)
        if found is None:
            continue
        known += 1
        inside += (found[:, 0] <= truth) & (truth <= found[:, 1])
        widths += found[:, 1] - found[:, 0]
    shares = 100 * inside / max(1, known)
    parts = [
        f"{metric} {share:5.1f} % (true {true:+.3f}, width {width:.3f})"
        for metric, share, true, width in zip(metrics, shares, truth, widths / max(1, known), strict=True)
    ]
    good = bool(((shares >= LEAST) & (shares <= MOST)).all())
    verdict = "holds" if good else "DOES NOT HOLD" if case.expected else "does not hold, as expected"
    print(f"{name:<42} {'  '.join(parts)}  {known} draws, {time.perf_counter() - began:.0f} s  {verdict}", flush=True)
    return good or not case.expected


def true_difference(case: Case, metrics: Sequence[str], random: np.random.Generator) -> np.ndarray:
    """B less A on very many images, of very many seeds."""
    several, images = (TRUE_SEEDS, IMAGES_A_SEED) if case.world.seeds else (1, TRUE_IMAGES)
    gaps = []
    for _ in range(several):
        first, second = (labelled(runs[0]) for runs in drawn(case.world, images, random))
        one, other = (scored_on(kinds, once(images), metrics) for kinds in (first, second))
        gaps.append(np.concatenate([other[metric] - one[metric] for metric in metrics]))
    return np.asarray(np.mean(gaps, axis=0))


def estimated(case: Case, metrics: Sequence[str], random: np.random.Generator, seed: int) -> np.ndarray | None:
    """Ends of the interval of each metric, for one val set; None where nothing can be said."""
    sides = [[labelled(kinds) for kinds in runs] for runs in drawn(case.world, case.images, random, case.runs)]
    runs = [Plan(kinds, []) for side in sides for kinds in side]
    images = case.images
    if metrics == MAPS:
        made = [maps_of(plan.kinds, images, seed) for plan in runs]
    else:
        made = scored(runs, images, samples=SAMPLES, seed=seed)
    part = Part(ALL, images, 0, effective_images(sides[1][0]))
    cut = len(sides[0])
    found = [between(made[:cut], made[cut:], part, metric) for metric in metrics]
    ends = np.array([(each.low, each.high) for each in found])
    return ends if np.isfinite(ends).all() else None


def maps_of(kinds: Sequence[Kind], images: int, seed: int) -> Scored:
    """A run's mAP, as a whole and in samples; without precision and recall, which take most of the time."""
    whole = scored_on(kinds, once(images), MAPS)
    parts = [scored_on(kinds, weights, MAPS) for weights in images_drawn(images, SAMPLES, seed)]
    return Scored(
        {(ALL, metric): float(whole[metric][0]) for metric in MAPS},
        {(ALL, metric): np.concatenate([part[metric] for part in parts]) for metric in MAPS},
    )


def scored_on(kinds: Sequence[Kind], weights: Weights, metrics: Sequence[str]) -> dict[str, np.ndarray]:
    """Means over classes in each sample."""
    if tuple(metrics) != MAPS:
        (made,) = [scored([Plan(list(kinds), [])], weights.shape[0], samples=1)[0]]
        return {metric: np.array([made.whole[ALL, metric]]) for metric in metrics}
    tables = [np.where(labels_in(kind, weights) > 0, areas(kind, weights), np.nan) for kind in kinds]
    half, every = np.array([table[0] for table in tables]), np.array([table.mean(axis=0) for table in tables])
    return {"map50": mean_over_classes(half), "map50_95": mean_over_classes(every)}


if __name__ == "__main__":
    main()
