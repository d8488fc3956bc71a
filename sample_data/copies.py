"""A folder → a small data set in it with copies of its pictures: as they are, encoded anew, in another split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from scenes import Scene
from small_sets import QUALITY, opened, scenes
from writing import DataSet, encoded, picture_name

COMMENT = b"cropped and straightened"


@dataclass(frozen=True)
class Copy:
    """A picture of train that comes again in a split: how (bytes, pixels, near), and whether with other labels."""

    rule: str
    how: str
    split: str
    note: str
    relabelled: bool = False


COPIES = (
    Copy("identical-image", "bytes", "train", "a copy of {first}"),
    Copy("identical-pixels", "pixels", "train", "{first} with a comment in the file"),
    Copy("near-duplicate", "near", "train", "{first}, half as large and encoded again"),
    Copy("conflicting-duplicate", "bytes", "train", "a copy of {first} with another class", relabelled=True),
    Copy("conflicting-duplicate", "near", "train", "{first}, half as large, with another class", relabelled=True),
    Copy("leaked-image", "bytes", "val", "a copy of {first}, which is in train"),
    Copy("leaked-image", "pixels", "val", "{first}, which is in train, with a comment in the file"),
    Copy("leaked-near-duplicate", "near", "val", "{first}, which is in train, half as large and encoded again"),
)


def copies(folder: Path, seed: int) -> DataSet:
    """Each kind of copy, two pictures of one name, and some pictures that are there once."""
    written = opened(folder, "copies")
    originals = [(name, scene) for _, name, scene in scenes(seed, "copies", len(COPIES) + 2, 0, parts=4)]
    for copy, (first, scene) in zip(COPIES, originals, strict=False):
        written.add("train", first, scene, None, QUALITY)
        name = picture_name(seed, "copies", "copy", first)
        written.write(f"images/{copy.split}/{name}.jpg", copied(scene.picture, copy.how))
        written.label(copy.split, name, relabelled(scene) if copy.relabelled else scene.rows())
        file, line = f"images/{copy.split}/{name}.jpg", None
        if copy.relabelled:
            file, line = f"labels/{copy.split}/{name}.txt", 2
        written.plant(copy.rule, file, line, copy.note.format(first=f"{first}.jpg"))
    (name, scene), (_, other) = originals[len(COPIES) :]
    written.add("train", name, scene, None, QUALITY)
    written.add("train/line-2", name, other, None, QUALITY)
    written.plant("repeated-filename", f"images/train/line-2/{name}.jpg", None, "another picture of the same name")
    for split, name, scene in scenes(seed, "copies", 0, 4):
        written.add(split, name, scene, None, QUALITY)
    return written


def copied(picture: Image.Image, how: str) -> bytes:
    """The file of a picture once more: with the same bytes, with the same pixels, or with nearly the same."""
    if how == "near":
        width, height = picture.size
        return encoded(picture.resize((width // 2, height // 2), Image.Resampling.LANCZOS), quality=90)
    content = encoded(picture, quality=QUALITY)
    return commented(content, COMMENT) if how == "pixels" else content


def commented(content: bytes, comment: bytes) -> bytes:
    """A JPEG with a comment segment (ITU-T T.81, B.2.4.5) behind its first marker."""
    return content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + content[2:]


def relabelled(scene: Scene) -> list[str]:
    """The rows of a scene, the second with another class."""
    first, second, *others = scene.rows()
    return [first, str((int(second[0]) + 1) % 3) + second[1:], *others]
