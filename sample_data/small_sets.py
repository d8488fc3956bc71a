"""A folder and a topic → a small data set in a folder of its own, and small pictures for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scenes import Scene, draw_scene
from writing import DataSet, picture_name

SMALL = (160, 120)
PARTS = ("bolt", "nut", "washer")
QUALITY = 78


def opened(folder: Path, topic: str, names: tuple[str, ...] = PARTS) -> DataSet:
    """A data set in a folder of its own, with its descriptor."""
    written = DataSet(folder / topic, f"{topic}/data.yaml")
    lines = ["train: images/train", "val: images/val", "names:", *(f"  - {name}" for name in names)]
    written.write("data.yaml", "".join(line + "\n" for line in lines))
    return written


def scenes(seed: int, topic: str, train: int, val: int, parts: int = 3) -> Iterator[tuple[str, str, Scene]]:
    """Small pictures of a topic: split, name, scene."""
    for split, count in (("train", train), ("val", val)):
        for number in range(count):
            classes = [(number + part) % 3 for part in range(parts)]
            scene = draw_scene(f"{seed}/{topic}/{split}/{number}", SMALL, classes, 1.3)
            yield split, picture_name(seed, topic, split, number), scene
