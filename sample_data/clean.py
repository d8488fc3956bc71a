"""A folder → the clean data set in it: bolts, nuts and washers on benches, in train, val and test."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cameras import some_day
from parts import NAMES
from scenes import draw_scene
from writing import DataSet, picture_name

SPLITS = {"train": (68, 4), "val": (15, 1), "test": (11, 1)}
"""Pictures with parts, and pictures of empty benches."""
SIZES = ((416, 312), (400, 300), (448, 336), (384, 288), (336, 448))
QUALITY = 80
LEAST_PARTS, PART_RANGE = 6, 4
DESCRIPTOR = """\
# Bolts, nuts and washers on workbenches. Drawn by sample_data/draw.py: see sample_data/README.md.
train: images/train
val: images/val
test: images/test

names:
  0: bolt
  1: nut
  2: washer
"""


def draw_clean(folder: Path, seed: int, split: str) -> None:
    """Write a split of the data set.

    A third of its pictures lack one class, so that no class comes only with another; cameras and times are any.
    """
    written = DataSet(folder)
    written.write("data.yaml", DESCRIPTOR)
    full, empty = SPLITS[split]
    drawn: Counter[int] = Counter()
    for number in range(full + empty):
        classes = [] if number >= full else wanted(number, drawn)
        scene = draw_scene(f"{seed}/clean/{split}/{number}", SIZES[number % len(SIZES)], classes)
        drawn.update(box.class_id for box in scene.boxes)
        name = picture_name(seed, "clean", split, number)
        written.add(split, name, scene, quality=QUALITY, exif=some_day(f"{seed}/clean/{split}/{number}"))


def wanted(number: int, drawn: Counter[int]) -> list[int]:
    """The classes of a picture's parts: always the one that is rarest so far."""
    count = drawn.copy()
    allowed = [class_id for class_id in range(len(NAMES)) if class_id != number % 9]
    classes = []
    for _ in range(LEAST_PARTS + number % PART_RANGE):
        rarest = min(allowed, key=lambda class_id: (count[class_id], (class_id + number) % len(NAMES)))
        count[rarest] += 1
        classes.append(rarest)
    return classes
