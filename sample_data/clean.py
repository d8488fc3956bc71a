"""A folder → the clean data set in it: bolts, nuts and washers on benches, in train, val and test."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from parts import NAMES
from scenes import draw_scene
from writing import DataSet, picture_name

SPLITS = {"train": (68, 4), "val": (15, 1), "test": (11, 1)}
"""Pictures with parts, and pictures of empty benches."""
SIZES = ((416, 312), (400, 300), (448, 336), (384, 288), (336, 448))
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


def draw_clean(folder: Path, seed: int) -> None:
    """Write the data set; a third of the pictures lack one class, so that no class comes only with another."""
    written = DataSet(folder)
    written.write("data.yaml", DESCRIPTOR)
    for split, (full, empty) in SPLITS.items():
        drawn: Counter[int] = Counter()
        for number in range(full + empty):
            classes = [] if number >= full else wanted(number, drawn)
            scene = draw_scene(f"{seed}/clean/{split}/{number}", SIZES[number % len(SIZES)], classes)
            drawn.update(box.class_id for box in scene.boxes)
            written.add(split, picture_name(seed, "clean", split, number), scene)


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
