"""A real data set → a larger one in a scratch folder: the same images and label texts, many times over."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
LINKS = 10_000
"""Hard links to one file, below what file systems allow."""


@dataclass(frozen=True)
class Multiplied:
    """What was written: the descriptor, and how much of it there is."""

    descriptor: Path
    files: int
    rows: int
    bytes: int


def pairs(source: Path) -> list[tuple[Path, str]]:
    """Images below the folder and the texts of their labels, where they have any."""
    found = []
    for image in sorted(path for path in source.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES):
        parts = list(image.with_suffix(".txt").parts)
        if "images" in parts:
            parts[len(parts) - 1 - parts[::-1].index("images")] = "labels"
        label = Path(*parts)
        if label.is_file() and (text := label.read_text(encoding="utf-8", errors="replace")).strip():
            found.append((image, text.rstrip("\n") + "\n"))
    if not found:
        raise SystemExit(f"no image with a label below {source}: give a folder with images/ and labels/")
    return found


def multiply(source: Path, folder: Path, files: int, rows_per_file: float | None = None) -> Multiplied:
    """Write `files` images with labels; texts are joined until `rows_per_file` is reached on average."""
    known = pairs(source)
    texts = cycle(text for _, text in known)
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
    rows = size = 0
    for number in range(files):
        split, name = "train" if number % 10 else "val", f"{number:06d}"
        image = known[(number // LINKS if rows_per_file else number) % len(known)][0]
        place(image, folder / "images" / split / f"{name}{image.suffix}")
        text = next(texts)
        while rows_per_file and rows + text.count("\n") < rows_per_file * (number + 1):
            text += next(texts)
        data = text.encode()
        rows, size = rows + text.count("\n"), size + len(data)
        (folder / "labels" / split / f"{name}.txt").write_bytes(data)
    descriptor = folder / "data.yaml"
    names = "".join(f"  {number}: class {number}\n" for number in range(class_count(known)))
    descriptor.write_text(f"path: .\ntrain: images/train\nval: images/val\nnames:\n{names}", encoding="utf-8")
    return Multiplied(descriptor, files, rows, size)


def class_count(known: list[tuple[Path, str]]) -> int:
    """One more than the largest class id that the labels hold."""
    heads = {line.split(maxsplit=1)[0] for _, text in known for line in text.splitlines() if line.strip()}
    return 1 + max((int(head) for head in heads if head.isdecimal()), default=0)


def place(image: Path, target: Path) -> None:
    """A hard link where the file system can, a copy elsewhere."""
    try:
        os.link(image, target)
    except OSError:
        shutil.copyfile(image, target)
