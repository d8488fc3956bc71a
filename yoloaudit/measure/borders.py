"""Boxes and small grey pictures of their images → how much of each box is empty on each side.

B pictures of 64 × 64 pixels, N boxes. All coordinates are pixels of the small picture, which squashes the image to a
square: a box then keeps its place as a share of each side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import BORDERS, Borders, Boxes, table
from yoloaudit.geometry import Floats, Integers, clip, corners_of

SIDE = 64
"""Pixels along each side of a small picture."""
LEAST = 14.0
"""Pixels that both sides of a box have at the least: 22 % of the image's sides."""
IMAGES_AT_ONCE, BOXES_AT_ONCE = 256, 1 << 14
"""Few enough for a processor's cache."""
MARGIN = 1
"""Pixels around a box that are looked at too: an outline there is the box's own, drawn a little too narrow."""
NOISE = 30.0
"""Energy a pixel, as the mean over a line, up to which the line is empty."""
CONTRAST = 100.0
"""Energy a pixel that the part between the empty borders has at the least, so that faint objects are not judged."""

Sums = NDArray[np.int32]
PixelsOf = Callable[[NDArray[np.int64]], NDArray[np.uint8]]
"""Ids of B images → their small grey pictures (B, 64, 64); all zero where none is known."""


def borders(boxes: Boxes, pixels_of: PixelsOf) -> Borders:
    """How much of each box holds no gradient, from each side inwards; NaN where that cannot be told.

    It is told of boxes of LEAST pixels, with something to be seen in them; and of a side only if it lies inside the
    image, as beyond the frame an object may go on. Whatever lies within MARGIN of a side counts as lying in the box.
    """
    corners = clip(corners_of(boxes[["cx", "cy", "w", "h"]].to_numpy())) * np.float32(SIDE)
    image = boxes["image"].to_numpy()
    with np.errstate(invalid="ignore"):
        large = np.flatnonzero(((corners[:, 2:] - corners[:, :2]) >= LEAST).all(axis=1) & (image >= 0))
    found = np.full((len(boxes), 4), np.nan, dtype=np.float32)
    for images, members, place in _batches(image[large]):
        rising = _rising(_energy(pixels_of(images)))
        rows = large[members]
        for start in range(0, len(rows), BOXES_AT_ONCE):
            part = slice(start, start + BOXES_AT_ONCE)
            found[rows[part]] = _empty_sides(rising, place[part], corners[rows[part]])
    columns = dict(zip(BORDERS, found.T, strict=True))
    return table(BORDERS, columns).set_axis(boxes.index)


def _batches(image: Integers) -> Iterator[tuple[NDArray[np.int64], Integers, Integers]]:
    """Ids of some images, positions of all that is in them, and the place of each one's image among those ids."""
    order = np.argsort(image, kind="stable")
    images, sizes = np.unique(image, return_counts=True)
    ends = np.cumsum(sizes)
    for start in range(0, len(images), IMAGES_AT_ONCE):
        counts = sizes[start : start + IMAGES_AT_ONCE]
        last = ends[start + len(counts) - 1]
        members = order[last - counts.sum() : last]
        yield images[start : start + len(counts)].astype(np.int64), members, np.repeat(np.arange(len(counts)), counts)


def _energy(pictures: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(B, 64, 64): sum of the squared differences of each pixel from its four neighbours."""
    levels = pictures.astype(np.int16)
    energy = np.zeros(levels.shape, dtype=np.int32)
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
        apart = (levels[one] - levels[other]).astype(np.int32)
        apart *= apart
        energy[one] += apart
        energy[other] += apart
    return energy


def _rising(energy: NDArray[np.int32]) -> tuple[Sums, Sums]:
    """Sums of the energy over all rows above, (B, 65, 64), and over all columns before, (B, 64, 65)."""
    count = len(energy)
    above, before = np.zeros((count, SIDE + 1, SIDE), np.int32), np.zeros((count, SIDE, SIDE + 1), np.int32)
    np.cumsum(energy, axis=1, out=above[:, 1:])
    np.cumsum(energy, axis=2, out=before[:, :, 1:])
    return above, before


def _empty_sides(rising: tuple[Sums, Sums], place: Integers, corners: Floats) -> Floats:
    """Empty shares at the left, top, right and bottom of boxes: (N, 4)."""
    low = np.maximum(np.floor(corners[:, :2]).astype(np.int64) - MARGIN, 0)
    high = np.minimum(np.ceil(corners[:, 2:]).astype(np.int64) + MARGIN, SIDE)
    above, before = rising
    columns = above[place, high[:, 1]] - above[place, low[:, 1]]
    rows = before[place, :, high[:, 0]] - before[place, :, low[:, 0]]
    shares = np.full_like(corners, np.nan)
    for axis, sums in enumerate((columns, rows)):
        mean = sums / (high - low)[:, 1 - axis, None]
        inside = (np.arange(SIDE) >= low[:, axis, None]) & (np.arange(SIDE) < high[:, axis, None])
        shares[:, [axis, axis + 2]] = _ends(np.where(inside, mean, 0), corners[:, [axis, axis + 2]])
    return shares


def _ends(mean: Floats, ends: Floats) -> Floats:
    """Shares of the way between two ends (N, 2) that are empty from each; `mean` is the energy of lines (N, 64)."""
    loud = mean > NOISE
    first, last = loud.argmax(axis=1), SIDE - loud[:, ::-1].argmax(axis=1)
    length = ends[:, 1] - ends[:, 0]
    gaps = np.stack([first - ends[:, 0], ends[:, 1] - last], axis=1)
    shares = np.maximum(gaps, 0) / length[:, None]
    vivid = loud.any(axis=1) & (mean.sum(axis=1) >= CONTRAST * (last - first))
    at_frame = (ends < MARGIN) | (ends > SIDE - MARGIN)
    return np.where(vivid[:, None] & ~at_frame, shares, np.nan)
