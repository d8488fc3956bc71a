"""What the user names, or nothing → the Layout of the data set, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence

from yoloaudit.dataset import yolo
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.locate import ADVICE, Place, locate, locate_deeper, only_folder
from yoloaudit.errors import DataError

MAX_WRAPPERS = 3
"""Folders that hold nothing but the next one, and stand for it."""


def find(
    data: str | None = None, *, untrusted: bool = False, root_dir: str | None = None, splits: Sequence[str] = ()
) -> Layout:
    """Lay out a data set; only `splits` of it where any are named. Raises DataError where there is none to read.

    `data` is a data.yaml, a Darknet .data file, a COCO JSON, or a folder; left out, it is the working folder. A folder
    is taken by the first of: a YAML in it, a Darknet .data file, COCO annotations, VOC annotations, a YAML deeper; one
    that only wraps another folder stands for that.
    """
    place = named = locate(data, untrusted=untrusted, root_dir=root_dir)
    for _ in range(1 + MAX_WRAPPERS):
        layout = _lay_out(place, untrusted=untrusted, root_dir=root_dir, splits=splits)
        if layout is not None:
            return layout
        inner = only_folder(place.path)
        if inner is None:
            break
        place = locate(inner, untrusted=untrusted, root_dir=root_dir)
    raise DataError(f"{named.shown} holds no YAML file with `train` or `val`, nor COCO or VOC annotations. {ADVICE}")


def _lay_out(place: Place, *, untrusted: bool, root_dir: str | None, splits: Sequence[str]) -> Layout | None:
    if place.kind in ("yaml", "darknet"):
        return yolo.lay_out(place.path, place.root, fixed=untrusted or root_dir is not None, splits=splits)
    from yoloaudit.dataset.coco import find as coco  # costly to import, and seldom needed
    from yoloaudit.dataset.voc import find as voc

    if place.kind == "coco" or coco.looks_like(place.path, untrusted=untrusted):
        return coco.find(place.path, untrusted=untrusted, root_dir=root_dir, splits=splits)
    if voc.looks_like(place.path, untrusted=untrusted):
        return voc.find(place.path, untrusted=untrusted, root_dir=root_dir, splits=splits)
    if deeper := locate_deeper(place):
        return yolo.lay_out(deeper.path, deeper.root, fixed=untrusted or root_dir is not None, splits=splits)
    return None
