"""Two states of a data set → what is known of the images of both, with a look at the pixels of changed ones alone.

An image of today is looked at if the earlier state has none of the same bytes, or if the cache knows it; of every other
one the header is read. What is known of an image holds for each of the same bytes in either state.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit import parallel
from yoloaudit.against.content import Ids
from yoloaudit.against.earlier import Earlier
from yoloaudit.dataset.images import Header, read_headers
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import HASHES, table
from yoloaudit.files import Root
from yoloaudit.measure.copies import find_copies
from yoloaudit.measure.equal import pixel_keys
from yoloaudit.measure.facts import HEADER, NO_TEXTS, Facts, Pictures, Texts, blank
from yoloaudit.measure.hashes import codes_of
from yoloaudit.measure.known import still_known
from yoloaudit.measure.look import Task
from yoloaudit.measure.scan import Scan
from yoloaudit.progress import Progress

HEADERS_A_CHUNK = 1000


class _ById(Scan):
    """A scan that tells equal bytes by the ids of files."""

    ids: list[str]
    """Of the images, in the order of the paths of the last `headers`."""

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def headers(self, root: Root, paths: Sequence[str], workers: int, progress: Progress) -> Mapping[str, Any]:
        """Columns of Header for `dataset.load`; where a file is listed in two splits, its id stands twice."""
        columns = super().headers(root, paths, workers, progress)
        if len(self.ids) < len(paths):
            once = {path: place for place, path in enumerate(dict.fromkeys(paths))}
            self._again([once[path] for path in paths])
        return columns

    def _again(self, places: Sequence[int]) -> None:
        self.ids = [self.ids[place] for place in places]

    def codes(self) -> NDArray[np.int64]:
        """A number for each image, equal for equal bytes; -1 where they cannot be read."""
        ids = np.array(self.ids, dtype=object)
        codes = pd.factorize(ids)[0].astype(np.int64)
        codes[ids == ""] = -1
        return codes

    def _hashes(self, dataset: Dataset) -> dict[str, DataFrame]:
        self._tell_equal_pixels()
        records = self.facts.records
        content, pixels = self.codes(), codes_of(pixel_keys(records))
        splits = dataset.images["split"].cat.codes.to_numpy().astype(np.int64)
        decoded = records["decoded"].astype(bool)
        copies, cluster = find_copies(splits, content, pixels, records["perceptual"], decoded, self._grey)
        columns = {"content": content, "pixels": pixels, "perceptual": records["perceptual"], "cluster": cluster}
        return {"hashes": table(HASHES, columns), "copies": copies}


class Today(_ById):
    """A look at today's images."""

    def __init__(self, earlier: Earlier, *, fast: bool = False, **how: Any) -> None:
        """`fast`: at headers alone; `how` as for a Scan."""
        super().__init__(**how)
        self.earlier = earlier
        self.fast = fast
        self.whole = True
        """Whether every image was looked at."""
        self.at_hand: dict[str, int] = {}
        """Places of images by id."""

    def _scan(self, root: Root, paths: Sequence[str], workers: int, progress: Progress) -> Facts:
        names = [os.fsencode(root.relative(path)) for path in paths]
        facts, tasks = still_known(root, paths, names, self.cache.known())
        with progress.task("telling what has changed", None):
            self.ids = self.earlier.ids(root, paths)
        self.at_hand = {content: place for place, content in enumerate(self.ids) if content}
        unseen = np.flatnonzero(facts.records["seen"] == 0).tolist()
        wanted = [] if self.fast else [place for place in unseen if self._is_new(place) or tasks[place].expected]
        left = sorted(set(unseen) - set(wanted))
        self.whole = not left
        self.looked += len(wanted)
        with progress.task("looking at images", len(wanted)) as step:
            small = [(place, tasks[place]) for place in wanted]
            large = self._look_at(root, self.limits, small, names, facts, workers, step)
            limits = self.limits._replace(large=True)
            self._look_at(root, limits, [(place, tasks[place]) for place in large], names, facts, 1, step)
        _read_headers(root, paths, left, facts, workers, progress)
        self.cache.commit()
        return facts

    def _is_new(self, place: int) -> bool:
        return not self.ids[place] or not self.earlier.has(self.ids[place])

    def _again(self, places: Sequence[int]) -> None:
        super()._again(places)
        self.at_hand = {content: place for place, content in enumerate(self.ids) if content}


class Then(_ById):
    """A look at the images of the earlier state: at those alone of which none of the same bytes is there today."""

    def __init__(self, today: Today, ids: Ids) -> None:
        super().__init__(workers=today.workers, isolated=today.isolated)
        self.limits = today.limits
        self.today = today
        self.ids_of = ids
        self._of_today: NDArray[np.int64] = np.zeros(0, np.int64)

    def _scan(self, root: Root, paths: Sequence[str], workers: int, progress: Progress) -> Facts:
        self.ids = self.ids_of(root, paths)
        facts = blank(len(paths))
        facts = Facts(facts.records, facts.texts, facts.pictures[:0])
        of_today = np.array([self.today.at_hand.get(content, -1) for content in self.ids], np.int64)
        same = np.flatnonzero(of_today >= 0)
        facts.records[same] = self.today.facts.records[of_today[same]]
        for place in same.tolist():
            facts.texts[place] = self.today.facts.texts[of_today[place]]
        left = np.flatnonzero(of_today < 0).tolist()
        if self.today.fast:
            _read_headers(root, paths, left, facts, workers, progress)
        else:
            root = Root(root.path, root.contained)
            items = [(place, Task(paths[place])) for place in left]
            names = [os.fsencode(path) for path in paths]
            large = self._look_at(root, self.limits, items, names, facts, workers, _silent)
            items = [(place, Task(paths[place])) for place in large]
            self._look_at(root, self.limits._replace(large=True), items, names, facts, 1, _silent)
        self._of_today = of_today
        return facts

    def _again(self, places: Sequence[int]) -> None:
        super()._again(places)
        self._of_today = self._of_today[list(places)]

    def _grey(self, places: NDArray[np.int64]) -> Pictures:
        """Grey pictures: those of today's images of the same bytes, where there are any."""
        of_today = self._of_today[places]
        pictures = np.zeros((len(places), *blank(1).pictures.shape[1:]), np.uint8)
        same = of_today >= 0
        pictures[same] = self.today._grey(of_today[same])
        pictures[~same] = super()._grey(places[~same])
        return pictures


def _read_headers(
    root: Root, paths: Sequence[str], places: Sequence[int], facts: Facts, workers: int, progress: Progress
) -> None:
    """Write down what the headers of the images at these places say."""
    chunks = parallel.in_chunks([paths[place] for place in places], HEADERS_A_CHUNK)
    with progress.task("reading image headers", len(places)) as step:
        read = parallel.run(partial(read_headers, root), chunks, workers=workers, lost=_lost, step=step)
    for place, header in zip(places, (header for headers in read for header in headers), strict=True):
        for name, _ in HEADER:
            value = getattr(header, name)
            facts.records[name][place] = "" if value is None else value
        facts.texts[place] = NO_TEXTS if header.error is None else Texts(error=header.error)


def _lost(_: str, why: str) -> list[Header]:
    return [Header(error=why)]


def _silent(items: int) -> None:
    pass
