"""A folder → small data sets in it of which the pictures are too much alike, or alike in the wrong way."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
from cameras import shot
from pictures import dimmed
from PIL import Image
from scenes import Scene, draw_scene, window_of
from small_sets import QUALITY, opened
from textures import generator
from writing import DataSet, encoded, picture_name

TINY = (96, 72)
PLAY = 1
"""Pixels by which a part lies further to one side of its fixture at the most."""
FIXTURES = {"train": (54, ([1, 2], [0, 2])), "val": (6, ([0, 1],))}
"""Pictures of a split, and the parts that lie in each of its fixtures."""
MORNING = datetime(2023, 3, 14, 10, 0)


def one_fixture(folder: Path, seed: int) -> DataSet:
    """Two parts in one light, again and again within an hour; the model is to work on all kinds of benches."""
    written = opened(folder, "one-fixture")
    room = (TINY[0] + PLAY, TINY[1])
    moment = MORNING
    for split, (count, parts) in FIXTURES.items():
        fixtures = [
            draw_scene(f"{seed}/one-fixture/{split}/{number}", room, classes, 1.9)
            for number, classes in enumerate(parts)
        ]
        for number in range(count):
            scene = once_more(fixtures[number % len(fixtures)], Random(f"{seed}/one-fixture/{split}/{number}"))
            name = picture_name(seed, "one-fixture", split, number)
            written.add(split, name, scene, None, QUALITY, shot(0, moment))
            moment += timedelta(minutes=1)
    for number in range(24):
        scene = draw_scene(f"{seed}/one-fixture/deployed/{number}", TINY, [number % 3, (number + 1) % 3])
        name = picture_name(seed, "one-fixture", "deployed", number)
        written.write(f"deployed/{name}.jpg", encoded(scene.picture, quality=QUALITY))
    for rule, note in (
        ("redundant-images", "60 pictures of 3 scenes"),
        ("few-scenes", "54 pictures of 2 scenes"),
        ("narrow-lighting", "one lamp"),
        ("narrow-time-of-day", "all between 10 and 11 o'clock"),
        ("narrow-season", "all on one day of March"),
        ("dominant-source", "one camera"),
        ("narrow-object-scale", "parts fill much of the frame"),
        ("position-bias", "every part lies in its fixture"),
    ):
        written.plant(rule, None, None, note)
    note = "the pictures in one-fixture/deployed show all kinds of benches"
    written.plant("deployment-gap", None, None, note, "deployed one-fixture/deployed")
    return written


def once_more(scene: Scene, rng: Random) -> Scene:
    """The next picture of the same parts: a pixel further or not, with other grain."""
    seen = window_of(scene, rng.randint(0, PLAY), 0, TINY)
    light = np.asarray(seen.picture, dtype=np.float32)
    grain = generator(rng).standard_normal(light.shape, dtype=np.float32) * 1.5
    return Scene(Image.fromarray(np.clip(light + grain, 0, 255).astype(np.uint8)), seen.boxes)


def two_lamps(folder: Path, seed: int) -> DataSet:
    """In train, bolts lie under a bright lamp and nuts under a dim one; in val the lamp is dimmer still for all."""
    written = opened(folder, "two-lamps", ("bolt", "nut"))
    for split, count in (("train", 66), ("val", 16)):
        for number in range(count):
            class_id = number % 2
            scene = draw_scene(f"{seed}/two-lamps/{split}/{number}", TINY, [class_id] * (1 + number % 3), 1.2)
            gain = 0.6 if split == "val" else 0.9 if class_id else 1.7
            written.add(split, picture_name(seed, "two-lamps", split, number), dimmed(scene, gain), None, QUALITY)
    written.plant("property-shortcut", None, None, "in train, what is bright is a bolt")
    written.plant("split-appearance-drift", None, None, "val is dimmer")
    return written
