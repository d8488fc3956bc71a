"""A folder → small data sets in it that hold the frames of cameras over a moving bench."""

from __future__ import annotations

from pathlib import Path

from scenes import draw_scene, window_of
from small_sets import QUALITY, SMALL, opened, scenes
from writing import DataSet

FRAME = (128, 96)
STEP = 4
"""Pixels by which the bench moves from one frame to the next."""


def two_clips(folder: Path, seed: int) -> DataSet:
    """Two clips that are spread over train and val: one frame by frame, one cut in two."""
    written = opened(folder, "two-clips")
    for line, first, in_val in ((5, 101, {4, 5, 9}), (6, 201, set(range(8, 14)))):
        wide = draw_scene(f"{seed}/two-clips/{line}", (FRAME[0] + 14 * STEP, FRAME[1]), [0, 1, 2] * 2, 1.3)
        for number in range(14):
            frame = window_of(wide, STEP * number, 0, FRAME)
            split = "val" if number in in_val else "train"
            written.add(split, f"line{line}_{first + number:06d}", frame, None, QUALITY)
        file = f"images/val/line{line}_{first + min(in_val):06d}.jpg"
        written.plant("leaked-source", file, None, f"frames of line{line} are in train too")
        written.plant("adjacent-frames", file, None, "the frame before it is in train")
    return written


def clip(folder: Path, seed: int) -> DataSet:
    """Ten frames of a camera that moves over a bench; in one a box is missing, in one a box has another class."""
    written = opened(folder, "clip")
    wide = draw_scene(f"{seed}/clip", (180, 120), [0, 1, 2, 0], 1.4)
    for number in range(10):
        scene = window_of(wide, 2 * number, 0, SMALL)
        rows = scene.rows()
        name = f"line3_{number + 41:06d}"
        if number == 4:
            rows = rows[1:]
            written.plant("flickering-box", f"images/train/{name}.jpg", None, "a part that the frames around it have")
        if number == 7:
            rows[0] = str((int(rows[0][0]) + 1) % 3) + rows[0][1:]
            note = "another class than in the frames around it"
            written.plant("flickering-class", f"labels/train/{name}.txt", 1, note)
        written.add("train", name, scene, rows, QUALITY)
    for split, name, scene in scenes(seed, "clip", 0, 2):
        written.add(split, name, scene, None, QUALITY)
    return written
