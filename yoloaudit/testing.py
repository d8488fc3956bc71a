"""Runs a check on small examples, for our own tests and for those of third-party checks."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.tables import Defects
from yoloaudit.scope import inputs_of

BASE: Mapping[str, str | Picture] = {
    "data.yaml": "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n",
    "images/train/a.png": Picture(),
    "labels/train/a.txt": "0 0.5 0.5 0.2 0.2\n",
    "images/val/b.png": Picture(),
    "labels/val/b.txt": "1 0.5 0.5 0.2 0.2\n",
}
"""The data set that examples are put on top of; an example that is a string is the text of labels/train/a.txt."""


def run(check: type[Check], example: Example | str) -> Defects:
    """What a check finds in an example, written to a temporary folder and read from there."""
    case = Example({"labels/train/a.txt": example}) if isinstance(example, str) else example
    with tempfile.TemporaryDirectory() as folder:
        inputs = inputs_of(lay_out(folder, case))
        built = check(**case.settings)
        defects: Defects = built.find(**{name: inputs[name] for name in built.inputs()})
    for defect in defects.to_dict("records"):
        built.describe({str(name): fact for name, fact in defect.items()})
    return defects


def examples(check: type[Check]) -> Iterator[tuple[str, Example | str, bool]]:
    """Every example of a check: a name for it, the example, and whether the check is to find something."""
    for kind, cases in (("good", check.good), ("bad", check.bad)):
        for number, case in enumerate(cases, 1):
            yield f"{check.name()}-{kind}-{number}", case, kind == "bad"


def lay_out(folder: str, example: Example) -> Dataset:
    """Write the base data set with an example on top into a folder, and read it."""
    for path, content in {**BASE, **example.files}.items():
        if content is not None:
            place = os.path.join(folder, *path.split("/"))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(_bytes(content))
    return load(os.path.join(folder, "data.yaml"), workers=1)


def _bytes(content: str | bytes | Picture) -> bytes:
    if isinstance(content, str):
        return content.encode("utf-8", "surrogateescape")
    return draw(content) if isinstance(content, Picture) else content


def draw(picture: Picture) -> bytes:
    """The bytes of an image file of one colour."""
    from PIL import Image

    buffer = io.BytesIO()
    options: dict[str, Any] = {}
    if picture.orientation != 1:
        exif = Image.Exif()
        exif[0x0112] = picture.orientation
        options["exif"] = exif
    Image.new(picture.mode, (picture.width, picture.height)).save(buffer, picture.format, **options)
    data = buffer.getvalue()
    return (data[: -picture.cut] if picture.cut else data) + picture.append
