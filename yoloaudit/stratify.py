"""Groups with what they hold → the split of each, so that every split has its share of every label.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011), for groups instead of single images: those that hold most
of anything are dealt first, each to the split that is then furthest below its share of all that has been dealt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

OF_INSTANCES = 0.5
"""What the share of a label's instances counts for, against the share of its images."""


class Holdings(NamedTuple):
    """What groups hold: group[i] has so many images and instances of label[i]; a group and a label stand once."""

    group: Integers
    label: Integers
    images: Integers
    instances: Integers


class _Shares(NamedTuple):
    """The part of the whole that each group holds: group n has values[starts[n] : starts[n + 1]] of those columns."""

    starts: Integers
    columns: Integers
    values: Floats
    norms: Floats
    """Sums of the squares of a group's values."""
    labels: int
    """The first columns are labels; then come instances of labels, and images in all."""


def deal(
    shares: Sequence[float], sizes: Integers, holdings: Holdings, rng: np.random.Generator, *, learnt: bool = True
) -> Integers:
    """The split of each group: a position in `shares`, which add up to 1; `sizes` are images by group.

    If the first split is `learnt` from, the first group that holds a label goes there, so that all can be learnt. No
    split stays empty if there are as many groups. Of groups that hold equally much, chance decides which comes first.
    """
    parts, wanted = _parts(sizes, holdings), np.asarray(shares, dtype=np.float64)
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-parts.norms[order], kind="stable")]
    split = np.zeros(len(sizes), dtype=np.int64)
    ahead = np.zeros((2 * parts.labels + 1, len(wanted)))
    unseen = np.arange(len(ahead)) < parts.labels if learnt else np.zeros(len(ahead), dtype=bool)
    empty = list(range(int(learnt), len(wanted)))
    for left, group in zip(range(len(order), 0, -1), order.tolist(), strict=True):
        entries = slice(parts.starts[group], parts.starts[group + 1])
        columns, values = parts.columns[entries], parts.values[entries]
        if left <= len(empty):
            to = empty[0]
        elif unseen[columns].any():
            to = 0
        else:
            to = int((values @ ahead[columns] - wanted * parts.norms[group]).argmin())
        split[group] = to
        ahead[columns] -= np.outer(values, wanted)
        ahead[columns, to] += values
        if to == 0:
            unseen[columns] = False
        if to in empty:
            empty.remove(to)
    return split


def _parts(sizes: Integers, holdings: Holdings) -> _Shares:
    group, label, images, instances = holdings
    labels = int(label.max(initial=-1)) + 1
    of_images, of_instances = (
        values / np.maximum(np.bincount(label, weights=values, minlength=labels), 1)[label]
        for values in (images, instances)
    )
    of_all = sizes / max(1, int(sizes.sum())) * np.sqrt(max(1, labels))  # squared, as much as all labels together
    rows = np.concatenate([group, group, np.arange(len(sizes))])
    columns = np.concatenate([label, label + labels, np.full(len(sizes), 2 * labels)])
    values = np.concatenate([of_images, of_instances * OF_INSTANCES, of_all])
    order = np.argsort(rows, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(sizes)))])
    norms = np.bincount(rows, weights=values**2, minlength=len(sizes)).astype(np.float64)
    return _Shares(starts, columns[order], values[order], norms, labels)
