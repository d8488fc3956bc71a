"""One VOC XML and its image → the objects in it, boxes as shares of the image; broken ones stay, with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from yoloaudit.dataset.grammar import why_no_number
from yoloaudit.dataset.pairs import upright_size
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root
from yoloaudit.findings import shorten

MAX_BYTES = 10_000_000
MAX_OBJECTS = 100_000
LARGEST_SIDE = 1_000_000
"""Pixels; a larger side is that of no image."""
MAX_NAME = 200
SIDES = ("xmin", "ymin", "xmax", "ymax")
WORD = re.compile(r"[^\W\d][\w-]*")


class Object(NamedTuple):
    """An <object>: `box` is left, top, right, bottom in pixels, NaN where the `error` stands."""

    name: str
    raw: str
    error: str | None
    tokens: int
    box: tuple[float, float, float, float] = (math.nan, math.nan, math.nan, math.nan)


class Annotation(NamedTuple):
    """What an XML says; `size` is that of the image, else the one in the XML, None where there is neither."""

    objects: Sequence[Object] = ()
    size: tuple[float, float] | None = None
    bytes: int = 0
    modified: float = 0.0
    error: str | None = None
    """Why it cannot be read."""
    flaw: str | None = None


class Contents(NamedTuple):
    """The texts of an XML, as far as it has them: of each object by element name, and the image's size."""

    objects: list[dict[str, str]]
    width: str | None
    height: str | None


class XmlRefused(Exception):
    """Text that is not read as an annotation, with the reason."""


def read_annotations(root: Root, files: Sequence[tuple[str, str | None]]) -> list[Annotation]:
    """An annotation for each XML and its image, in order; never raises."""
    return [read_annotation(root, path, image) for path, image in files]


def read_annotation(root: Root, path: str, image: str | None) -> Annotation:
    """One XML; the image's header tells its size."""
    try:
        content = root.read(path, MAX_BYTES)
    except FileRefused as refused:
        return Annotation(error=str(refused))
    plain = Annotation(bytes=content.size, modified=content.modified)
    try:
        found = parse(content.data)
    except XmlRefused as refused:
        return plain._replace(error=str(refused))
    actual = upright_size(root, image) if image else None
    said = _size(found.width, found.height)
    return plain._replace(
        objects=[_object(item) for item in found.objects], size=actual or said, flaw=_flaw(found, said, actual)
    )


def parse(data: bytes) -> Contents:
    """What an XML without a document type says; raises XmlRefused."""
    if not data.strip():
        raise XmlRefused("is empty: an XML annotation is expected")
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise XmlRefused("declares a DOCTYPE or an entity, which is refused: an XML annotation needs none") from None
    except ParseError as error:
        raise XmlRefused(f"is no well-formed XML: {shorten(str(error), 120)}") from None
    except (ValueError, LookupError):
        raise XmlRefused("is XML in an encoding that is not read; write it in UTF-8") from None
    if _local(root) != "annotation":
        raise XmlRefused(f"is no VOC annotation: its XML begins with <{shorten(_local(root))}>, not <annotation>")
    parts = _children(root)
    size = _children(parts["size"]) if "size" in parts else {}
    objects = [item for item in root if _local(item) == "object"]
    if len(objects) > MAX_OBJECTS:
        raise XmlRefused(f"is XML of {len(objects):,} objects, above the limit of {MAX_OBJECTS:,}")
    return Contents([_fields(item) for item in objects], _text(size.get("width")), _text(size.get("height")))


def _local(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: Element) -> dict[str, Element]:
    """The first child of each name; namespaces are looked over."""
    return {_local(child): child for child in reversed(element)}


def _text(element: Element | None) -> str | None:
    return None if element is None else (element.text or "").strip()


def _fields(item: Element) -> dict[str, str]:
    """The name and the sides of an object, as far as it has them."""
    parts = _children(item)
    sides = _children(parts["bndbox"]) if "bndbox" in parts else {}
    found = {"name": _text(parts.get("name")), **{side: _text(sides.get(side)) for side in SIDES}}
    return {name: text for name, text in found.items() if text is not None}


def _size(width: str | None, height: str | None) -> tuple[float, float] | None:
    if width is None or height is None or why_no_number(width) or why_no_number(height):
        return None
    size = float(width), float(height)
    return size if all(1 <= side <= LARGEST_SIDE for side in size) else None


def _flaw(found: Contents, said: tuple[float, float] | None, actual: tuple[int, int] | None) -> str | None:
    if found.width is None and found.height is None:
        return None
    text = f"{shorten(found.width or 'nothing', 20)} × {shorten(found.height or 'nothing', 20)} px in <size>"
    if said is None:
        return f"says that the image is {text}, which is no size of an image"
    if actual is None or said in (actual, actual[::-1]):
        return None
    return f"says that the image is {text}, but it is {actual[0]:,} × {actual[1]:,}: its boxes may be off"


def _object(item: dict[str, str]) -> Object:
    name, sides = item.get("name", "")[:MAX_NAME], [item[side] for side in SIDES if side in item]
    fields = [" ".join(side.split())[:40] or '""' for side in sides]
    shown = name if WORD.fullmatch(name) else f'"{" ".join(name.split())}"'
    raw = " ".join([shown, *fields]) if name else " ".join(fields)
    tokens = bool(name) + len(sides)
    reasons = {reason for side in sides if (reason := why_no_number(side))}
    if "non-numeric-value" in reasons:
        return Object(name, " ".join([*fields, shown]), "non-numeric-value", tokens)
    if tokens != 5:
        return Object(name, raw, "wrong-field-count", tokens)
    if reasons:
        return Object(name, raw, "non-finite-value", tokens)
    left, top, right, bottom = map(float, sides)
    return Object(name, raw, None, tokens, (left, top, right, bottom))
