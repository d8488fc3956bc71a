"""The clip or original that an image comes from, where its file name can be believed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.checks.clips import SAMPLE, Frames, frames_of, next_frames, of_video
from yoloaudit.dataset.tables import Boxes, Images
from yoloaudit.geometry import Integers, corners_of

NAMES = ["split", "source", "frame", "fate"]
"""Columns of images that this takes."""


def sources_of(images: Images, boxes: Boxes) -> tuple[Integers, NDArray[np.object_]]:
    """A number for the source of each image, -1 where none is known, and the names of the sources.

    Photographs with running numbers look like the frames of a clip by their names; a clip counts only if its objects
    stay from one frame to the next. Copies of one original, which exporting tools name, count as they are.
    """
    codes, names = pd.factorize(images["source"].to_numpy())
    numbered = images["frame"].to_numpy() >= 0
    if numbered.any():
        clip = np.zeros(len(names) + 1, dtype=bool)
        clip[codes[np.isin(images.index.to_numpy(), _frames_of_videos(images, boxes))]] = True
        codes = np.where(numbered & ~clip[codes], -1, codes)
    return codes, np.asarray(names, dtype=object)


def _frames_of_videos(images: Images, boxes: Boxes) -> Integers:
    """Some frames of each clip that is a video: those by which it is told."""
    frames = frames_of(images)
    if not len(frames.at) or not len(boxes):
        return np.zeros(0, dtype=np.int64)
    rank = np.arange(len(frames.clip)) - np.searchsorted(frames.clip, frames.clip, side="left")
    frames = Frames(*(column[rank < SAMPLE] for column in frames))
    frame = np.zeros(int(max(images.index.max(), boxes["image"].max())) + 1, dtype=bool)
    for ids in next_frames(frames):
        frame[ids] = True
    rows = np.flatnonzero(frame[boxes["image"].to_numpy()])
    image, classes, *centres = (boxes[name].to_numpy()[rows] for name in ("image", "class_id", "cx", "cy", "w", "h"))
    return of_video(frames, image, corners_of(np.stack(centres, axis=1)), classes).at
