"""Records of images → which may hold equal pixels in unequal bytes, and the key that tells equal pixels.

A JPEG is only decoded at a reduced size; the hash of all its pixels is made where another image could have the same:
one with equal reduced pixels, or one of another format and of its size that looks the same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.measure.facts import Records
from yoloaudit.measure.hashes import codes_of
from yoloaudit.measure.neighbours import search

DISTANCE = 4
"""Bits of 64 by which the perceptual hashes of equal pixels may differ, decoded in two ways."""


def pixel_keys(records: Records) -> NDArray[np.void]:
    """The hash of all pixels where it is known, else that of the bytes; zeros where nothing was decoded."""
    keys = np.where(_known(records["exact"]), records["exact"], records["content"])
    keys[~records["decoded"]] = np.zeros((), keys.dtype)
    return keys


def unsure(records: Records) -> NDArray[np.int64]:
    """Positions of images that have to be decoded in full to tell whether another one has the same pixels."""
    open_: NDArray[np.bool_] = records["decoded"] & ~_known(records["exact"])
    return np.flatnonzero(open_ & (_like_another(records) | _like_another_format(records, open_)))


def _like_another(records: Records) -> NDArray[np.bool_]:
    """Equal reduced pixels in other bytes."""
    reduced, content = pd.factorize(records["reduced"])[0], codes_of(records["content"])
    pairs = pd.DataFrame({"reduced": reduced, "content": content}).drop_duplicates()
    found: NDArray[np.bool_] = (np.bincount(pairs["reduced"].to_numpy())[reduced] > 1) & (records["reduced"] != 0)
    return found


def _like_another_format(records: Records, open_: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """JPEGs that look like an image of another format, and have the size of one."""
    found = np.zeros(len(records), dtype=np.bool_)
    whole: NDArray[np.bool_] = records["decoded"] & ~open_ & (records["format"] != b"JPEG")
    if not whole.any():
        return found
    size = records["width"].astype(np.int64) << 32 | records["height"]
    left: NDArray[np.bool_] = open_.copy()
    left[open_] = np.isin(size[open_], size[whole])
    hashes = np.unique(records["perceptual"][left | whole])
    pairs = search(hashes, DISTANCE)
    first, second = np.append(pairs.first, np.arange(len(hashes))), np.append(pairs.second, np.arange(len(hashes)))
    of_whole = np.isin(hashes, records["perceptual"][whole])
    near = np.zeros(len(hashes), dtype=np.bool_)
    near[first[of_whole[second]]] = True
    near[second[of_whole[first]]] = True
    found[left] = near[np.searchsorted(hashes, records["perceptual"][left])]
    return found


def _known(keys: NDArray[np.void]) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = (np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2) != 0).any(axis=1)
    return known
