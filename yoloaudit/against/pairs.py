"""The images of two states → which are the same, which moved, which were replaced, and which have come or gone."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Image(NamedTuple):
    """An image of a state: its split, its path relative to the root, and the id of its bytes (empty: unread)."""

    split: str
    path: str
    content: str


@dataclass
class Paired:
    """Positions of images then and now."""

    kept: list[tuple[int, int]] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)
    """Of the same bytes, in another split, in another folder or under another name."""
    replaced: list[tuple[int, int]] = field(default_factory=list)
    """Other bytes under the same name."""
    removed: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)

    @property
    def both(self) -> list[tuple[int, int]]:
        """Images of which there is one on either side."""
        return [*self.kept, *self.moved, *self.replaced]


def paired(then: Sequence[Image], now: Sequence[Image], unknown: Callable[[str], bool] = lambda _: False) -> Paired:
    """Hold the images of two states against each other; of paths that are `unknown` nobody can tell what they held."""
    found = Paired()
    found.kept, left, right = _equal(then, now)
    same_name, left, right = _matched(then, now, left, right, lambda image: (image.path, image.content))
    for key in (lambda image: (os.path.basename(image.path), image.content), lambda image: image.content):
        pairs, left, right = _matched(then, now, left, right, key, needed=True)
        found.moved += pairs
    found.moved = same_name + found.moved
    for pairs_of in (lambda image: (image.split, image.path), lambda image: image.path):
        pairs, left, right = _matched(then, now, left, right, pairs_of)
        for one, other in pairs:
            (found.kept if unknown(now[other].path) else found.replaced).append((one, other))
    found.removed, found.added = left, right
    return found


def _equal(then: Sequence[Image], now: Sequence[Image]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """As `_matched`, of what nearly all images are: the same in every regard, and each there once."""
    places = {image: place for place, image in enumerate(then)}
    partners = [places.pop(image, -1) for image in now]
    pairs = [(one, other) for other, one in enumerate(partners) if one >= 0]
    taken = {one for one, _ in pairs}
    left = [place for place in range(len(then)) if place not in taken]
    return pairs, left, [place for place, one in enumerate(partners) if one < 0]


def _matched(
    then: Sequence[Image],
    now: Sequence[Image],
    left: Sequence[int],
    right: Sequence[int],
    key: Callable[[Image], Hashable],
    needed: bool = False,
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of positions with equal keys, in order, and the positions left on either side; `needed`: only if read."""
    waiting: dict[Hashable, list[int]] = {}
    for place in reversed(left):
        if then[place].content or not needed:
            waiting.setdefault(key(then[place]), []).append(place)
    pairs, alone = [], []
    for place in right:
        partners = waiting.get(key(now[place])) if now[place].content or not needed else None
        if partners:
            pairs.append((partners.pop(), place))
        else:
            alone.append(place)
    taken = {one for one, _ in pairs}
    return pairs, [place for place in left if place not in taken], alone
