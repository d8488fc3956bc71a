"""A folder of states → the newest one that proves itself, and which newer ones do not.

A state proves itself if each of its files has the SHA-256 that its `meta.json` says.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any, NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.errors import CheckpointError, FileRefused
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.train.checkpoint.save import FORMAT, META, MOST_BYTES, TENSORS, VALUES, State, numbered

MOST_META, MOST_VALUES = 1 << 20, 256 << 20
MOST_CONTAINERS = 1_000_000


class Found(NamedTuple):
    """A state, where it stands, and why newer ones were passed over."""

    state: State
    path: str
    damaged: tuple[str, ...]
    """Sentences, each with the path of a state that does not prove itself."""


class Unproven(Exception):
    """A state that is not to be believed: why."""


def newest(folder: str) -> Found:
    """The newest state below this folder that proves itself; raises CheckpointError where there is none."""
    damaged: list[str] = []
    for name in reversed(numbered(folder)):
        place = os.path.join(folder, name)
        try:
            return Found(proven(place), place, tuple(damaged))
        except Unproven as error:
            damaged.append(f"{shorten(place, 200)} {error}")
    if damaged:
        more = f", nor in {len(damaged) - 1} older" if len(damaged) > 1 else ""
        raise CheckpointError(f"{damaged[0]}{more}. There is nothing to go on with: train again from the weights")
    raise CheckpointError(f"{shorten(folder, 200)} holds no state of a training, so there is nothing to go on with")


def proven(place: str) -> State:
    """The state in a folder; raises Unproven, with a text to follow its path, if it does not prove itself."""
    root = Root(place)
    meta = _json(_read(root, META, MOST_META), META)
    said = meta.get("sha256") if type(meta) is dict else None
    if type(meta) is not dict or type(said) is not dict or type(meta.get("format")) is not int:
        raise Unproven(f"is damaged: its {META} says nothing of the other files")
    if meta["format"] != FORMAT:
        raise Unproven(f"is of format {meta['format']}, which another yoloaudit wrote")
    data = {name: _read(root, name, most) for name, most in ((TENSORS, MOST_BYTES), (VALUES, MOST_VALUES))}
    for name, found in data.items():
        if hashlib.sha256(found).hexdigest() != said.get(name):
            raise Unproven(f"is damaged: its {name} is not what was written")
    values = _json(data[VALUES], VALUES)
    if type(values) is not dict:
        raise Unproven(f"is damaged: its {VALUES} holds no mapping")
    return State(_tensors(data[TENSORS]), values)


def _read(root: Root, name: str, most: int) -> bytes:
    try:
        return root.read(os.path.join(root.path, name), most).data
    except FileRefused as error:
        raise Unproven(f"is damaged: its {name} {error}") from None


def _json(data: bytes, name: str) -> Any:
    try:
        return read_json(data, MOST_CONTAINERS).value
    except (JsonRefused, json.JSONDecodeError) as error:
        raise Unproven(f"is damaged: its {name} {error}") from None


def _tensors(data: bytes) -> dict[str, Tensor]:
    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise Unproven(f"is damaged: its {TENSORS} {shorten(str(error))}") from None
