"""Image files → headers, pixels and hashes, from one read and one decode of each, or from the cache."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit import parallel
from yoloaudit.dataset.decodable import most_pixels
from yoloaudit.dataset.images import Header
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import HASHES, PIXELS, table
from yoloaudit.files import Root, is_inside
from yoloaudit.measure.borders import borders
from yoloaudit.measure.cache import Cache
from yoloaudit.measure.copies import find_copies
from yoloaudit.measure.decode import KEY_BYTES
from yoloaudit.measure.equal import pixel_keys, unsure
from yoloaudit.measure.facts import NO_TEXTS, UNCHANGED, Facts, Key, Pictures, Texts, blank
from yoloaudit.measure.hashes import codes_of
from yoloaudit.measure.known import merge, still_known
from yoloaudit.measure.look import SECONDS, Limits, Task, exact_keys, look, lost
from yoloaudit.progress import Progress, Step, silent

Item: TypeAlias = tuple[int, Task]

CHUNK = 64
WORKER_MEMORY = 1 << 30
"""Bytes that a worker may take beyond what it starts with."""
COMMIT_SECONDS = 2.0


class Scan:
    """One look at the images of a data set: `headers` while it is loaded, then `measures` of what was seen."""

    def __init__(
        self,
        *,
        workers: int | None = None,
        cache: str | None = None,
        untrusted: bool = False,
        isolated: bool = True,
    ) -> None:
        """`cache` is the folder that facts are kept in; without it they are forgotten. `isolated` decodes in processes
        of their own, so that a file which crashes the decoder costs no more than itself.
        """
        self.workers = workers
        self.cache_folder = cache
        self.isolated = isolated
        self.limits = Limits(most_pixels(untrusted), seconds=SECONDS if isolated else 0)
        self.looked = 0
        """Files that were read; the rest came from the cache."""
        self.cache = Cache()
        self._root: Root | None = None
        self._paths: list[str] = []
        self.facts = blank(0)
        """What was seen by the last `headers`, in the order of its paths; without pictures."""

    def __enter__(self) -> Scan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cache.commit()
        self.cache.close()

    def headers(self, root: Root, paths: Sequence[str], workers: int, progress: Progress) -> Mapping[str, Any]:
        """Columns of Header for `dataset.load`; the pixels are measured on the way."""
        self.cache.close()
        folder = self.cache_folder
        inside = folder is not None and is_inside(os.path.realpath(folder), root.path)
        self.cache = Cache(None if inside else folder, f"{int(root.contained)}{root.path}", self.limits.pixels)
        if inside:
            self.cache.problem = "its folder lies inside the data set, where nothing is written"
        once = list(dict.fromkeys(paths))
        facts = self._scan(root, once, self.workers or workers, progress)
        if len(once) < len(paths):
            place = {path: position for position, path in enumerate(once)}
            again = [place[path] for path in paths]
            facts = Facts(facts.records[again], [facts.texts[position] for position in again], facts.pictures)
        self._root, self._paths, self.facts = root, list(paths), facts
        return header_columns(facts)

    def measures(self, dataset: Dataset, wanted: Sequence[str], progress: Progress = silent) -> dict[str, Any]:
        """The measured tables that are wanted, by name, for the data set that was loaded with `headers`."""
        made: dict[str, Any] = {}
        if "pixels" in wanted:
            made["pixels"] = pixels_table(self.facts)
        if {"hashes", "copies"} & set(wanted):
            with progress.task("comparing images", None):
                made |= self._hashes(dataset)
        if "borders" in wanted:
            made["borders"] = borders(dataset.boxes, self._turned)
        return made

    def _scan(self, root: Root, paths: Sequence[str], workers: int, progress: Progress) -> Facts:
        """Facts of these files, in order; without their pictures, which are in the cache."""
        names = [os.fsencode(root.relative(path)) for path in paths]
        facts, tasks = still_known(root, paths, names, self.cache.known())
        places = np.flatnonzero(facts.records["seen"] == 0).tolist()
        self.looked += len(places)
        with progress.task("looking at images", len(paths)) as step:
            step(len(paths) - len(places))
            small = [(place, tasks[place]) for place in places]
            large = self._look_at(root, self.limits, small, names, facts, workers, step)
            limits = self.limits._replace(large=True)
            self._look_at(root, limits, [(place, tasks[place]) for place in large], names, facts, 1, step)
        self.cache.commit()
        return facts

    def _look_at(
        self,
        root: Root,
        limits: Limits,
        items: Sequence[Item],
        names: Sequence[bytes],
        facts: Facts,
        workers: int,
        step: Step,
    ) -> list[int]:
        """Look at these files, write down what is found, and tell which are too large to go along."""
        chunks = parallel.in_chunks(items, 1 if limits.large else max(1, min(CHUNK, len(items) // (4 * workers))))
        postponed: list[int] = []
        committed = time.monotonic()
        for index, parts in self._stream(partial(_look_at, root, limits), chunks, _lost, workers):
            start = 0
            for part in parts:
                places = [place for place, _ in chunks[index][start : start + len(part.records)]]
                postponed += merge(facts, places, part)
                for same in (False, True):  # of bytes that have not changed no picture was made, and the cache has one
                    kept = [
                        position
                        for position, place in enumerate(places)
                        if facts.records["seen"][place] and (part.records["state"][position] == UNCHANGED) == same
                    ]
                    rows = _rows(facts, places, kept, part)
                    self.cache.keep([names[places[position]] for position in kept], rows, pictures=not same)
                start += len(places)
            step(sum(1 for place, _ in chunks[index] if facts.records["seen"][place]))
            if time.monotonic() - committed > COMMIT_SECONDS:
                self.cache.commit()
                committed = time.monotonic()
        return postponed

    def _stream(
        self, work: Any, chunks: Sequence[Sequence[Any]], lost: Any, workers: int
    ) -> Iterator[tuple[int, list[Any]]]:
        memory = WORKER_MEMORY if self.isolated else None
        return parallel.stream(work, chunks, workers=workers, lost=lost, isolated=self.isolated, memory=memory)

    def _hashes(self, dataset: Dataset) -> dict[str, DataFrame]:
        facts, images = self.facts, dataset.images
        self._tell_equal_pixels()
        records = facts.records
        content, pixels = codes_of(records["content"]), codes_of(pixel_keys(records))
        splits = images["split"].cat.codes.to_numpy().astype(np.int64)
        decoded = records["decoded"].astype(bool)
        copies, cluster = find_copies(splits, content, pixels, records["perceptual"], decoded, self._grey)
        columns = {"content": content, "pixels": pixels, "perceptual": records["perceptual"], "cluster": cluster}
        return {"hashes": table(HASHES, columns), "copies": copies}

    def _tell_equal_pixels(self) -> None:
        """Decode those files in full that may hold the pixels of another in other bytes."""
        places = unsure(self.facts.records).tolist()
        if not places or self._root is None:
            return
        workers = self.workers or parallel.default_workers()
        chunks = parallel.in_chunks(places, max(1, min(CHUNK, len(places) // (4 * workers))))
        work = partial(_exact_keys, self._root, self.limits, self._paths)
        for index, parts in self._stream(work, chunks, _no_key, workers):
            for place, key in zip(chunks[index], (key for part in parts for key in part), strict=True):
                self.facts.records["exact"][place] = np.void(key)
        names = [os.fsencode(self._root.relative(self._paths[place])) for place in places]
        texts = [self.facts.texts[place] for place in places]
        self.cache.keep(names, Facts(self.facts.records[places], texts, blank(0).pictures), pictures=False)

    def _grey(self, places: NDArray[np.int64]) -> Pictures:
        """The grey pictures of these images, N × 64 × 64; those that the cache has lost are made again."""
        records = self.facts.records
        keys = [key.tobytes() for key in records["content"][places]]
        pictures, missing = self.cache.pictures(keys)
        wanted = [position for position in missing if records["decoded"][places[position]]]
        if wanted and self._root is not None:
            again = [(0, Task(self._paths[places[position]])) for position in wanted]
            chunks = parallel.in_chunks(again, CHUNK)
            work = partial(_look_at, self._root, self.limits._replace(large=True))
            for index, parts in self._stream(work, chunks, _lost, self.workers or parallel.default_workers()):
                found = np.concatenate([part.pictures for part in parts])
                pictures[wanted[index * CHUNK : index * CHUNK + len(found)]] = found
        return pictures

    def _turned(self, places: NDArray[np.int64]) -> Pictures:
        """Grey pictures as the trainer sees the images, turned as EXIF says."""
        pictures = self._grey(places).copy()
        for position in np.flatnonzero(self.facts.records["orientation"][places] > 1).tolist():
            orientation = int(self.facts.records["orientation"][places[position]])
            pictures[position] = turned(pictures[position], orientation)
        return pictures


def turned(picture: Pictures, orientation: int) -> Pictures:
    """A square picture as EXIF orientation 1 to 8 (Exif 2.32, 4.6.4) says that it is to be shown."""
    if orientation >= 5:
        picture = picture.T
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return picture[::-1] if orientation in (3, 4, 7, 8) else picture


def _look_at(root: Root, limits: Limits, items: Sequence[Item]) -> Facts:
    return look(root, limits, [task for _, task in items])


def _lost(_item: Item, why: str) -> Facts:
    return lost(why)


def _exact_keys(root: Root, limits: Limits, paths: Sequence[str], places: Sequence[int]) -> list[Key]:
    return exact_keys(root, limits, [paths[place] for place in places])


def _no_key(_place: int, _why: str) -> list[Key]:
    return [bytes(KEY_BYTES)]


def _rows(facts: Facts, places: Sequence[int], kept: Sequence[int], part: Facts) -> Facts:
    at = [places[position] for position in kept]
    return Facts(facts.records[at], [facts.texts[place] for place in at], part.pictures[kept])


def header_columns(facts: Facts) -> Mapping[str, Any]:
    """Columns of Header for these files."""
    records = facts.records
    texts = {"format": _words(records["format"]), "mode": _words(records["mode"]), "error": _text(facts, "error")}
    return {name: texts[name] if name in texts else records[name] for name in Header._fields}


def pixels_table(facts: Facts) -> DataFrame:
    """The table `pixels`; numbers are NaN where nothing was decoded."""
    records = facts.records
    columns: dict[str, Any] = {}
    for name, dtype in PIXELS.items():
        if dtype == "float32":
            columns[name] = np.where(records["decoded"], records[name], np.float32(np.nan))
        elif dtype == "object":
            columns[name] = _text(facts, name)
        else:
            columns[name] = records[name]
    return table(PIXELS, columns)


def _text(facts: Facts, name: str) -> NDArray[np.object_]:
    column = np.full(len(facts.texts), None, dtype=object)
    position = Texts._fields.index(name)
    for place, texts in enumerate(facts.texts):
        if texts is not NO_TEXTS:
            column[place] = texts[position]
    return column


def _words(column: NDArray[np.bytes_]) -> NDArray[np.object_]:
    names, codes = np.unique(column, return_inverse=True)
    return np.array([name.decode("latin-1") or None for name in names.tolist()] or [None], dtype=object)[codes]
