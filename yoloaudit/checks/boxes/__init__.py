"""Checks of boxes, without pixels and without a model; here what several of them need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.tables import Boxes, Images
from yoloaudit.findings import shorten
from yoloaudit.geometry import Floats, Integers, Mask, Pairs, close_pairs, corners_of, key_values, sort_key

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


def corners(boxes: Boxes) -> Floats:
    """x1 y1 x2 y2 as shares of the image, known for images of unknown size too."""
    return corners_of(boxes[["cx", "cy", "w", "h"]].to_numpy())


def named(names: Sequence[str], ids: Integers) -> list[str]:
    """Class names for a message; the number where there is no name."""
    return [shorten(names[number]) if 0 <= number < len(names) else str(number) for number in ids.tolist()]


def related(ids: Any) -> list[list[dict[str, int]]]:
    """One related row for each defect."""
    return [[{"row": row}] for row in ids.tolist()]


def above(limit: float, values: Any) -> Any:
    """A score for numbers beyond a limit: 0.5 at the limit, towards 1 far above it."""
    return 1 - 0.5 * limit / np.maximum(values, limit)


def quantiles(groups: Integers, values: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles (linear between ranks) of the values of each group 0 … G − 1, none of them empty: (G, shares)."""
    ordered = np.sort(sort_key(groups, values))
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    rank = (sizes - 1)[:, None] * np.asarray(shares)
    low = np.floor(rank).astype(np.int64)
    high = np.minimum(low + 1, (sizes - 1)[:, None])
    below, beyond = (key_values(ordered[starts[:, None] + place]).astype(np.float64) for place in (low, high))
    return np.asarray(below + (beyond - below) * (rank - low))


def classes_of_size(boxes: Boxes, sound: Mask, least: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of sound boxes whose class has `least` of them, and a running number of their class."""
    positions = np.flatnonzero(sound)
    codes, _ = pd.factorize(boxes["class_id"].to_numpy()[positions])
    kept = np.bincount(codes)[codes] >= least
    codes, _ = pd.factorize(codes[kept])
    return positions[kept], codes


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
