"""One COCO JSON → its lists of images, annotations and categories, and what is wrong with the document as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.coco.files import Source
from yoloaudit.dataset.coco.rows import KEYS, NUMBERS, condensed
from yoloaudit.dataset.coco.safe_json import Document, JsonRefused, read_json, shown
from yoloaudit.dataset.names import MAX_LENGTH, MAX_NAMES, stand_in
from yoloaudit.files import Root

LARGEST_SIDE = 1_000_000
"""Pixels; a larger side is that of no image."""


@dataclass(frozen=True)
class Budget:
    """What one JSON may hold."""

    bytes: int = 500_000_000
    containers: int = 20_000_000
    rows: int = 10_000_000
    rows_an_image: int = 1_000_000


UNTRUSTED = Budget(bytes=100_000_000, containers=2_000_000, rows=1_000_000, rows_an_image=10_000)


@dataclass
class Part:
    """One JSON: a split of the data set. Without `usable` it is no COCO, and there is nothing in it."""

    source: Source
    usable: bool = False
    refused: bool = False
    """Whether it cannot be read as JSON at all."""
    problems: list[str] = field(default_factory=list)
    """What is wrong, each said of the file: `has 2 images with …`."""
    line: int = 1
    bytes: int = 0
    modified: float = 0.0
    images: list[Any] = field(default_factory=list)
    annotations: list[Any] = field(default_factory=list)
    categories: dict[Any, str] = field(default_factory=dict)
    """Names by id."""
    listed_of: dict[Any, int] = field(default_factory=dict)
    """The number of an image in `images`, by its id."""
    sizes: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    """Width and height as the JSON has them, NaN where they are no size."""
    flaws: dict[int, list[str]] = field(default_factory=dict)
    """What is wrong with an image's entry, by its number."""


def read_part(source: Source, root: Root, budget: Budget) -> Part:
    """Read a JSON; what is wrong with its content is said in the part. Raises FileRefused."""
    part = Part(source)
    content = root.read(source.path, budget.bytes)
    part.bytes, part.modified = content.size, content.modified
    try:
        document = _parse(content.data, budget)
    except JsonRefused as refused:
        part.refused, part.line = True, refused.line
        part.problems.append(str(refused))
    else:
        twice = (f"has the key {key[:60]!r} twice in one object, and the first is lost" for key in document.repeated)
        part.problems += twice
        _fill(part, document.value, budget.rows)
    return part


def _parse(data: bytes, budget: Budget) -> Document:
    try:
        return read_json(condensed(data), budget.containers)
    except JsonRefused:
        return read_json(data, budget.containers)  # for the line in the text as it stands


def _fill(part: Part, value: Any, most: int) -> None:
    if type(value) is not dict or type(value.get("images")) is not list:
        what = "has no list of images" if type(value) is dict else "is no JSON object"
        part.problems.append(f"is no COCO data set: it {what}; a JSON with images, annotations, categories is expected")
        return
    for name in ("images", "annotations", "categories"):
        if type(value.get(name)) is list and len(value[name]) > most:
            part.problems.append(f"is JSON of {len(value[name]):,} {name}, above the limit of {most:,}")
            return
    part.usable, part.images = True, value["images"]
    part.annotations, categories = (_list(part, value, name) for name in ("annotations", "categories"))
    _categories(part, categories)
    _images(part)
    ids = [item.get("id") if type(item) is dict else None for item in part.annotations]
    _note_repeated(part, "annotation", ids)


def _list(part: Part, value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    if type(found) is list:
        return found
    part.problems.append(f"has no list of {name}" + (f", but {shown(found, 40)}" if name in value else ""))
    return []


def _categories(part: Part, categories: Sequence[Any]) -> None:
    ids = [item.get("id") if type(item) is dict else None for item in categories]
    _note(part, "category without an id", [number for number, key in enumerate(ids, 1) if type(key) not in KEYS])
    _note_repeated(part, "category", ids)
    for key, item in zip(ids, categories, strict=True):
        if type(key) in KEYS and len(part.categories) < MAX_NAMES:
            name = item.get("name")
            named = type(name) is str or type(name) in NUMBERS
            part.categories[key] = str(name)[:MAX_LENGTH] if named else f"category {shown(key, 20)}"
    if len(categories) > MAX_NAMES:
        part.problems.append(f"has {len(categories):,} categories, above the limit of {MAX_NAMES:,}")


def _images(part: Part) -> None:
    ids = [item.get("id") if type(item) is dict else None for item in part.images]
    _note(part, "image without an id", [number for number, key in enumerate(ids, 1) if type(key) not in KEYS])
    _note_repeated(part, "image", ids)
    part.listed_of = {key: number for number, key in enumerate(ids) if type(key) in KEYS}
    part.sizes = np.full((len(ids), 2), np.nan)
    for number, item in enumerate(part.images):
        if type(item) is dict:
            width, height = item.get("width"), item.get("height")
            if _is_side(width) and _is_side(height):
                part.sizes[number] = width, height
            elif width is not None or height is not None:
                text = f"{shown(width, 40)} × {shown(height, 40)}"
                part.flaws[number] = [f"says that the image is {text} px, which is no size of an image"]


def _is_side(value: Any) -> bool:
    return type(value) in NUMBERS and 1 <= value <= LARGEST_SIDE


def _note_repeated(part: Part, what: str, ids: Sequence[Any]) -> None:
    known = [key for key in ids if type(key) in KEYS]
    if len(set(known)) == len(known):
        return
    seen: set[Any] = set()
    again = []
    for number, key in enumerate(ids, 1):
        if type(key) in KEYS:
            if key in seen:
                again.append(number)
            seen.add(key)
    first = again[0]
    _note(part, f"{what} with the id of an earlier one", again, f"{first:,}, id {shown(ids[first - 1], 40)}")


def _note(part: Part, what: str, numbers: Sequence[int], first: str | None = None) -> None:
    if numbers:
        kind, _, rest = what.partition(" ")
        kinds = kind if len(numbers) == 1 else {"category": "categories"}.get(kind, f"{kind}s")
        part.problems.append(f"has {len(numbers):,} {kinds} {rest}; the first is {kind} {first or f'{numbers[0]:,}'}")


def note_strangers(part: Part, listed: NDArray[np.int64]) -> None:
    """Say of which annotations no image is listed."""
    rows = np.flatnonzero(listed < 0)
    if len(rows):
        item = part.annotations[rows[0]]
        key = item.get("image_id") if type(item) is dict else None
        numbers = [int(row) + 1 for row in rows]
        first = f"{numbers[0]:,}, image_id {shown(key, 40)}"
        _note(part, "annotation of an image_id that no image has", numbers, first)


def class_numbers(parts: Iterable[Part]) -> tuple[tuple[str, ...], list[dict[Any, int]]]:
    """Names of all parts, in the order of their ids, and for each part the class number of an id."""
    parts = list(parts)
    pairs = {(key, name) for part in parts for key, name in part.categories.items()}
    ordered = sorted(pairs, key=lambda pair: (type(pair[0]) is str, pair))[:MAX_NAMES]
    number_of = {pair: number for number, pair in enumerate(ordered)}
    known = ([pair for pair in part.categories.items() if pair in number_of] for part in parts)
    numbers = [{pair[0]: number_of[pair] for pair in pairs} for pairs in known]
    return tuple(name or stand_in(number) for number, (_, name) in enumerate(ordered)), numbers
