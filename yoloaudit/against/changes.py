"""Two states of a data set as tables → what was added, removed, moved and re-classed, with the place of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from yoloaudit.against.pairs import Image, Paired, paired
from yoloaudit.against.rows import Row, row_changes
from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Change, Location, shorten
from yoloaudit.geometry import Integers

MOST_PLACES = 10_000
"""Places of one kind that are told."""
COUNTED = (
    *("images added", "images removed", "images moved", "images replaced"),
    *("boxes added", "boxes removed", "boxes moved", "boxes re-classed"),
    *("broken rows added", "broken rows removed"),
    *("classes added", "classes removed", "classes renamed"),
)
ONE = {"images": "image", "boxes": "box", "broken rows": "broken row", "classes": "class"}


@dataclass(frozen=True)
class State:
    """A state of a data set, and the id of the bytes of each of its images; both states have the same paths."""

    dataset: Dataset
    ids: Sequence[str]

    @cached_property
    def images(self) -> list[Image]:
        """The images in order."""
        table = self.dataset.images
        return list(map(Image._make, zip(table["split"].astype(str), table["path"], self.ids, strict=True)))

    @cached_property
    def starts(self) -> Integers:
        """Where the rows of each image begin in `order`, and where the last ones end."""
        owner = self.dataset.boxes["image"].to_numpy()[self.order]
        found: Integers = np.searchsorted(owner, np.arange(len(self.dataset.images) + 1))
        return found

    @cached_property
    def order(self) -> Integers:
        """Rows by image; those of no image are left out of `starts`."""
        return np.argsort(self.dataset.boxes["image"].to_numpy(), kind="stable")

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        """The columns that a row is made of."""
        boxes = self.dataset.boxes
        names = ("class_id", "cx", "cy", "w", "h", "raw", "line", "label", "x1", "y1", "x2", "y2")
        broken = boxes["error"].cat.codes.to_numpy() >= 0
        return {name: boxes[name].to_numpy() for name in names} | {"broken": broken}

    def rows_of(self, image: int) -> Integers:
        """Ids of the rows of an image."""
        return self.order[self.starts[image] : self.starts[image + 1]]

    def row(self, row: int, name: Callable[[int], str]) -> Row:
        """A row, its class by the name that it goes by today."""
        columns = self.columns
        fields = columns["raw"][row].split()
        if columns["broken"][row]:
            return Row("", " ".join(fields), None)
        box = tuple(float(columns[side][row]) for side in ("cx", "cy", "w", "h"))
        return Row(name(int(columns["class_id"][row])), " ".join(fields[1:]), (box[0], box[1], box[2], box[3]))

    def place_of_row(self, row: int) -> Location:
        """Where a row is."""
        columns, dataset = self.columns, self.dataset
        label, image = int(columns["label"][row]), int(dataset.boxes["image"].to_numpy()[row])
        corners = tuple(round(float(columns[side][row]), 2) for side in ("x1", "y1", "x2", "y2"))
        broken = columns["broken"][row] or not np.isfinite(corners).all()
        return Location(
            split=self.images[image].split,
            image=self.images[image].path,
            label=dataset.labels["path"].to_numpy()[label],
            line=int(columns["line"][row]),
            class_id=None if columns["broken"][row] else int(columns["class_id"][row]),
            box=None if broken else (corners[0], corners[1], corners[2], corners[3]),
        )

    def place_of_image(self, image: int) -> Location:
        """Where an image is."""
        label = int(self.dataset.images["label"].to_numpy()[image])
        path = self.dataset.labels["path"].to_numpy()[label] if label >= 0 else None
        return Location(split=self.images[image].split, image=self.images[image].path, label=path)

    @cached_property
    def sums(self) -> tuple[Integers, Integers]:
        """For each image a sum over hashes of its rows' texts, and how many there are."""
        owner, raw = self.dataset.boxes["image"].to_numpy(), self.columns["raw"]
        kept = owner >= 0
        hashes = pd.util.hash_array(raw[kept], categorize=False).astype(np.uint64)
        sums = np.zeros(len(self.dataset.images), np.uint64)
        np.add.at(sums, owner[kept], hashes)
        return sums.view(np.int64), np.bincount(owner[kept], minlength=len(sums))


