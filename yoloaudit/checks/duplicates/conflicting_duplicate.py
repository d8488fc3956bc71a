"""conflicting-duplicate: the same picture twice, labelled in two ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.columns import corners, named
from yoloaudit.dataset.tables import Boxes, Copies, Defects, Images
from yoloaudit.findings import Severity, shorten
from yoloaudit.geometry import Integers, area, close_pairs

PAIRS_AT_ONCE = 50_000
MOST_SHOWN, MOST_CLASSES = 20, 4
"""Rows of the two label files that a finding shows, and classes that its sentence counts."""


class ConflictingDuplicate(Check):
    """Same picture twice, labelled in two ways.

    One of the two label sets is wrong, and nobody can say that the other is right: it proves that the labelling is not
    consistent, and the model is punished for one answer whatever it says. A missing label file says as much as an empty
    one: that nothing is there. An error where the pixels are equal; where the images only look alike, a box that only
    moved does not count, since the object may have. Compare the two, mend one, and delete the copy; then look how the
    two came about, since whoever labelled them labelled more.
    """

    severity = Severity.ERROR
    message = "shows {images}, but {difference}; here {here}, there {there}"
    min_iou: float = Field(0.5, gt=0, le=1, description="overlap (IoU) from which two boxes mean the same object")

    good = (
        Example(files={"images/train/c.png": Picture(seed=1), "labels/train/c.txt": "0 0.51 0.5 0.2 0.2\n"}),
        Example(files={"images/train/c.png": Picture(seed=3), "labels/train/c.txt": "1 0.1 0.1 0.1 0.1\n"}),
        Example(
            files={"images/train/a.png": Picture(), "labels/train/c.txt": "", "images/train/c.png": Picture(641, 640)},
            title="blank images are not compared",
        ),
        Example(
            files={
                "images/train/c.jpg": Picture(320, 320, seed=1, format="JPEG"),
                "labels/train/c.txt": "0 0.7 0.5 0.2 0.2\n",
            },
            title="a near-duplicate in which the object may have moved",
        ),
    )
    bad = (
        Example(files={"images/train/c.png": Picture(seed=1), "labels/train/c.txt": "1 0.5 0.5 0.2 0.2\n"}),
        Example(files={"images/train/c.png": Picture(seed=1), "labels/train/c.txt": "0 0.7 0.5 0.2 0.2\n"}),
        Example(files={"images/train/c.png": Picture(seed=1), "labels/train/c.txt": ""}, title="said to be empty"),
        Example(files={"images/val/c.png": Picture(seed=1)}, title="in another split, without a label file"),
        Example(files={"images/train/c.jpg": Picture(320, 320, seed=1, format="JPEG")}, title="a near-duplicate"),
    )

    def find(self, images: Images, boxes: Boxes, copies: Copies, names: tuple[str, ...]) -> Defects:
        pairs = _compared(images, copies)
        entries: list[Mapping[str, Any]] = []
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            part = pairs.iloc[start : start + PAIRS_AT_ONCE]
            rows = _rows_of_pairs(boxes, part["first"].to_numpy(), part["second"].to_numpy())
            verdict = self._verdicts(boxes, rows, (part["kind"] == "near").to_numpy())
            entries += [self._entry(pair, rows, verdict, images, boxes, part, names) for pair in _odd(rows, verdict)]
        return self.flag_whole(entries)

    def _verdicts(self, boxes: Boxes, rows: _Rows, near: NDArray[np.bool_]) -> NDArray[np.int8]:
        """For each row of each pair: 0 nothing at its place, 1 another class, 2 the same, or a box without any area."""
        classes, where = boxes["class_id"].to_numpy()[rows.at], corners(boxes)[rows.at]
        verdict = np.where(area(where) > 0, 0, 2).astype(np.int8)
        pairs = close_pairs(
            rows.pair, where, self.min_iou, accept=lambda first, second: rows.side[first] != rows.side[second]
        )
        for first, second, _ in pairs:
            told = np.where(classes[first] == classes[second], 2, 1).astype(np.int8)
            np.maximum.at(verdict, first, told)
            np.maximum.at(verdict, second, told)
        verdict[_moved(rows, classes, near[rows.pair] & (verdict == 0))] = 2
        return verdict

    def _entry(
        self,
        pair: int,
        rows: _Rows,
        verdict: NDArray[np.int8],
        images: Images,
        boxes: Boxes,
        pairs: Copies,
        names: tuple[str, ...],
    ) -> Mapping[str, Any]:
        first, second, kind = (pairs[name].iloc[pair] for name in ("first", "second", "kind"))
        of_pair = np.arange(*np.searchsorted(rows.pair, [pair, pair + 1]))
        odd = of_pair[verdict[of_pair] < 2]
        at = odd[np.lexsort((odd, verdict[odd] == 0, rows.side[odd] == 0))[0]]
        here = int(rows.side[at])
        other = first if here else second
        row = int(boxes.index[rows.at[at]])
        shown = [{"row": int(boxes.index[rows.at[place]])} for place in of_pair if place != at][:MOST_SHOWN]
        class_name = named(names, boxes["class_id"].to_numpy()[rows.at[[at]]])[0]
        alike = "almost the same as" if kind == "near" else "the same picture as"
        what = "another class" if verdict[at] else "no box"
        there = rows.side[of_pair] != here
        classes = boxes["class_id"].to_numpy()[rows.at[of_pair]]
        return {
            "row": row,
            "image": second if here else first,
            "severity": (Severity.WARNING if kind == "near" else Severity.ERROR).value,
            "value": float(len(odd)),
            "images": f"{alike} {shorten(images['path'].loc[other], 120)}",
            "difference": f"at this box of class {class_name!r} the other has {what}",
            "here": _counted(classes[~there], names),
            "there": _counted(classes[there], names),
            "related": [{"image": int(other)}, *shown],
        }


class _Rows(NamedTuple):
    """Rows of both images of each pair: position in boxes, number of the pair, and 0 or 1 for its image."""

    at: Integers
    pair: Integers
    side: Integers


def _compared(images: Images, copies: Copies) -> Copies:
    """Pairs whose labels are compared: all exact ones, and of each image that with the one it is nearest to.

    So every image of a cluster is still joined with all others. Left out are pairs with an image that the trainer
    drops, and those of one label file: a file that is listed twice, or two images of one stem.
    """
    first, second = (images[["path", "label", "fate"]].loc[copies[side]].reset_index() for side in ("first", "second"))
    trained = (first["fate"] != "dropped") & (second["fate"] != "dropped")
    same = (first["path"] == second["path"]) | ((first["label"] == second["label"]) & (first["label"] >= 0))
    pairs = copies[(trained & ~same).to_numpy()]
    near = (pairs["kind"] == "near").to_numpy()
    nearest = pairs[near].sort_values("correlation", ascending=False, kind="stable").drop_duplicates("second")
    compared: Copies = pd.concat([pairs[~near], nearest.sort_index()])
    return compared


def _moved(rows: _Rows, classes: Integers, alone: NDArray[np.bool_]) -> Integers:
    """Rows without a partner, as long as the other image of their pair has as many of their class without one."""
    at = np.flatnonzero(alone)
    lonely = DataFrame({"pair": rows.pair[at], "class_id": classes[at], "side": rows.side[at]})
    number = lonely.groupby(["pair", "class_id", "side"]).cumcount()
    ones = lonely.groupby(["pair", "class_id"])["side"]
    both = np.minimum(ones.transform("sum"), ones.transform("size") - ones.transform("sum"))
    return at[(number < both).to_numpy()]


def _rows_of_pairs(boxes: Boxes, first: Integers, second: Integers) -> _Rows:
    image = boxes["image"].to_numpy()
    order = np.argsort(image, kind="stable")
    wanted = np.stack([first, second], axis=1).ravel()
    start, end = (np.searchsorted(image, wanted, side=side, sorter=order) for side in ("left", "right"))
    count = end - start
    which = np.repeat(np.arange(len(wanted)), count)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(start, count)
    return _Rows(order[place], which // 2, which % 2)


def _counted(classes: Integers, names: tuple[str, ...]) -> str:
    """A label set in words: its classes, the most frequent first."""
    ids, counts = np.unique(classes, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    words = [f"{count} × {name}" for count, name in zip(counts[order], named(names, ids[order]), strict=True)]
    return ", ".join(words + ["…"] * (len(ids) > MOST_CLASSES)) or "no box"


def _odd(rows: _Rows, verdict: NDArray[np.int8]) -> Iterator[int]:
    return iter(np.unique(rows.pair[verdict < 2]).tolist())
