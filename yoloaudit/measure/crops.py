"""How labels look to a model, and their classes → the table `crops`: what those are called that look most alike.

N labels, L levels of the model with D numbers each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import CROPS, Crops, table
from yoloaudit.evidence import Integers

NEIGHBOURS = 10
MOST_KNOWN = 25_000
"""Labels among which neighbours are sought; of more, so many are drawn."""
MOST_SIMILARITIES = 1 << 22
"""Of a block of labels and all that are known: 16 MB."""
SHARES = 16
"""The known are dealt to so many shares, and first compared by the best of each place."""
NEVER = np.float32(-9)

Looks = NDArray[np.float32]


class Described(NamedTuple):
    """Labels that one model looked at."""

    rows: Integers
    """N: rows of `boxes`."""
    looks: NDArray[np.float16]
    """N × L × D, finite."""
    classes: Integers
    """N: their classes."""
    groups: Integers
    """N: equal number: of the same image. Labels of one group are no neighbours."""
    known: NDArray[np.bool_]
    """N: whether it may be a neighbour: false for the further times that one file is listed."""


def crops(described: Described, seed: int = 0) -> Crops:
    """One row for each label that has a neighbour. At most 10¹⁰ products a thousand labels; 100 MB beyond the looks."""
    if not described.known.any():
        return table(CROPS, {})
    known = _drawn(np.flatnonzero(described.known), seed)
    known = known[np.argsort(described.groups[known], kind="stable")]
    centre = described.looks.mean(axis=0, keepdims=True, dtype=np.float32)
    groups, classes = described.groups[known], described.classes[known]
    looks = compared(described.looks[known], centre).T
    parts = []
    for block in _blocks(len(described.rows), len(known)):
        similarity = compared(described.looks[block], centre) @ looks
        _strike(similarity, groups, described.groups[block])
        nearest, values = most_alike(similarity)
        near = values > NEVER
        share, class_id = others(classes[nearest], near, described.classes[block])
        parts.append((described.rows[block], near.sum(axis=1), share, class_id))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    made = table(CROPS, dict(zip(CROPS, columns, strict=True)))
    return made[made["neighbours"] > 0].reset_index(drop=True)


def compared(looks: NDArray[np.float16], centre: Looks) -> Looks:
    """N × (L · D): each level less its centre (1 × L × D) and of equal length, then all of length 1."""
    made = looks - centre
    made /= np.maximum(np.linalg.norm(made, axis=2, keepdims=True), 1e-9) * np.float32(np.sqrt(made.shape[1]))
    return made.reshape(len(made), made.shape[1] * made.shape[2])


def _drawn(known: Integers, seed: int) -> Integers:
    if len(known) <= MOST_KNOWN:
        return known
    return np.sort(np.random.default_rng(seed).choice(known, MOST_KNOWN, replace=False))


def _blocks(count: int, known: int) -> Iterator[slice]:
    step = max(1, MOST_SIMILARITIES // known)
    yield from (slice(first, min(first + step, count)) for first in range(0, count, step))


def _strike(similarity: Looks, groups: Integers, own: Integers) -> None:
    """Let no query (Q) be like those that are known of its own group; `groups` of these ascend."""
    first, last = (np.searchsorted(groups, own, side) for side in ("left", "right"))
    for row, (start, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        similarity[row, start:end] = NEVER


def most_alike(similarity: Looks) -> tuple[Integers, Looks]:
    """Of each row (Q × M) the columns of the highest values, and these values, falling; as many as NEIGHBOURS."""
    columns = _likely(similarity)
    values = np.take_along_axis(similarity, columns, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")[:, :NEIGHBOURS]
    return np.take_along_axis(columns, order, axis=1), np.take_along_axis(values, order, axis=1)


def _likely(similarity: Looks) -> Integers:
    """Columns of each row among which the highest values are: of places that are each the best of a few columns."""
    count, size = similarity.shape
    places = size // SHARES
    if places <= 2 * NEIGHBOURS:
        return np.broadcast_to(np.arange(size), (count, size))
    best = similarity[:, : places * SHARES].reshape(count, SHARES, places).max(axis=1)
    place = np.argpartition(best, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    columns = (place[:, None, :] + np.arange(SHARES)[None, :, None] * places).reshape(count, -1)
    rest = np.broadcast_to(np.arange(places * SHARES, size), (count, size - places * SHARES))
    return np.sort(np.concatenate([columns, rest], axis=1), axis=1)


def others(named: Integers, near: NDArray[np.bool_], own: Integers) -> tuple[Looks, Integers]:
    """The class that is most frequent among the neighbours (Q × k) and not the label's own, and its share; -1, none.

    Of equally frequent ones it is that of the nearest.
    """
    other = near & (named != own[:, None])
    count = ((named[:, :, None] == named[:, None, :]) & other[:, None, :]).sum(axis=2) * other
    best = count.argmax(axis=1)[:, None]
    most = np.take_along_axis(count, best, axis=1)[:, 0]
    share = (most / np.maximum(near.sum(axis=1), 1)).astype(np.float32)
    return share, np.where(most > 0, np.take_along_axis(named, best, axis=1)[:, 0], -1)
