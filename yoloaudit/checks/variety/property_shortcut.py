"""property-shortcut: a number of the image that gives a class away."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from yoloaudit.checks.appearance import looks, size_in_words, sizes, trained_on
from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.counts import appearances
from yoloaudit.dataset.tables import Boxes, Defects, Hashes, Images, Pixels
from yoloaudit.findings import Severity, shorten
from yoloaudit.geometry import Floats, Integers

FOLDS = 5
MOST_BINS, LEAST_IN_BIN = 64, 10
"""Bins that a property is cut into at most, and images that each holds at least."""
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Fibonacci hashing (Knuth, The Art of Computer Programming 6.4): consecutive numbers fall into unlike folds."""


NOTHING: Floats = np.zeros(0)


class Property(NamedTuple):
    """A property of images: its name, the bin of each image, and the numbers, or the words of the bins."""

    name: str
    bins: Integers
    numbers: Floats
    words: tuple[str, ...] = ()


class Shown(NamedTuple):
    """Row i: a class, and the position of an image that shows it."""

    code: Integers
    image: Integers


class PropertyShortcut(Check):
    """Property of the image that gives a class away.

    Where cats were photographed in the dark and dogs by day, the model may learn the light instead of the animal, and
    fails on a cat by day. Add images that break the link. Each property (brightness, contrast, saturation, warmth,
    aspect ratio, area, size, camera) is cut into bins, and the majority of a bin guesses whether another image in it,
    no near-duplicate of theirs, shows the class. The predictive power is how far the F1 score of the guesses goes from
    that of always guessing yes (0) to no mistake (1). It does not see shortcuts in what the background shows, nor
    whether the link holds in the world too, as that of birds and bright sky.
    """

    severity = Severity.INFO
    kind = "heuristic"
    needs = ("train",)
    message = (
        "the {property} of a training image tells whether it shows class {name!r}: predictive power {value:.2f}, "
        "above {max_power:g}; {detail}{others}"
    )
    max_power: float = Field(0.3, gt=0, lt=1, description="predictive power that is let pass, 0 to 1")
    min_images: int = Field(30, ge=1, description="training images that show the class, and that do not, to judge it")

    good = (
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i, light=0.4 + i % 7 / 8) for i in range(80)}
            | {f"labels/train/{i}.txt": f"{i % 2} .5 .5 .2 .2\n" for i in range(80)},
            title="light tells nothing",
        ),
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i, light=0.4 if i % 3 else 1) for i in range(80)}
            | {f"labels/train/{i}.txt": f"{int(i % 3 == 0)} .5 .5 .2 .2\n" for i in range(80)},
            title="27 images of a class are too few",
        ),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i, light=0.4 if i % 2 else 1) for i in range(80)}
            | {f"labels/train/{i}.txt": f"{i % 2} .5 .5 .2 .2\n" for i in range(80)},
            title="one class in the dark",
        ),
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i, camera="K 20" if i % 2 else "M7") for i in range(80)}
            | {f"labels/train/{i}.txt": f"{i % 2 if i > 8 else 0} .5 .5 .2 .2\n" for i in range(80)},
            title="one class by one camera, but for a few",
        ),
    )

    def find(self, images: Images, pixels: Pixels, hashes: Hashes, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        kept = trained_on(images) & (images["fate"] == "used").to_numpy() & pixels["decoded"].to_numpy()
        judged, shown = shown_by(boxes, images.index.to_numpy()[kept], len(names), self.min_images)
        if not len(judged):
            return unmeasured(f"no class is in {self.min_images:,} training images and absent from as many")
        folds = folds_of(hashes["cluster"].to_numpy()[kept])
        properties = list(properties_of(images[kept], pixels[kept]))
        if not properties:
            return unmeasured("the training images are alike in every property")
        powers = np.stack([predictive_power(one.bins, folds, shown, len(judged)) for one in properties])
        told, best = powers.argmax(axis=0), powers.max(axis=0)
        found = []
        for at, one in enumerate(properties):
            classes = np.flatnonzero((told == at) & (best > self.max_power))
            if len(classes):
                most = int(classes[best[classes].argmax()])
                entry = {
                    "split": "train",
                    "class_id": int(judged[most]),
                    "value": float(best[most]),
                    "limit": self.max_power,
                    "score": float(best[most]),
                    "property": one.name,
                    "name": shorten(names[judged[most]]),
                    "detail": contrast(one, shown.image[shown.code == most]),
                    "others": f"; it gives away {len(classes) - 1:,} more of the classes" if len(classes) > 1 else "",
                }
                found.append(entry)
        return measured(self.flag_whole(found), max(0.0, float(best.max())), self.max_power)


def shown_by(boxes: Boxes, ids: Integers, classes: int, least: int) -> tuple[Integers, Shown]:
    """Classes that `least` of these images show, and as many do not; and by which images they are shown."""
    found = appearances(boxes, classes, "train")
    place_of = np.full(int(max(ids.max(initial=0), found.image.max(initial=0))) + 1, -1)
    place_of[ids] = np.arange(len(ids))
    image = place_of[found.image]
    count = np.bincount(found.class_id[image >= 0], minlength=classes)
    judged = np.flatnonzero(np.minimum(count, len(ids) - count) >= least)
    code_of = np.full(classes, -1)
    code_of[judged] = np.arange(len(judged))
    code = code_of[found.class_id]
    rows = (image >= 0) & (code >= 0)
    return judged, Shown(code[rows], image[rows])


def folds_of(clusters: Integers) -> Integers:
    """A fold for each image, the same for all that show the same."""
    mixed = clusters.astype(np.uint64) * SPREAD >> np.uint64(32)
    return (mixed % np.uint64(FOLDS)).astype(np.int64)


def properties_of(images: Images, pixels: Pixels) -> Iterator[Property]:
    """Properties by which images differ; of two that tell the same, the first is named."""
    cameras, makes = pd.factorize(pixels["camera"].to_numpy())
    measures, found = pd.factorize(sizes(images))
    kinds = [
        ("camera", cameras, lambda code: shorten(str(makes[code]))),
        ("size", measures, lambda code: size_in_words(int(found[code]))),
    ]
    for name, codes, in_words in kinds:
        bins, kept = frequent(codes)
        if np.any(bins != bins[0]):
            yield Property(name, bins, NOTHING, ("of another kind", *map(in_words, kept)))
    most = max(2, min(MOST_BINS, len(images) // LEAST_IN_BIN))
    for name, numbers in looks(images, pixels).items():
        edges = np.unique(np.sort(numbers)[np.arange(1, most) * len(numbers) // most])
        bins = np.searchsorted(edges, numbers, side="right")
        if np.any(bins != bins[0]):
            yield Property(name, bins, numbers)


def frequent(codes: Integers) -> tuple[Integers, list[int]]:
    """The bin of each image, and the code of each bin from 1 on; all that is rare or unknown is in bin 0."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    order = np.argsort(-counts, kind="stable")[: MOST_BINS - 1]
    kept = order[counts[order] >= LEAST_IN_BIN]
    bin_of = np.zeros(len(counts) + 1, dtype=np.int64)
    bin_of[kept] = np.arange(1, len(kept) + 1)
    return bin_of[codes], kept.tolist()


def predictive_power(bins: Integers, folds: Integers, shown: Shown, classes: int) -> Floats:
    """How well the bin of an image tells whether it shows each class, 0 (not at all, or less) to 1.

    The score of Wetschoreck, "RIP correlation. Introducing the Predictive Power Score" (2020): (F1 − naive) /
    (1 − naive), naive being the F1 of always yes. The majority of the other folds of a bin guesses.
    """
    many = int(bins.max()) + 1
    cell = folds * many + bins
    totals = np.bincount(cell, minlength=FOLDS * many).reshape(FOLDS, many, 1)
    hits = np.bincount(cell[shown.image] * classes + shown.code, minlength=FOLDS * many * classes)
    hits = hits.reshape(FOLDS, many, classes)
    guess = 2 * (hits.sum(axis=0) - hits) > totals.sum(axis=0) - totals
    actual = hits.sum(axis=(0, 1))
    right, guessed = (guess * hits).sum(axis=(0, 1)), (guess * totals).sum(axis=(0, 1))
    score, naive = 2 * right / (guessed + actual), 2 * actual / (len(bins) + actual)
    power: Floats = np.maximum(score - naive, 0) / (1 - naive)
    return power


def contrast(one: Property, showing: Integers) -> str:
    """How images that show the class differ from the others."""
    shows = np.zeros(len(one.bins), dtype=bool)
    shows[showing] = True
    if len(one.numbers):
        with_it, without = np.median(one.numbers[shows]), np.median(one.numbers[~shows])
        return f"in the middle {with_it:.3g} where it does, {without:.3g} where it does not"
    most = int(np.bincount(one.bins[shows]).argmax())
    share, other = np.mean(one.bins[shows] == most), np.mean(one.bins[~shows] == most)
    return f"{share:.0%} are {one.words[most]} where it does, {other:.0%} where it does not"
