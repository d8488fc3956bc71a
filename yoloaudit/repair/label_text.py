"""One label file under the hand: its rows with their boxes, and what can be done to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.grammar import Row, parse_row, split_fields
from yoloaudit.dataset.labels import decode
from yoloaudit.geometry import corners_of
from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.lines import Lines
from yoloaudit.repair.numbers import decimals_of, fields_of, numbers_of, row_of, with_fields, with_values

MANY = 6
"""A row of more fields makes the trainer read its whole file as polygons."""


class Frame(NamedTuple):
    """Width and height of an image in pixels, as the trainer sees it."""

    width: int
    height: int


@dataclass
class LabelText:
    """A label file that is being edited; rows are known by their line, from 1."""

    lines: Lines
    polygons: bool
    """Whether the trainer reads its rows as polygons."""
    decimals: int

    @classmethod
    def of(cls, data: bytes) -> LabelText:
        """From the bytes of the file; raises NotMended where they are no text that rows can be told in."""
        _, error, _ = decode(data)
        if error is not None:
            raise NotMended(f"its label file {error}", "refused")
        lines = Lines.of(data)
        rows = [raw for number in range(1, len(lines.texts) + 1) if (raw := lines.text(number)) and raw.strip()]
        polygons = any(len(split_fields(raw.strip())) > MANY for raw in rows)
        return cls(lines, polygons, decimals_of(rows))

    def rows(self) -> list[tuple[int, str]]:
        """The rows that are left, with their lines."""
        numbered = ((number, self.lines.text(number)) for number in range(1, len(self.lines.texts) + 1))
        return [(number, raw) for number, raw in numbered if raw is not None and raw.strip()]

    def row(self, line: int) -> Row | None:
        """What the trainer reads in a line, None where it is no row."""
        raw = self.lines.text(line)
        return parse_row(split_fields(raw.strip()), polygons=self.polygons) if raw is not None and raw.strip() else None

    def boxes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Classes of all rows that yield a box, and their corners as shares of the image (N × 4); added ones too."""
        texts = [*(raw for _, raw in self.rows()), *(text.decode("ascii") for text in self.lines.added)]
        read = (parse_row(split_fields(raw.strip()), polygons=self.polygons) for raw in texts)
        rows = [row for row in read if row.error is None]
        centres = np.array([row[4:8] for row in rows], np.float64).reshape(-1, 4)
        classes = np.array([row.class_value for row in rows], np.float64)
        return classes, np.asarray(corners_of(centres), np.float64)

    def put_class(self, line: int, class_id: int) -> None:
        """Another class in a row."""
        self.lines.put(line, with_fields(self._sound(line), {0: str(class_id)}))

    def put_box(self, line: int, corners: tuple[float, float, float, float]) -> None:
        """Another box in a row, from corners as shares of the image."""
        raw = self._sound(line)
        if self.polygons or len(fields_of(raw)) != 5:
            raise NotMended("is a polygon, and a box in its place would say less: redraw it by hand")
        self.lines.put(line, with_values(raw, 1, centre_of(corners), self.decimals))

    def add_box(self, class_id: int, corners: tuple[float, float, float, float]) -> None:
        """A new row, as a polygon of four points where the trainer would take a box for something else."""
        x1, y1, x2, y2 = corners
        values = (x1, y1, x2, y1, x2, y2, x1, y2) if self.polygons else centre_of(corners)
        self.lines.add(row_of(class_id, values, self.decimals))

    def _sound(self, line: int) -> str:
        raw = self.lines.text(line)
        if raw is None:
            raise NotMended("has no such line any more", "changed")
        numbers_of(raw)
        return raw


def centre_of(corners: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Corners → centre x, centre y, width, height."""
    x1, y1, x2, y2 = corners
    return (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1


def shares(box: tuple[float, float, float, float], frame: Frame) -> tuple[float, float, float, float]:
    """A box in pixels as shares of its image, clipped to it; raises NotMended where nothing of it is inside."""
    x1, x2 = (min(max(side / frame.width, 0.0), 1.0) for side in box[::2])
    y1, y2 = (min(max(side / frame.height, 0.0), 1.0) for side in box[1::2])
    if x2 - x1 <= 0 or y2 - y1 <= 0:
        raise NotMended("the proposed box has nothing inside the image", "refused")
    return x1, y1, x2, y2
