"""A folder → small data sets in it, one for each defect that spoils a data set as a whole."""

from __future__ import annotations

from pathlib import Path

from clips import clip, two_clips
from copies import copies
from origins import origins
from pictures import dimmed
from sameness import one_fixture, two_lamps
from scenes import Box, Scene, draw_scene
from small_sets import QUALITY, opened, scenes
from writing import DataSet, Plant, picture_name, renamed

WIDE = (160, 90)


def draw_topics(folder: Path, seed: int) -> list[Plant]:
    """Write the data sets; what has been planted in them."""
    plants: list[Plant] = []
    for draw in (pixels, corners, offset, cloned, backgrounds, clip, two_clips, origins, copies):
        plants += draw(folder, seed).plants
    for draw in (pile, class_mix, one_fixture, two_lamps):
        plants += draw(folder, seed).plants
    return plants


def pixels(folder: Path, seed: int) -> DataSet:
    """Every row in pixels."""
    written = opened(folder, "pixels")
    for split, name, scene in scenes(seed, "pixels", 6, 3):
        rows = [
            f"{box.class_id} {(box.x1 + box.x2) / 2} {(box.y1 + box.y2) / 2} {box.x2 - box.x1} {box.y2 - box.y1}"
            for box in scene.boxes
        ]
        written.add(split, name, scene, rows, QUALITY)
    written.plant("pixel-coordinates", None, None, "all rows are in pixels")
    return written


def corners(folder: Path, seed: int) -> DataSet:
    """Every row as x1 y1 x2 y2."""
    written = opened(folder, "corners")
    for split, name, scene in scenes(seed, "corners", 6, 3):
        width, height = scene.picture.size
        rows = [
            f"{box.class_id} {box.x1 / width:.6f} {box.y1 / height:.6f} {box.x2 / width:.6f} {box.y2 / height:.6f}"
            for box in scene.boxes
        ]
        written.add(split, name, scene, rows, QUALITY)
    written.plant("corner-coordinates", None, None, "all rows are x1 y1 x2 y2")
    return written


def offset(folder: Path, seed: int) -> DataSet:
    """Class ids that count from 1, and not one background."""
    written = opened(folder, "offset")
    for split, name, scene in scenes(seed, "offset", 6, 3):
        written.add(split, name, renamed(scene, {0: 1, 1: 2, 2: 3}), None, QUALITY)
    written.plant("class-id-offset", None, None, "ids 1 to 3 where names has 0 to 2")
    written.plant("no-backgrounds", None, None, "no picture of an empty bench")
    return written


def cloned(folder: Path, seed: int) -> DataSet:
    """One box at the same place in six pictures."""
    written = opened(folder, "cloned")
    copy = "1 0.500000 0.500000 0.250000 0.250000"
    first = None
    for number, (split, name, scene) in enumerate(scenes(seed, "cloned", 8, 3)):
        rows = scene.rows() + [copy] * (number < 6)
        first = first or (f"labels/{split}/{name}.txt", len(rows))
        written.add(split, name, scene, rows, QUALITY)
    if first:
        written.plant("cloned-box", *first, "the last row of this file stands in five others too")
    return written


def backgrounds(folder: Path, seed: int) -> DataSet:
    """More than half of train shows nothing, by another camera in dim light; no other split has a background."""
    written = opened(folder, "backgrounds")
    for split, name, scene in scenes(seed, "backgrounds", 8, 4):
        written.add(split, name, scene, None, QUALITY)
    for number in range(10):
        scene = draw_scene(f"{seed}/backgrounds/empty/{number}", WIDE, [])
        written.add("train", picture_name(seed, "backgrounds", "empty", number), dimmed(scene, 0.65), None, QUALITY)
    written.plant("too-many-backgrounds", None, None, "10 of 18 pictures of train are of empty benches")
    written.plant("backgrounds-in-one-split", None, None, "val has no picture of an empty bench")
    written.plant("background-domain-gap", None, None, "the empty benches are wide, and dim")
    return written


def pile(folder: Path, seed: int) -> DataSet:
    """A tray with more washers than a detector returns."""
    written = opened(folder, "pile")
    for split, name, scene in scenes(seed, "pile", 3, 2):
        written.add(split, name, scene, None, QUALITY)
    name = picture_name(seed, "pile", "tray")
    scene = draw_scene(f"{seed}/pile", (480, 360), [2] * 312, 0.22)
    written.add("train", name, scene, None, QUALITY)
    written.plant("beyond-max-detections", f"images/train/{name}.jpg", None, f"{len(scene.boxes)} washers")
    return written


def class_mix(folder: Path, seed: int) -> DataSet:
    """Six classes, of which none is spread as it should be; only the labels' classes matter here."""
    bolt, spring, rivet = 0, 3, 4
    written = opened(folder, "class-mix", ("bolt", "nut", "washer", "spring washer", "rivet", "pin"))
    for number in range(40):
        classes = [2, 2] + [2] * (number < 32) + [1] * (number >= 14) + [0] * (number == 9)
        nuts = 30 if number == 20 else 0
        name = picture_name(seed, "class-mix", number)
        size = (240, 180) if nuts else (120, 90)
        scene = draw_scene(f"{seed}/class-mix/{number}", size, classes + [1] * nuts, 0.5 if nuts else 1.2)
        third = [index for index, box in enumerate(scene.boxes) if box.class_id == 2][2:]
        boxes = [
            Box(spring if index in third else box.class_id, box.x1, box.y1, box.x2, box.y2)
            for index, box in enumerate(scene.boxes)
        ]
        written.add("train", name, Scene(scene.picture, tuple(boxes)), None, QUALITY)
    for number in range(12):
        scene = draw_scene(f"{seed}/class-mix/val/{number}", (120, 90), [0, 0, 0, 2, 2], 1.1)
        ids = {bolt: rivet} if number < 6 else {}
        written.add("val", picture_name(seed, "class-mix", "val", number), renamed(scene, ids), None, QUALITY)
    for rule, note in (
        ("unused-class", "nothing is a pin"),
        ("class-missing-in-train", "rivets are in val alone"),
        ("class-missing-in-val", "nuts are in train alone"),
        ("class-imbalance", "80 washers and more, one bolt"),
        ("rare-class", "one bolt in train"),
        ("split-class-drift", "val is mostly rivets and bolts"),
        ("inseparable-classes", "no spring washer without a washer beside it"),
        ("concentrated-class", "most nuts lie in one picture"),
    ):
        written.plant(rule, None, None, note)
    return written
