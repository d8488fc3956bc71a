"""Scenes and rows of text → the files of a data set, and the list of defects planted in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image
from scenes import Box, Scene

BENCHES = ("bench", "tray", "drawer", "vise", "shelf", "lathe", "crate", "bin", "cart", "jig", "stool", "rack")
SHADES = ("amber", "cobalt", "umber", "slate", "olive", "rust", "ivory", "teal", "sand", "plum", "ash", "moss")
LETTERS = "abcdefhkmnprtwxz"


def picture_name(*key: object) -> str:
    """A name such as `bench-amber-k3fa`: words and a hash, nothing that counts."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    tail = LETTERS[digest[2] % 16] + str(digest[3] % 10) + LETTERS[digest[4] % 16] + LETTERS[digest[5] % 16]
    return f"{BENCHES[digest[0] % len(BENCHES)]}-{SHADES[digest[1] % len(SHADES)]}-{tail}"


def encoded(picture: Image.Image, kind: str = "JPEG", *, quality: int = 85, exif: Image.Exif | None = None) -> bytes:
    """The bytes of an image file."""
    buffer = BytesIO()
    if kind == "JPEG":
        picture.save(buffer, "JPEG", quality=quality, exif=exif or Image.Exif())
    else:
        picture.save(buffer, kind, optimize=True)
    return buffer.getvalue()


@dataclass(frozen=True)
class Plant:
    """A defect put in on purpose: the rule that finds it, and where; `needs` says what git cannot keep."""

    data: str
    rule: str
    file: str | None
    line: int | None
    note: str
    needs: str | None = None

    def entry(self) -> dict[str, str | int | None]:
        """The entry of the manifest."""
        entry: dict[str, str | int | None] = {
            "data": self.data, "rule": self.rule, "file": self.file, "line": self.line, "note": self.note,
        }  # fmt: skip
        return entry | {"needs": self.needs} if self.needs else entry


@dataclass
class DataSet:
    """A folder with images/ and labels/ that is being written, and what has been planted in it."""

    folder: Path
    data: str = "data.yaml"
    """The descriptor, as the manifest names it."""
    plants: list[Plant] = field(default_factory=list)

    def write(self, path: str, content: bytes | str) -> None:
        """One file below the folder; text is written as it stands."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)

    def add(
        self,
        split: str,
        name: str,
        scene: Scene,
        rows: list[str] | None = None,
        quality: int = 85,
        exif: Image.Exif | None = None,
    ) -> None:
        """A picture and its label file; `rows` stands for other rows than the scene's own."""
        self.write(f"images/{split}/{name}.jpg", encoded(scene.picture, quality=quality, exif=exif))
        self.label(split, name, scene.rows() if rows is None else rows)

    def label(self, split: str, name: str, rows: list[str]) -> None:
        """A label file; no rows make an empty file, which says that nothing is to be seen."""
        self.write(f"labels/{split}/{name}.txt", "".join(row + "\n" for row in rows))

    def plant(self, rule: str, file: str | None, line: int | None, note: str, needs: str | None = None) -> None:
        """Note a planted defect."""
        self.plants.append(Plant(self.data, rule, file, line, note, needs))


def renamed(scene: Scene, ids: dict[int, int]) -> Scene:
    """The scene with other class ids."""
    boxes = (Box(ids.get(box.class_id, box.class_id), box.x1, box.y1, box.x2, box.y2) for box in scene.boxes)
    return Scene(scene.picture, tuple(boxes))
