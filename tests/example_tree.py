"""Small data sets as files: contents do not matter, as nothing but names is looked at."""

import os
from collections.abc import Mapping
from pathlib import Path

from yoloaudit.checks.base import Check
from yoloaudit.dataset.load import load
from yoloaudit.scope import inputs_of

CLEAN = "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n"
FILES = ("images/train/a.png", "labels/train/a.txt", "images/val/b.png", "labels/val/b.txt")


def grow(folder: Path, yaml: str | bytes | None = CLEAN, *more: str, **texts: str | bytes) -> str:
    """Write the base files, `more` empty ones and `texts` (name of a .txt file → its content); the path of the YAML."""
    for name in (*FILES, *more):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    contents: Mapping[str, str | bytes] = {f"{name}.txt": text for name, text in texts.items()}
    for name, text in {**contents, **({} if yaml is None else {"data.yaml": yaml})}.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
    return str(folder / "data.yaml")


def below(folder: Path, paths: list[str]) -> list[str]:
    """Paths relative to a folder."""
    return [os.path.relpath(path, folder) for path in paths]


def told(check: Check, path: str, *, untrusted: bool = False) -> list[tuple[str, str]]:
    """Severity and sentence of each defect that a check finds in a data set, without an image being opened."""
    inputs = inputs_of(load(path, untrusted=untrusted, workers=1, headers=None))
    defects = check.find(**{name: inputs[name] for name in check.inputs()})
    records = [{str(name): fact for name, fact in defect.items()} for defect in defects.to_dict("records")]
    return [(str(defect.get("severity", check.severity)), check.describe(defect)) for defect in records]
