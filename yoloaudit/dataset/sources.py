"""Image file names → the clip or original that each tells of, and its number within the clip.

The grammar, on the file name without its suffix:

    original   <name>[_<image suffix>].rf.<20 to 40 letters or digits>    source = <name>, no number (Roboflow's copies)
    tile       <name>_tile_<row>_<column>, <name>_r<row>_c<column>        source = <name>, no number (of a larger image)
               <name>_x<x>_y<y>, <name>__<x>_<y>
    clip       <prefix>[_ | - | blank]<digits>                            source = <prefix>, frame = the number

The first that fits counts. A name only counts as that of a larger image if at least two files share it, and a prefix
as a clip if at least five images share it and no two of them have the same number. Where numbers repeat, the name of
the folder is put before the prefix (`cam1/frame_0001`, `cam2/frame_0001`), and the same is asked of that. A name of
digits alone tells of no clip. Everything else has no source (None) and no number (-1).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEAST_FRAMES = 5
DIGITS = "0123456789"
MAX_DIGITS = 18
SUFFIXES = "bmp|gif|heic|jpe?g|png|tiff?|webp"
COPY = re.compile(rf"(.+?)(?:_(?:{SUFFIXES}))?\.rf\.[0-9a-z]{{20,40}}", re.DOTALL | re.IGNORECASE)
TILE = re.compile(r"(.+?)(?:_tile_[0-9]+_|_r[0-9]+_c|_x[0-9]+_y|__[0-9]+_)[0-9]+", re.DOTALL | re.IGNORECASE)
LEAST_TILES = 2
BEFORE_COLUMN = (*(f"{digit}_" for digit in DIGITS), "_c", "_C", "_y", "_Y")
"""What stands before the last number of a tile's name."""


def sources_of(paths: Sequence[str]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Source and frame number of each image; a path that stands twice has the same both times."""
    once = list(dict.fromkeys(paths))
    sources, frames = _sources_of(once)
    if len(once) == len(paths):
        return sources, frames
    place = {path: position for position, path in enumerate(once)}
    again = np.fromiter((place[path] for path in paths), dtype=np.int64, count=len(paths))
    return sources[again], frames[again]


def _sources_of(paths: Sequence[str]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    stems = [path[path.rfind(os.sep) + 1 : path.rfind(".")] for path in paths]
    sources = np.full(len(stems), None, dtype=object)
    frames = np.full(len(stems), -1, dtype=np.int64)
    prefixes = [stem.rstrip(DIGITS) for stem in stems]
    tiles = _tiles(stems, prefixes)
    candidates, numbers, keys = [], [], []
    for position, (stem, prefix) in enumerate(zip(stems, prefixes, strict=True)):
        if ".rf." in stem and (copy := COPY.fullmatch(stem)):
            sources[position] = copy[1]
        elif position in tiles:
            sources[position] = tiles[position]
        elif prefix and 0 < len(stem) - len(prefix) <= MAX_DIGITS:
            key = prefix[:-1] if prefix[-1] in "_- " else prefix
            if key:
                candidates.append(position)
                numbers.append(int(stem[len(prefix) :]))
                keys.append(key)
    at, number = np.array(candidates, dtype=np.int64), np.array(numbers, dtype=np.int64)
    clip, shared = _are_clips(keys, number)
    clash = np.flatnonzero(shared & ~clip)
    if len(clash):
        longer = [f"{_folder(paths[at[place]])}/{keys[place]}" for place in clash.tolist()]
        clip[clash] = _are_clips(longer, number[clash])[0]
        for place, key in zip(clash.tolist(), longer, strict=True):
            keys[place] = key
    sources[at[clip]] = np.array(keys, dtype=object)[clip]
    frames[at[clip]] = number[clip]
    return sources, frames


def _tiles(stems: Sequence[str], prefixes: Sequence[str]) -> dict[int, str]:
    """The larger image that each tile is of, by the position of the tile; `prefixes` are without their last number."""
    names = {}
    for position, (stem, prefix) in enumerate(zip(stems, prefixes, strict=True)):
        if prefix.endswith(BEFORE_COLUMN) and len(prefix) < len(stem) and (tile := TILE.fullmatch(stem)):
            names[position] = tile[1]
    shared = Counter(names.values())
    return {position: name for position, name in names.items() if shared[name] >= LEAST_TILES}


def _folder(path: str) -> str:
    return os.path.basename(os.path.dirname(path))


def _are_clips(keys: Sequence[str], numbers: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which names belong to a key that enough share, each with its own number; and which to one that enough share."""
    if not keys:
        return np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    codes = pd.factorize(np.array(keys, dtype=object))[0]
    count = np.bincount(codes)
    order = np.lexsort((numbers, codes))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (np.diff(codes[order]) != 0) | (np.diff(numbers[order]) != 0)
    distinct = np.bincount(codes[order][first], minlength=len(count))
    enough = count >= LEAST_FRAMES
    return ((distinct == count) & enough)[codes], enough[codes]
