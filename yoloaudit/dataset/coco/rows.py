"""The annotations of a COCO JSON → rows with boxes as shares of their images; broken ones stay, with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.coco.safe_json import shown
from yoloaudit.dataset.grammar import FLOAT32_MAX
from yoloaudit.dataset.tables import KINDS, ROW_ERRORS

NUMBERS = frozenset((int, float))
KEYS = frozenset((int, float, str))
"""Types of ids; anything else names nothing."""
EXACT = 1 << 24
"""Up to here a 32-bit float holds every integer."""
MOST_TOKENS = 6
"""More fields than this would pass for a polygon."""
POLYGONS = re.compile(rb'"segmentation"\s*:\s*\[[\[\]0-9eE.,+\-\s]*\]')
NOTHING: Mapping[str, Any] = {}
TEXT, ENDLESS, COUNT = (
    ROW_ERRORS.index(name) for name in ("non-numeric-value", "non-finite-value", "wrong-field-count")
)


class Rows(NamedTuple):
    """One item an annotation, in the order of the JSON; `listed` is the number of its image in the JSON, -1 none."""

    listed: NDArray[np.int64]
    error: NDArray[np.int8]
    kind: NDArray[np.int8]
    tokens: NDArray[np.int32]
    values: NDArray[np.float32]
    raw: list[str]
    flaws: dict[int, list[str]]
    """What is wrong with segmentations, by the number of the image."""


def condensed(data: bytes) -> bytes:
    """JSON text with every segmentation that is lists of numbers replaced: `true`, or `false` if a list is odd.

    Polygons are nine tenths of a JSON and say nothing of boxes; not one of them becomes a value.
    """
    return POLYGONS.sub(_verdict, data) if b'"segmentation"' in data else data


def _verdict(match: re.Match[bytes]) -> bytes:
    polygons = [points.partition(b"]")[0] for points in match[0].split(b"[")[2:]]
    odd = any(points.count(b",") % 2 == 0 and b"," in points for points in polygons)
    return b'"segmentation":false' if odd else b'"segmentation":true'


def read_rows(
    annotations: Sequence[Any],
    listed_of: Mapping[Any, int],
    class_of: Mapping[Any, int],
    names: int,
    sizes: NDArray[np.float64],
) -> Rows:
    """Rows from annotations; `names` counts the classes, `sizes` are width and height of each listed image or NaN."""
    items = [item if type(item) is dict else NOTHING for item in annotations]
    boxes: list[Any] = [item.get("bbox") for item in items]
    categories = [item.get("category_id") for item in items]
    ids = (item.get("image_id") for item in items)
    listed = np.fromiter((listed_of.get(key, -1) if type(key) in KEYS else -1 for key in ids), np.int64, len(items))
    error, tokens = np.full(len(items), -1, np.int8), np.full(len(items), 5, np.int32)
    pixels = np.full((len(items), 4), np.nan)
    plain = np.fromiter((_is_plain(box) for box in boxes), np.bool_, len(items))
    if plain.any():
        pixels[plain] = np.array([boxes[row] for row in np.flatnonzero(plain)], np.float64)
    raw = [f"{category} {box[0]} {box[1]} {box[2]} {box[3]}" if good and type(category) is int else ""
           for category, box, good in zip(categories, boxes, plain.tolist(), strict=True)]  # fmt: skip
    for row, text in enumerate(raw):
        if not text:
            raw[row], error[row], tokens[row] = _described(annotations[row], class_of)
    classes = np.fromiter((_class_value(key, class_of, names) for key in categories), np.float64, len(items))
    values = _values(classes, pixels, np.vstack([sizes, np.full((1, 2), np.nan)])[listed])
    endless = ~(np.abs(pixels) <= FLOAT32_MAX).all(axis=1) | ~np.isfinite(values).all(axis=1)
    error[(error < 0) & endless] = ENDLESS
    values[error >= 0] = np.nan
    crowd = np.fromiter((item.get("iscrowd") not in (None, 0) for item in items), np.bool_, len(items))
    kind = np.where(error >= 0, -1, np.where(crowd, KINDS.index("polygon"), KINDS.index("box"))).astype(np.int8)
    return Rows(listed, error, kind, tokens, values, raw, _segmentation_flaws(items, listed, sizes))


def _is_plain(box: Any) -> bool:
    return type(box) is list and len(box) == 4 and NUMBERS.issuperset(map(type, box))


def _values(
    classes: NDArray[np.float64], pixels: NDArray[np.float64], sizes: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Class, centre, width and height as shares of the image, from left, top, width and height in pixels."""
    with np.errstate(all="ignore"):
        centre = (pixels[:, :2] + pixels[:, 2:] / 2) / sizes
        return np.column_stack([classes, centre, pixels[:, 2:] / sizes]).astype(np.float32)


def _class_value(category: Any, class_of: Mapping[Any, int], names: int) -> float:
    """The class; of an unknown category its id where no class has that number, else the first number without one."""
    known = class_of.get(category) if type(category) in KEYS else None
    if known is not None:
        return known
    usable = type(category) is int and abs(category) < EXACT and not 0 <= category < names
    return category if usable else names


def _described(annotation: Any, class_of: Mapping[Any, int]) -> tuple[str, int, int]:
    """Text, error (-1 none) and number of fields of an annotation that is not five plain numbers."""
    if type(annotation) is not dict:
        return shown(annotation), TEXT, 1
    category, box = annotation.get("category_id"), annotation.get("bbox", [])
    fields = box if type(box) is list else [box]
    text = " ".join(shown(field) for field in [category, *fields[:50]])[:200]
    named = type(category) in NUMBERS or (type(category) is str and category in class_of)
    if not named or not NUMBERS.issuperset(map(type, fields)):
        return text, TEXT, 5
    return text, -1 if len(fields) == 4 else COUNT, min(1 + len(fields), MOST_TOKENS)


def _segmentation_flaws(
    items: Sequence[Mapping[str, Any]], listed: NDArray[np.int64], sizes: NDArray[np.float64]
) -> dict[int, list[str]]:
    """What is wrong with segmentations that are no plain polygons. No mask is ever made of them."""
    flaws: dict[int, list[str]] = {}
    for row, item in enumerate(items):
        segmentation = item.get("segmentation")
        if segmentation is None or segmentation is True or listed[row] < 0:
            continue
        flaw = _segmentation_flaw(segmentation, sizes[listed[row]])
        if flaw:
            flaws.setdefault(int(listed[row]), []).append(f"{flaw} (annotation {row + 1:,})")
    return flaws


def _segmentation_flaw(segmentation: Any, size: NDArray[np.float64]) -> str | None:
    if segmentation is False:
        return "has a segmentation with an odd number of coordinates, which make no points"
    if type(segmentation) is not dict:
        return f"has a segmentation that is neither polygons nor a mask: {shown(segmentation, 40)}"
    sides = segmentation.get("size")
    if type(sides) is not list or len(sides) != 2 or not NUMBERS.issuperset(map(type, sides)):
        return f"has a segmentation of no size: {shown(sides, 40)}"
    height, width = sides
    if np.isnan(size).any() or (width == size[0] and height == size[1]):
        return None
    return f"has a segmentation of {width:,} × {height:,} px in an image of {size[0]:,g} × {size[1]:,g}"
