"""Tables of a data set → a split of its images without a leak: what shows the same, or one scene, stays together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.checks.scenes import sources_of
from yoloaudit.dataset.tables import SPLITS, Boxes, Hashes, Images, Pixels
from yoloaudit.dataset.trainer_view import SMALLEST_SIDE
from yoloaudit.errors import DataError
from yoloaudit.relist import UNLISTABLE
from yoloaudit.stratify import Holdings, Integers, deal

SECONDS = 60
"""Photographs that one camera took in one such stretch of time show one scene."""
BACKGROUND = -2
"""The label of an image without a box."""


@dataclass(frozen=True)
class Resplit:
    """Row i is image i of the table that it was made from."""

    shares: Mapping[str, float]
    """The share of the images that each split was to have."""
    group: Integers
    split: NDArray[np.object_]
    """The new split; None for an image that is left out, or is listed a second time."""
    left_out: NDArray[np.object_]
    """Why an image is in no split, None where it is in one."""
    numbered: NDArray[np.object_]
    """What the running number of a file name stands behind, where it was not taken for a clip; None elsewhere."""

    @property
    def groups(self) -> Integers:
        """Images that are in a split, by group; groups without any are left out."""
        sizes = np.bincount(self.group[self.listed])
        return sizes[sizes > 0]

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Images that are in a split."""
        return np.array([split is not None for split in self.split], dtype=bool)


def resplit(
    images: Images, boxes: Boxes, hashes: Hashes, pixels: Pixels, shares: Mapping[str, float], seed: int = 0
) -> Resplit:
    """Deal the images to splits; `shares` add up to 1, train comes first. Raises DataError where that is impossible."""
    left_out = _left_out(images, pixels)
    chosen = np.flatnonzero((left_out == None) & ~images["path"].duplicated().to_numpy())  # noqa: E711 - by element
    if not len(chosen):
        raise DataError("no image can be listed: none was found, or none can be read. `yoloaudit check` says why")
    source = sources_by_image(images, labelled(boxes))
    group = groups_of(images, source, hashes, pixels)
    kept, own = np.unique(group[chosen], return_inverse=True)
    if len(kept) < len(shares):
        raise DataError(_too_few(len(chosen), len(kept), len(shares)))
    sizes = np.bincount(own).astype(np.int64)
    dealt = deal(list(shares.values()), sizes, holdings_of(chosen, own, boxes), np.random.default_rng(seed))
    split = np.full(len(images), None, dtype=object)
    split[chosen] = np.array(list(shares), dtype=object)[dealt[own]]
    numbered = images["source"].to_numpy(dtype=object, copy=True)
    numbered[(source >= 0) | (images["frame"] < 0).to_numpy()] = None
    return Resplit(shares, group, split, left_out, numbered)


