"""A data set's files → Dataset: tables joined, pixel columns added, the trainer's view taken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from pandas import DataFrame

from yoloaudit import parallel
from yoloaudit.dataset.assemble import boxes_table, images_table, labels_table
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.find import find
from yoloaudit.dataset.images import Header, read_headers
from yoloaudit.dataset.labels import UNTRUSTED, Budget, LabelRows, lost_label, read_labels
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.tables import KINDS, Boxes, Images, Labels
from yoloaudit.dataset.trainer_view import add_fates, add_pixels
from yoloaudit.files import Root
from yoloaudit.progress import Progress, silent

LABELS_A_CHUNK, IMAGES_A_CHUNK = 2000, 400

HeaderReader: TypeAlias = Callable[[Root, Sequence[str], int, Progress], Mapping[str, Any]]
"""(root, absolute paths, workers, progress) → columns of Header, one value a path, in order."""


@dataclass(frozen=True)
class Dataset:
    """A data set as tables; `root` is the absolute folder that paths are relative to."""

    root: str
    names: tuple[str, ...]
    images: Images
    labels: Labels
    boxes: Boxes
    listed: DataFrame
    strays: DataFrame
    descriptor: Descriptor
    splits: tuple[str, ...] = ()
    imgsz: int = 640
    untrusted: bool = False
    narrowed: bool = False
    """The user left splits out."""
    fingerprint: str = ""

    def facts(self) -> Mapping[str, Any]:
        """What a report says of the data set as a whole."""
        kinds = self.boxes["kind"].value_counts()
        return {
            "root": self.root,
            "descriptor": self.descriptor.path,
            "layout": self.descriptor.layout,
            "names": list(self.names),
            "fingerprint": self.fingerprint,
            "kinds": {kind: int(kinds.get(kind, 0)) for kind in KINDS},
        }


def read_all_headers(root: Root, paths: Sequence[str], workers: int, progress: Progress) -> Mapping[str, Any]:
    """Columns of the headers of these image files, each opened once; no pixel is decoded."""
    chunks = parallel.in_chunks(paths, IMAGES_A_CHUNK)
    with progress.task("reading image headers", len(paths)) as step:
        read = parallel.run(partial(read_headers, root), chunks, workers=workers, lost=_lost_header, step=step)
    return header_columns([header for headers in read for header in headers])


def header_columns(headers: Sequence[Header]) -> Mapping[str, Any]:
    """Headers as columns by name."""
    return dict(zip(Header._fields, zip(*headers, strict=True), strict=True)) if headers else {}


def load(
    data: str | None = None,
    *,
    untrusted: bool = False,
    root_dir: str | None = None,
    splits: Sequence[str] = (),
    imgsz: int = 640,
    workers: int | None = None,
    headers: HeaderReader | None = read_all_headers,
    progress: Progress = silent,
) -> Dataset:
    """Read a data set: a data.yaml, a folder that holds one, a Darknet .data, a COCO JSON or a VOC folder.

    Nothing of it is changed and none of its code runs. With `untrusted`, nothing outside `root_dir` (the folder of
    `data` unless given) is opened. `imgsz` is the training image size in pixels. `headers` reads the images; None opens
    none, so that pixel columns are NaN. Raises DataError where there is no data set to read; dirty data never raises.
    """
    found = find(data, untrusted=untrusted, root_dir=root_dir, splits=splits)
    dataset = read(found, untrusted=untrusted, imgsz=imgsz, workers=workers, headers=headers, progress=progress)
    return replace(dataset, narrowed=bool(splits))


def read(
    found: Layout,
    *,
    untrusted: bool = False,
    imgsz: int = 640,
    workers: int | None = None,
    headers: HeaderReader | None = read_all_headers,
    progress: Progress = silent,
) -> Dataset:
    """The files of a layout as a data set."""
    workers = workers or parallel.default_workers()
    sizes = headers(found.root, found.images, workers, progress) if headers else {}
    budget = UNTRUSTED if untrusted else Budget()
    parts = [found.rows] if found.rows else _label_rows(found.root, found.labels, workers, progress, budget)
    images = images_table(found, sizes)
    labels = labels_table(found, parts)
    boxes, duplicate = boxes_table(labels, parts)
    add_pixels(boxes, images, imgsz)
    add_fates(images, labels, boxes, duplicate)
    return Dataset(
        root=found.root.path,
        names=found.names,
        images=images,
        labels=labels,
        boxes=boxes,
        listed=found.listed,
        strays=found.strays,
        descriptor=found.descriptor,
        splits=found.splits,
        imgsz=imgsz,
        untrusted=untrusted,
        fingerprint=_fingerprint(images, parts),
    )


def _lost_header(_: str, why: str) -> list[Header]:
    return [Header(error=why)]


def _lost_label(_: str, why: str) -> LabelRows:
    return lost_label(why)


def _label_rows(root: Root, paths: Sequence[str], workers: int, progress: Progress, budget: Budget) -> list[LabelRows]:
    chunks = parallel.in_chunks(paths, LABELS_A_CHUNK)
    work = partial(read_labels, root, budget=budget)
    with progress.task("reading labels", len(paths)) as step:
        return parallel.run(work, chunks, workers=workers, lost=_lost_label, step=step)


def _fingerprint(images: Images, parts: Sequence[LabelRows]) -> str:
    """A hash over image paths and sizes and the text of all rows."""
    digest = hashlib.sha256()
    digest.update("\n".join(images["path"]).encode("utf-8", "surrogateescape"))
    digest.update(np.ascontiguousarray(images["bytes"].to_numpy()).tobytes())
    for part in parts:
        digest.update(part.text)
        digest.update(part.lines.tobytes())
    return digest.hexdigest()
