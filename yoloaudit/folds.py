"""A data set that was measured → folds that no twin crosses; and the data set as the model of a fold has it.

The images of train and val are divided. Which fold an image is in depends on what it shows and on the seed, neither on
the order of files nor on the split that it is in now.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import SPLITS, Boxes, Hashes, Images, Pixels
from yoloaudit.errors import DataError
from yoloaudit.resplit import groups_of, holdings_of, labelled, sources_by_image
from yoloaudit.stratify import Integers, deal

TRAIN, VAL = "train", "val"
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Folds:
    """Row i is image i."""

    fold: Integers
    """From 0; -1 for an image of neither train nor val."""
    count: int
    groups: int
    """Of images that are tied to one another, and hold one that can be trained on."""
    seed: int

    def judged(self, number: int) -> NDArray[np.bool_]:
        """Images that the model of this fold never sees, and judges."""
        own: NDArray[np.bool_] = self.fold == number
        return own


def divide(images: Images, boxes: Boxes, hashes: Hashes, pixels: Pixels, count: int, seed: int = 0) -> Folds:
    """Deal the images of train and val to folds, each with its share of images and of every class.

    Raises DataError where there are fewer groups than folds. Images that cannot be trained on are in a fold, too.
    """
    chosen = np.flatnonzero(images["split"].isin([TRAIN, VAL]).to_numpy())
    order = _order(images, hashes)
    group = _in_order(groups_of(images, sources_by_image(images, labelled(boxes)), hashes, pixels), order)
    usable = (images["fate"] != "dropped").to_numpy()[chosen]
    held, own = np.unique(group[chosen][usable], return_inverse=True)
    if len(held) < count:
        raise DataError(_too_few(int(usable.sum()), len(held), count))
    sizes, shares = np.bincount(own).astype(np.int64), [1 / count] * count
    holdings = holdings_of(chosen[usable], own, boxes)
    of_group = np.full(int(group.max()) + 1, NOWHERE)
    of_group[held] = deal(shares, sizes, holdings, np.random.default_rng(seed), learnt=False)
    rest = np.setdiff1d(group[chosen], held)
    of_group[rest] = np.arange(len(rest)) % count
    fold = np.full(len(images), NOWHERE)
    fold[chosen] = of_group[group[chosen]]
    return Folds(fold, count, len(held), seed)


def _order(images: Images, hashes: Hashes) -> Integers:
    """The place of each image in an order that is a matter of what it shows; by their paths where that is the same."""
    path = images["path"].rank(method="dense").to_numpy()
    shown = [images[name].to_numpy() for name in ("height", "width", "bytes")]
    place = np.empty(len(images), np.int64)
    place[np.lexsort((path, *shown, hashes["perceptual"].to_numpy()))] = np.arange(len(images))
    return place


def _in_order(group: Integers, place: Integers) -> Integers:
    """Numbers of groups anew, by the first image of each in that order."""
    first = np.full(int(group.max(initial=-1)) + 1, len(group))
    np.minimum.at(first, group, place)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[group]


def _too_few(images: int, groups: int, folds: int) -> str:
    if not images:
        return "there is no image to train on in train and val: `yoloaudit check` says why"
    kin = "sources, copies, or pictures of one camera in one minute"
    if groups == 1:
        said = "one image" if images == 1 else f"all {images:,} images are one group of {kin}"
        return f"--folds {folds} leaves nothing to learn from what is not judged: {said}. Leave --folds out"
    instead = f"Say --folds {groups}, or leave it out"
    return f"--folds {folds} takes {folds} groups of {kin} at the least; there are {groups}. {instead}"


def held_out(dataset: Dataset, folds: Folds, number: int) -> Dataset:
    """The data set as the model of a fold has it: val is what it judges, train the other folds; test stays."""
    names = [name for name in SPLITS if name in {*dataset.splits, TRAIN, VAL}]
    before = pd.Categorical(dataset.images["split"].astype(object), categories=names).codes
    own = np.where(folds.judged(number), names.index(VAL), names.index(TRAIN))
    codes: Integers = np.where(folds.fold == NOWHERE, before, own).astype(np.int64)
    split = pd.Categorical.from_codes(codes, categories=pd.Index(names))
    paths = sorted(dataset.images["path"][folds.judged(number)])
    told = "\n".join([dataset.fingerprint, *paths]).encode("utf-8", "surrogateescape")
    return replace(
        dataset,
        images=dataset.images.assign(split=split),
        labels=dataset.labels.assign(split=_of_image(split, dataset.labels)),
        boxes=dataset.boxes.assign(split=_of_image(split, dataset.boxes)),
        splits=tuple(names),
        fingerprint=hashlib.sha256(told).hexdigest(),
    )


def _of_image(split: Any, rows: DataFrame) -> Any:
    """The split of each row's image; of a row without one, the split that it had."""
    owner = rows["image"].to_numpy()
    kept = pd.Categorical(rows["split"].astype(object), categories=split.categories).codes
    return pd.Categorical.from_codes(
        np.where(owner < 0, kept, np.append(split.codes, -1)[owner]), categories=split.categories
    )