def groups_of(images: Images, source: Integers, hashes: Hashes, pixels: Pixels) -> Integers:
    """A number for each image, equal for those that are tied to one another, directly or by way of others.

    Tied are copies, near or exact; images of one source (a number, -1 unknown); photographs that one camera took in the
    same minute; and an image to itself, where it is listed twice.
    """
    camera, taken = pd.factorize(pixels["camera"].to_numpy())[0].astype(np.int64), pixels["taken"].to_numpy()
    minute = np.where((camera >= 0) & (taken >= 0), taken // SECONDS * (camera.max(initial=0) + 1) + camera, -1)
    path = pd.factorize(images["path"].to_numpy())[0].astype(np.int64)
    return connected([path, hashes["content"].to_numpy(), hashes["cluster"].to_numpy(), source, minute])


def sources_by_image(images: Images, boxes: Boxes) -> Integers:
    """A number for the clip or original that each image is from, -1 unknown; a clip may be cut up into splits now."""
    once = images[~images["path"].duplicated()]
    source = np.full(len(images), -1, dtype=np.int64)
    whole = once.assign(split=pd.Categorical(np.full(len(once), SPLITS[0]), categories=SPLITS))
    source[once.index.to_numpy()], _ = sources_of(whole, boxes)
    return source


def connected(ties: Sequence[Integers]) -> Integers:
    """A number for each connected part of rows; two are tied by the same number in any of `ties`, unless it is -1."""
    rows = np.arange(len(ties[0]))
    bound = [np.flatnonzero(tie >= 0) for tie in ties]
    codes = [np.unique(tie[where], return_inverse=True)[1] for tie, where in zip(ties, bound, strict=True)]
    first = rows.copy()
    """The first row known to be connected with each."""
    while True:
        before = first.copy()
        for where, code in zip(bound, codes, strict=True):
            least = np.full(int(code.max(initial=-1)) + 1, len(rows))
            np.minimum.at(least, code, first[where])
            first[where] = least[code]
        first = first[first]
        if (first == before).all():
            return np.unique(first, return_inverse=True)[1].astype(np.int64)


def leaks(group: Integers, split: NDArray[Any]) -> dict[str, int]:
    """By split after train: images that are tied to one of a split before it."""
    order = pd.Categorical(split, categories=SPLITS).codes.astype(np.int64)
    there = order >= 0
    earliest = np.full(int(group.max(initial=-1)) + 1, len(SPLITS))
    np.minimum.at(earliest, group[there], order[there])
    tied = there & (earliest[group] < order)
    return {name: int((tied & (order == number)).sum()) for number, name in enumerate(SPLITS) if number}


def labelled(boxes: Boxes) -> Boxes:
    """Boxes that count as instances: of an image, readable, and none of them twice."""
    return boxes[((boxes["image"] >= 0) & boxes["error"].isna() & (boxes["fate"] != "duplicate")).to_numpy()]


def _left_out(images: Images, pixels: Pixels) -> NDArray[np.object_]:
    """Why the trainer cannot use an image, whatever its labels: labels can be mended, then the image is missed."""
    why = np.full(len(images), None, dtype=object)
    unlistable = [UNLISTABLE.search(path) is not None for path in images["path"]]
    why[unlistable] = "its name cannot stand in an image list"
    width, height = images["width"].to_numpy(), images["height"].to_numpy()
    small = (np.minimum(width, height) < SMALLEST_SIDE) & (width > 0) & (height > 0)
    why[small] = f"a side is below {SMALLEST_SIDE} px"
    for column in (pixels["damage"], images["error"]):
        broken = column.notna().to_numpy()
        why[broken] = column.to_numpy()[broken]
    return why


def _too_few(images: int, groups: int, splits: int) -> str:
    kin = "sources, copies, or pictures of one camera in one minute"
    if groups == 1:
        return f"all {images:,} images are one group of {kin}, so that any split would leak. Add images from elsewhere"
    return f"{splits} splits take {splits} groups of {kin} at the least; there are {groups}. Leave --test out"


def holdings_of(chosen: Integers, own: Integers, boxes: Boxes) -> Holdings:
    """What the groups hold: images and instances of each class, and images without any."""
    position = np.full(max(int(chosen.max()), int(boxes["image"].max() if len(boxes) else -1)) + 1, -1)
    position[chosen] = np.arange(len(chosen))
    counted = labelled(boxes)
    image, label = position[counted["image"].to_numpy()], counted["class_id"].to_numpy()
    image, label = image[image >= 0], label[image >= 0]
    held = pd.DataFrame({"image": image, "label": label}).value_counts(sort=False).reset_index()
    bare = np.setdiff1d(np.arange(len(chosen)), image)
    held = pd.concat([held, pd.DataFrame({"image": bare, "label": BACKGROUND, "count": 0})])
    held["group"] = own[held["image"].to_numpy()]
    summed = held.groupby(["group", "label"])["count"].agg(["size", "sum"]).reset_index()
    codes = pd.factorize(summed["label"])[0]
    columns = (summed["group"], codes, summed["size"], summed["sum"])
    return Holdings(*(np.asarray(column, dtype=np.int64) for column in columns))


def summary(images: Images, boxes: Boxes, names: Sequence[str], made: Resplit) -> dict[str, Any]:
    """The old and the new split in numbers, as the JSON report has them."""
    old = images["split"].astype(object).to_numpy()
    sizes = made.groups
    return {
        "images": int(made.listed.sum()),
        "groups": {"count": len(sizes), "largest": int(sizes.max())},
        "splits": _splits(images, boxes, old, made),
        "leaks": {
            "before": _by_split(old, leaks(made.group, old)),
            "after": _by_split(made.split, leaks(made.group, made.split)),
        },
        "classes": _classes(boxes, names, made),
        "numbered": {name: int(count) for name, count in pd.Series(made.numbered).value_counts().items()},
        "left_out": [
            {"image": path, "why": why}
            for path, why in zip(images["path"], made.left_out, strict=True)
            if why is not None
        ],
    }


def _by_split(split: NDArray[np.object_], leaking: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Images of each split that there is, and those of them that leak."""
    counts = {name: int((split == name).sum()) for name in leaking}
    return {name: {"images": count, "leaking": leaking[name]} for name, count in counts.items() if count}


def _splits(images: Images, boxes: Boxes, old: NDArray[np.object_], made: Resplit) -> dict[str, dict[str, Any]]:
    bare = np.ones(len(images), dtype=bool)
    bare[labelled(boxes)["image"].to_numpy()] = False
    total = max(1, int(made.listed.sum()))
    facts = {}
    for name in (each for each in SPLITS if each in made.shares or (old == each).any()):
        own = made.split == name
        facts[name] = {
            "asked": made.shares.get(name, 0.0),
            "share": int(own.sum()) / total,
            "images": int(own.sum()),
            "images_before": int((old == name).sum()),
            "groups": len(np.unique(made.group[own])),
            "backgrounds": int((own & bare).sum()),
        }
    return facts


def _classes(boxes: Boxes, names: Sequence[str], made: Resplit) -> list[dict[str, Any]]:
    """Images, groups and instances of each class that is used, by split; an id beyond the names has none."""
    counted = labelled(boxes)[["image", "class_id"]]
    image = counted["image"].to_numpy()
    rows = counted.assign(split=made.split[image], group=made.group[image])
    rows = rows[rows["split"].notna().to_numpy()]
    groups = rows.groupby("class_id")["group"].nunique()
    by_split = rows.groupby(["class_id", "split"])["image"].agg(["nunique", "size"])
    pairs: list[tuple[int, str]] = by_split.index.tolist()
    facts = {
        pair: {"images": images, "instances": instances}
        for pair, (images, instances) in zip(pairs, by_split.to_numpy().tolist(), strict=True)
    }
    none = {"images": 0, "instances": 0}
    return [
        {
            "id": number,
            "name": names[number] if 0 <= number < len(names) else None,
            "groups": count,
            "splits": {split: facts.get((number, split), none) for split in made.shares},
        }
        for number, count in zip(groups.index.tolist(), groups.tolist(), strict=True)
    ]
