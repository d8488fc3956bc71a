"""Missed objects → classes that were not labelled at all in a part of the data set: one cause of many of them.

It happens where data sets are merged of which one did not know the class. A part is a folder, or a source that file
names tell of. G parts, K classes; a key is part × K + class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import Series

from yoloaudit.checks.judged import thresholds
from yoloaudit.dataset.tables import Boxes, Images, Judgements, Matches, Predictions, Skill

PRECISION, LEAST_DETECTIONS = 0.90, 20
"""How often detections have to be right from a score on, and how many it takes to say so."""

Integers = NDArray[np.int64]


class Part(NamedTuple):
    """A part of the data set in which a class was not labelled."""

    class_id: int
    name: str
    """`folder images/a`, `source drone`."""
    total: int
    """Images of it that the model looked at."""
    images: Integers
    """Those in which the class was found, sure enough."""
    rows: NDArray[np.bool_]
    """Which of the missed objects it explains."""


class Seen(NamedTuple):
    """All that says where a class is labelled, and how sure the model is of it there."""

    images: Images
    boxes: Boxes
    predictions: Predictions
    matches: Matches
    skill: Skill
    seen: Series


def unlabelled_parts(missed: Judgements, known: Seen, min_images: int, min_share: float) -> list[Part]:
    """Parts without a single label of a class, which is found in so many of their images, and in this share of them.

    Sure enough is a detection from the score on at which those of its class are right nine times of ten in the parts
    where the class is labelled: where it is not, none of them can be right.
    """
    found: list[Part] = []
    left = np.ones(len(missed), np.bool_)
    for kind, part_of in _parts(known.images).items():
        for part in _of_one_kind(missed, left, known, (kind, part_of), (min_images, min_share)):
            found.append(part)
            left &= ~part.rows
    return found


def _parts(images: Images) -> Mapping[str, Series]:
    """The part of each image, by kind of part; NaN where it is of none. Larger parts come first."""
    folders = images["path"].map(lambda path: path.rpartition("/")[0] or ".")
    return {"folder": folders, "source": images["source"]}


def _of_one_kind(
    missed: Judgements, left: NDArray[np.bool_], known: Seen, kind: tuple[str, Series], least: tuple[int, float]
) -> list[Part]:
    word, part_of = kind
    codes, labels = pd.factorize(part_of)
    code_of = Series(codes, index=part_of.index)
    classes = max(len(known.skill), 1)
    given = _keys(code_of, known.boxes, classes)
    somewhere = np.unique(known.boxes["class_id"].to_numpy())
    keys = _keys(code_of, missed, classes)
    able = left & (keys >= 0) & ~np.isin(keys, np.unique(given)) & missed["class_id"].isin(somewhere).to_numpy()
    able &= np.isin(keys, _frequent(keys, missed["image"].to_numpy(), able, least[0]))
    if not able.any():
        return []
    sure_from = _thresholds(known, np.unique(keys[able] % classes), _keys(code_of, known.predictions, classes), given)
    wanted = missed["class_id"].map(sure_from).to_numpy(np.float64)
    sure = able & (missed["detection"].to_numpy() >= wanted)
    sizes = code_of[code_of.index.isin(known.seen.index[known.seen.to_numpy()])].value_counts()
    parts = []
    for key in _frequent(keys, missed["image"].to_numpy(), sure, least[0]).tolist():
        code, class_id = divmod(key, classes)
        total, images = int(sizes.get(code, 0)), np.unique(missed["image"].to_numpy()[sure & (keys == key)])
        if len(images) >= least[1] * total:
            parts.append(Part(class_id, f"{word} {labels[code]}", total, images, able & (keys == key)))
    return parts


def _keys(code_of: Series, rows: pd.DataFrame, classes: int) -> Integers:
    """Part and class of each row as one number; -1 for none."""
    codes = code_of.reindex(rows["image"]).fillna(-1).to_numpy(np.int64)
    class_id = rows["class_id"].to_numpy(np.int64)
    return np.where((codes >= 0) & (class_id >= 0) & (class_id < classes), codes * classes + class_id, -1)


def _frequent(keys: Integers, images: NDArray[Any], mask: NDArray[np.bool_], least: int) -> Integers:
    """Keys that stand in so many images."""
    pairs = pd.DataFrame({"key": keys[mask], "image": images[mask]}).drop_duplicates()
    counts = pairs["key"].value_counts(sort=False)
    return np.sort(counts.index[counts.to_numpy() >= least].to_numpy(np.int64))


def _thresholds(known: Seen, class_ids: Integers, keys: Integers, given: Integers) -> dict[int, float]:
    """By class the score from which its detections are right, where it is labelled; else that over all the data."""
    general = thresholds(known.skill, class_ids)
    there = np.isin(keys, np.unique(given[given >= 0]))
    pairs = known.matches
    of_label = known.boxes["class_id"].reindex(pairs["box"]).fillna(-1).to_numpy()
    of_detection = known.predictions["class_id"].reindex(pairs["detection"]).fillna(-2).to_numpy()
    right = known.predictions.index.isin(pairs["detection"].to_numpy()[of_label == of_detection])
    scores, class_of = known.predictions["score"].to_numpy(np.float64), known.predictions["class_id"].to_numpy()
    found = {}
    for class_id, otherwise in zip(class_ids.tolist(), general.tolist(), strict=True):
        own = there & (class_of == class_id)
        least = _threshold(scores[own], right[own])
        found[class_id] = otherwise if np.isnan(least) else least
    return found


def _threshold(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    number = np.arange(1, len(order) + 1)
    good = (np.cumsum(right[order]) >= PRECISION * number) & (number >= LEAST_DETECTIONS)
    return float(scores[order][np.flatnonzero(good)[-1]]) if good.any() else float("nan")
