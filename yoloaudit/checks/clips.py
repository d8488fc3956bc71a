"""Images that follow one another in a clip, and boxes that match from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from yoloaudit.dataset.tables import Images
from yoloaudit.geometry import Floats, Integers, Pairs, close_pairs

LEAST_FRAMES = 5
"""Images that a clip has at least."""
SAMPLE = 20
"""Frames of a clip that tell whether it is a video."""


class Frames(NamedTuple):
    """Ids of three images that follow one another at one step, and the number of their clip: row i of each."""

    before: Integers
    at: Integers
    after: Integers
    clip: Integers


def frames_of(images: Images) -> Frames:
    """Neighbours in clips of LEAST_FRAMES images and more, by frame number; an image that is dropped is no frame."""
    usable = (images["frame"].to_numpy() >= 0) & (images["fate"] != "dropped").to_numpy()
    ids, frame = images.index.to_numpy()[usable], images["frame"].to_numpy()[usable]
    source, _ = pd.factorize(images["source"].to_numpy()[usable])
    clip = np.where(source < 0, -1, (source + 1) * 128 + images["split"].cat.codes.to_numpy()[usable])
    order = np.lexsort((frame, clip))
    ids, frame, clip = ids[order], frame[order], clip[order]
    _, which, sizes = np.unique(clip, return_inverse=True, return_counts=True)
    step = np.diff(frame)
    same = (np.diff(clip) == 0) & (clip[1:] >= 0) & (sizes[which][1:] >= LEAST_FRAMES) & (step > 0)
    middle = np.flatnonzero(same[:-1] & same[1:] & (step[:-1] == step[1:])) + 1
    return Frames(ids[middle - 1], ids[middle], ids[middle + 1], which[middle])


def next_frames(frames: Frames) -> tuple[Integers, Integers]:
    """Each image and the one that follows it, once."""
    earlier, kept = np.unique(np.concatenate([frames.before, frames.at]), return_index=True)
    return earlier, np.concatenate([frames.at, frames.after])[kept]


def of_video(frames: Frames, image: Integers, where: Floats, classes: Integers) -> Frames:
    """Frames of clips in which objects stay: half of the boxes have one of their class in the next frame, at IoU 0.5.

    Numbered photographs look like the frames of a video by their names; the first SAMPLE frames tell them apart.
    """
    rank = np.arange(len(frames.clip)) - np.searchsorted(frames.clip, frames.clip, side="left")
    earlier, later, clip = (column[rank < SAMPLE] for column in (frames.before, frames.at, frames.clip))
    stays = np.zeros(len(image), dtype=bool)
    for first, second, _ in matches(image, where, earlier, later, 0.5):
        stays[first[classes[first] == classes[second]]] = True
    clip_of = np.full(_size(image, earlier), -1, dtype=np.int64)
    clip_of[earlier] = clip
    clip = clip_of[image]
    most = int(frames.clip.max(initial=0)) + 1
    boxes, staying = (np.bincount(clip[rows], minlength=most) for rows in (clip >= 0, (clip >= 0) & stays))
    video = ((staying > 0) & (2 * staying >= boxes))[frames.clip]
    return Frames(*(column[video] for column in frames))


def matches(image: Integers, where: Floats, earlier: Integers, later: Integers, least: float) -> Iterator[Pairs]:
    """Pairs of a box in image earlier[i] and a box in image later[i] with IoU of `least` or more."""
    size = _size(image, earlier, later)
    positions, groups, sides = [], [], []
    for side, ids in enumerate((earlier, later)):
        group_of = np.full(size, -1, dtype=np.int64)
        group_of[ids] = np.arange(len(ids))
        inside = np.flatnonzero(group_of[image] >= 0)
        positions.append(inside)
        groups.append(group_of[image[inside]])
        sides.append(np.full(len(inside), side, dtype=np.int8))
    position, side_of = np.concatenate(positions), np.concatenate(sides)
    crossing = close_pairs(
        np.concatenate(groups), where[position], least, accept=lambda first, second: side_of[first] != side_of[second]
    )
    for pairs in crossing:
        first, second, overlap = pairs.turned(side_of[pairs.first] == 1)
        yield Pairs(position[first], position[second], overlap)


def _size(*ids: Integers) -> int:
    return max(int(some.max(initial=-1)) for some in ids) + 1
