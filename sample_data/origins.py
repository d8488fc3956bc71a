"""A folder → a small data set in it with pictures of one origin in train and in val, which do not look alike."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

from cameras import shot
from pictures import dimmed
from PIL import ImageOps
from scenes import Box, Scene, draw_scene, window_of
from small_sets import QUALITY, opened, scenes
from writing import DataSet, picture_name

TILE = (128, 96)
NOON = datetime(2023, 6, 2, 12, 30, 5)


def origins(folder: Path, seed: int) -> DataSet:
    """Copies that a tool made of one picture, tiles of a larger picture, and two photographs within a minute."""
    written = opened(folder, "origins")
    plant_exports(written, draw_scene(f"{seed}/origins/export", TILE, [0, 1, 2, 1], 1.3))
    plant_tiles(written, draw_scene(f"{seed}/origins/tiles", (2 * TILE[0], 2 * TILE[1]), [0, 1, 2] * 4, 0.8))
    for split, seconds in (("train", 0), ("val", 20)):
        scene = draw_scene(f"{seed}/origins/minute/{split}", TILE, [0, 1, 2], 1.3)
        name = picture_name(seed, "origins", "minute", split)
        written.add(split, name, scene, None, QUALITY, shot(1, NOON + timedelta(seconds=seconds)))
    note = "20 seconds after a picture of train, by the same camera"
    written.plant("leaked-source", f"images/val/{name}.jpg", None, note)
    for split, name, scene in scenes(seed, "origins", 3, 3):
        written.add(split, name, scene, None, QUALITY)
    return written


def plant_exports(written: DataSet, scene: Scene) -> None:
    """What an exporting tool makes of a picture: the picture, and it once more, mirrored and brighter."""
    for split, made in (("train", scene), ("val", mirrored(scene))):
        name = f"vise-plum_jpg.rf.{hashlib.sha256(split.encode()).hexdigest()[:32]}"
        written.add(split, name, made, None, QUALITY)
    written.plant("leaked-source", f"images/val/{name}.jpg", None, "of the picture vise-plum, as one of train")


def plant_tiles(written: DataSet, large: Scene) -> None:
    """The four quarters of a larger picture, one of them in val."""
    for row in (0, 1):
        for column in (0, 1):
            tile = window_of(large, column * TILE[0], row * TILE[1], TILE)
            written.add("val" if row and column else "train", f"bench-teal_r{row}_c{column}", tile, None, QUALITY)
    written.plant("leaked-source", "images/val/bench-teal_r1_c1.jpg", None, "of the picture bench-teal, as 3 of train")


def mirrored(scene: Scene) -> Scene:
    """A scene with left and right changed over, and brighter."""
    width = scene.picture.width
    boxes = tuple(Box(box.class_id, width - box.x2, box.y1, width - box.x1, box.y2) for box in scene.boxes)
    return dimmed(Scene(ImageOps.mirror(scene.picture), boxes), 1.2)
