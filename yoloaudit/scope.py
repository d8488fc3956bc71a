"""What a rule sees of a data set: its splits, classes and images, and the tables that its check asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import Series

from yoloaudit.dataset.load import Dataset
from yoloaudit.packs import Rule

OF_IMAGES = ("images", "pixels", "hashes", "seen")
"""Tables whose row i is image i."""


def inputs_of(dataset: Dataset, measures: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Everything that a check can ask for, unscoped; `measures` are what was measured of the images, by name."""
    boxes = dataset.boxes
    paired = boxes["image"].to_numpy() >= 0
    readable = boxes["error"].cat.codes.to_numpy() < 0
    duplicate = (boxes["fate"] == "duplicate").to_numpy()
    return {
        "images": dataset.images,
        "labels": dataset.labels,
        "rows": boxes if paired.all() else boxes[paired],
        "boxes": boxes[paired & readable & ~duplicate],
        "listed": dataset.listed,
        "strays": dataset.strays,
        "names": dataset.names,
        "descriptor": dataset.descriptor,
        "imgsz": dataset.imgsz,
        **(measures or {}),
    }


def in_scope(rule: Rule, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs as this rule sees them."""
    if not (rule.splits or rule.classes or rule.ignore):
        return inputs
    scoped = dict(inputs)
    images = inputs["images"]
    kept = np.ones(len(images), dtype=bool)
    if rule.splits:
        kept &= images["split"].isin(rule.splits).to_numpy()
    if rule.ignore:
        kept &= ~_matching(images["path"], rule.ignore)
    for name in OF_IMAGES:
        if inputs.get(name) is not None:
            scoped[name] = inputs[name][kept]
    if (copies := inputs.get("copies")) is not None:
        scoped["copies"] = copies[kept[copies["first"].to_numpy()] & kept[copies["second"].to_numpy()]]
    for name in ("rows", "boxes"):
        rows = inputs[name]
        scoped[name] = rows[kept[rows["image"].to_numpy()]]
    scoped |= _of_model(rule, inputs, kept)
    labels, strays = inputs["labels"], inputs["strays"]
    of_image = labels["image"].to_numpy()
    alone = ~_matching(labels["path"], rule.ignore)
    if rule.splits:
        alone &= labels["split"].isin(rule.splits).to_numpy()
    scoped["labels"] = labels[np.where(of_image >= 0, np.append(kept, False)[of_image], alone)]
    scoped["strays"] = strays[~_matching(strays["path"], rule.ignore)]
    if rule.classes:
        scoped["boxes"] = scoped["boxes"][scoped["boxes"]["class_id"].isin(class_ids(rule, inputs["names"]))]
    return scoped


def _of_model(rule: Rule, inputs: Mapping[str, Any], kept: NDArray[np.bool_]) -> dict[str, Any]:
    """What a model says of these images, and of labels of these classes; its skill stays that on all of them.

    An object without a label is of the class that the model says.
    """
    boxes = inputs["rows"]
    image, class_id = boxes["image"], boxes["class_id"]
    classes, scoped = class_ids(rule, inputs["names"]) if rule.classes else None, {}
    if (predictions := inputs.get("predictions")) is not None:
        scoped["predictions"] = predictions[kept[predictions["image"].to_numpy()]]
    for name in ("matches", "crops", "judgements"):
        if (rows := inputs.get(name)) is None:
            continue
        given = rows["box"].to_numpy()
        labelled = given >= 0
        owner = rows["image"].to_numpy() if "image" in rows else image.loc[given].to_numpy()
        wanted = kept[owner]
        if classes is not None:
            said = rows["class_id"].to_numpy().copy() if name == "judgements" else np.zeros(len(rows), np.int32)
            said[labelled] = class_id.loc[given[labelled]].to_numpy()
            wanted = wanted & np.isin(said, classes)
        scoped[name] = rows[wanted]
    return scoped


def class_ids(rule: Rule, names: Sequence[str]) -> list[int]:
    """Ids of the classes that a rule is about; all if it names none."""
    return [number for number, name in enumerate(names) if not rule.classes or name in rule.classes]


def _matching(paths: Series, globs: tuple[str, ...]) -> NDArray[np.bool_]:
    found = (any(fnmatchcase(path, glob) for glob in globs) for path in paths)
    return np.fromiter(found, dtype=np.bool_, count=len(paths))
