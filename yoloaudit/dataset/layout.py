"""TEMPORARY stand-in by the lead so that others can run; its owner replaces it whole (keep these attribute names)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from pandas import DataFrame

from yoloaudit.dataset.descriptor import Descriptor, Entry
from yoloaudit.dataset.labels import LabelRows
from yoloaudit.dataset.tables import LISTED, STRAYS, table
from yoloaudit.errors import DataError
from yoloaudit.files import Root


@dataclass(frozen=True)
class Layout:
    root: Root
    descriptor: Descriptor
    names: tuple[str, ...]
    splits: tuple[str, ...]
    images: list[str]  # absolute, all splits one after the other
    image_splits: list[str]
    label_of: list[int]  # index into labels, -1 none
    labels: list[str]  # one per image that has one (a shared file stands twice), then orphans
    label_splits: list[str]
    sources: list[str | None]
    frames: list[int]
    listed: DataFrame
    strays: DataFrame
    rows: LabelRows | None = None  # of formats that keep labels elsewhere (coco.py, voc.py)


def find(
    data: str | None, *, untrusted: bool = False, root_dir: str | None = None, splits: Sequence[str] = ()
) -> Layout:
    if data is None or not os.path.exists(data):
        raise DataError(f"no such data set: {data}")
    if os.path.isdir(data):
        data = os.path.join(data, "data.yaml")
    folder = os.path.dirname(os.path.abspath(data))
    content = yaml.safe_load(open(data))
    root = Root(os.path.realpath(os.path.join(folder, content.get("path") or "")), untrusted)
    names = content["names"]
    images, image_splits, label_of, labels, label_splits, orphans = [], [], [], [], [], []
    used = [s for s in ("train", "val", "test") if content.get(s)]
    for split in used:
        base = os.path.join(root.path, content[split])
        if not os.path.isdir(base):
            base = os.path.join(folder, content[split].replace("../", ""))
        seen = set()
        for path in sorted(
            p
            for p in root.walk(base)
            if p.rsplit(".", 1)[-1].lower() in {"jpg", "png", "jpeg", "bmp", "webp", "tif", "tiff"}
        ):
            head, found, tail = path.rpartition("/images/")
            label = (head + "/labels/" + tail if found else path).rsplit(".", 1)[0] + ".txt"
            images.append(path)
            image_splits.append(split)
            if os.path.exists(label):
                label_of.append(len(labels))
                labels.append(label)
                label_splits.append(split)
                seen.add(label)
            else:
                label_of.append(-1)
        folder_of = (
            base.replace("/images/", "/labels/")
            if "/images/" in base
            else os.path.join(os.path.dirname(base), "labels")
        )
        if os.path.isdir(folder_of):
            orphans += [(split, p) for p in sorted(root.walk(folder_of)) if p.endswith(".txt") and p not in seen]
    labels += [p for _, p in orphans]
    label_splits += [s for s, _ in orphans]
    n = len(images)
    entries = {key: Entry(value, 1) for key, value in content.items()}
    return Layout(
        root,
        Descriptor(root.relative(os.path.abspath(data)), entries),
        tuple(names if isinstance(names, list) else names.values()),
        tuple(used),
        images,
        image_splits,
        label_of,
        labels,
        label_splits,
        [None] * n,
        [-1] * n,
        table(LISTED, {}),
        table(STRAYS, {}),
    )