@dataclass(frozen=True)
class Classes:
    """The classes of two states."""

    then: Sequence[str]
    now: Sequence[str]

    @cached_property
    def renamed(self) -> dict[int, tuple[str, str]]:
        """Classes that kept their id and got a name that is new, in place of one that is gone."""
        old, new = set(self.then), set(self.now)
        both = enumerate(zip(self.then, self.now, strict=False))
        return {number: pair for number, pair in both if pair[0] not in new and pair[1] not in old}

    @property
    def removed(self) -> list[str]:
        """Names that are gone, of classes that were not renamed."""
        gone = {was for was, _ in self.renamed.values()}
        return [name for name in self.then if name not in set(self.now) | gone]

    @property
    def added(self) -> list[str]:
        """Names that have come, of classes that were not renamed."""
        come = {name for _, name in self.renamed.values()}
        return [name for name in self.now if name not in set(self.then) | come]

    @property
    def shifted(self) -> bool:
        """Whether a class has another id than it had."""
        place = {name: number for number, name in enumerate(self.now)}
        return any(place.get(name, number) != number for number, name in enumerate(self.then))

    def name_then(self, class_id: int) -> str:
        """The name that a class of then goes by now."""
        if class_id in self.renamed:
            return self.renamed[class_id][1]
        return self.then[class_id] if 0 <= class_id < len(self.then) else str(class_id)

    def name_now(self, class_id: int) -> str:
        """The name of a class."""
        return self.now[class_id] if 0 <= class_id < len(self.now) else str(class_id)


def change(base: str, then: State | None, now: State, unknown: Callable[[str], bool] = lambda _: False) -> Change:
    """What became of a data set since `then`, which `base` names; None: there was none yet."""
    counts = dict.fromkeys(COUNTED, 0)
    places: dict[str, list[Location]] = {}
    images = paired(then.images if then else [], now.images, unknown)
    classes = Classes(then.dataset.names if then else (), now.dataset.names)
    for what, place in _told(then, now, images, classes, unknown):
        counts[what] += 1
        places.setdefault(what, [])
        if len(places[what]) < MOST_PLACES and place is not None:
            places[what].append(place)
    for what, number in (("added", classes.added), ("removed", classes.removed), ("renamed", classes.renamed)):
        counts[f"classes {what}"] = len(number)
    moves = {now.images[new].path: then.images[old].path for old, new in images.moved} if then else {}
    return Change(
        base,
        counts,
        deltas=class_deltas(classes),
        places=[(singular(what), place) for what in COUNTED for place in places.get(what, ())],
        moves={path: was for path, was in moves.items() if path != was},
    )


def singular(what: str) -> str:
    """`images added` → `image added`."""
    noun, _, verb = what.rpartition(" ")
    return f"{ONE.get(noun, noun)} {verb}"


def class_deltas(classes: Classes) -> list[str]:
    """Sentences about the names of classes."""
    told = [f"class {number}: {was!r} → {name!r}" for number, (was, name) in classes.renamed.items()]
    told += [f"class {name!r} is new" for name in classes.added]
    told += [f"class {name!r} is gone" for name in classes.removed]
    if classes.shifted:
        told.append("classes have other numbers than before")
    return [shorten(text, 200) for text in told]


def _told(
    then: State | None, now: State, images: Paired, classes: Classes, unknown: Callable[[str], bool]
) -> Iterator[tuple[str, Location | None]]:
    for image in images.added:
        yield "images added", now.place_of_image(image)
        yield from _whole(now, image, "added")
    if then is None:
        return
    for image in images.removed:
        yield "images removed", then.place_of_image(image)
        yield from _whole(then, image, "removed")
    for _, image in images.moved:
        yield "images moved", now.place_of_image(image)
    for _, image in images.replaced:
        yield "images replaced", now.place_of_image(image)
    yield from _rows_told(then, now, images, classes, unknown)


def _whole(state: State, image: int, what: str) -> Iterator[tuple[str, Location | None]]:
    """The rows of an image that has come or gone; the image's place says where they are."""
    broken = state.columns["broken"][state.rows_of(image)]
    yield from ((("broken rows " if lost else "boxes ") + what, None) for lost in broken.tolist())


def _rows_told(
    then: State, now: State, images: Paired, classes: Classes, unknown: Callable[[str], bool]
) -> Iterator[tuple[str, Location | None]]:
    pairs = np.array(sorted(images.both, key=lambda pair: pair[1]), np.int64).reshape(-1, 2)
    (old_sums, old_counts), (new_sums, new_counts) = then.sums, now.sums
    equal = (old_sums[pairs[:, 0]] == new_sums[pairs[:, 1]]) & (old_counts[pairs[:, 0]] == new_counts[pairs[:, 1]])
    if classes.shifted:
        equal[:] = False
    for old, new in pairs[~equal].tolist():
        if unknown(then.place_of_image(old).label or ""):
            continue
        ones, others = then.rows_of(old), now.rows_of(new)
        before = [then.row(row, classes.name_then) for row in ones.tolist()]
        after = [now.row(row, classes.name_now) for row in others.tolist()]
        for what, one, other in row_changes(before, after):
            if other is not None:
                noun, place = after[other], now.place_of_row(int(others[other]))
            elif one is not None:
                noun, place = before[one], then.place_of_row(int(ones[one]))
            yield f"{'boxes' if noun.box else 'broken rows'} {what}", place
