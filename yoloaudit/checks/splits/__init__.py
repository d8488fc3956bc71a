"""Checks of what is in two splits at once: copies, near-duplicates, frames of one clip and parts of one original."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.checks.base import Example, Picture
from yoloaudit.checks.scenes import NAMES, sources_of
from yoloaudit.dataset.tables import SPLITS, Boxes, Images
from yoloaudit.geometry import Integers


def clip(*in_val: int, still: bool = True) -> Example:
    """Six numbered images, some of them in val, of an object that stays where it is or does not."""
    split = {i: "val" if i in in_val else "train" for i in range(6)}
    pictures: dict[str, str | bytes | Picture | None] = {
        f"images/{split[i]}/clip_{i:04}.png": Picture(64, 64, seed=10 + i) for i in split
    }
    place = {i: 0.3 if still else 0.1 + i % 3 * 0.4 for i in split}
    return Example(pictures | {f"labels/{split[i]}/clip_{i:04}.txt": f"0 {place[i]} .5 .2 .2\n" for i in split})


def taking_part(images: Images) -> NDArray[np.bool_]:
    """Images that the trainer learns from or is measured on."""
    kept: NDArray[np.bool_] = (images["fate"] != "dropped").to_numpy()
    return kept


def split_codes(images: Images) -> Integers:
    """0 train, 1 val, 2 test: an image leaks from the split with the lesser code."""
    return images["split"].cat.set_categories(SPLITS).cat.codes.to_numpy().astype(np.int64)


def firsts(group: Integers, split: Integers) -> Integers:
    """For each image the first of its group in the group's earliest split, as a position; -1 where group is -1."""
    order = np.lexsort((split, group))
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = np.diff(group[order]) != 0
    start = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    first = np.empty(len(order), dtype=np.int64)
    first[order] = order[start]
    return np.where(group >= 0, first, -1)


def origins(group: Integers, split: Integers) -> Integers:
    """For each image that leaks, the image of an earlier split that it shares its group with; -1 for all others."""
    first = firsts(group, split)
    return np.where((first >= 0) & (split > split[first]), first, -1)


def share_of_val(split: Integers, kept: NDArray[np.bool_], leaking: NDArray[np.bool_]) -> float | None:
    """Which share of the val images leaks; None where there are none."""
    val = kept & (split == 1)
    return float((val & leaking).sum() / val.sum()) if val.any() else None


def related_to(images: Images, origin: Integers) -> list[list[dict[str, int]]]:
    """One related image each, from positions."""
    return [[{"image": image}] for image in images.index.to_numpy()[origin].tolist()]


def sources_across(images: Images, boxes: Boxes) -> tuple[Integers, NDArray[np.object_]]:
    """As `scenes.sources_of`, with a clip judged over all splits that its frames are in."""
    whole = pd.Categorical(np.full(len(images), SPLITS[0]), categories=SPLITS)
    return sources_of(images[NAMES].assign(split=whole), boxes)
