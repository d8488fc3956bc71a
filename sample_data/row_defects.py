"""A good row of a label file → a bad one: what is planted in the text of labels, one defect a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class RowDefect:
    """What becomes of a good row; `added`: the good one stays, and the bad one follows at the end of the file."""

    rule: str
    note: str
    change: Callable[[list[str]], list[str]]
    added: bool = False


def wrong_field_count(row: list[str]) -> list[str]:
    return row[:-1]


def decimal_commas(row: list[str]) -> list[str]:
    return [field.replace(".", ",") for field in row]


def class_by_name(row: list[str]) -> list[str]:
    return [("bolt", "nut", "washer")[int(row[0])], *row[1:]]


def whole_number_as_float(row: list[str]) -> list[str]:
    return [row[0] + ".0", *row[1:]]


def half_class(row: list[str]) -> list[str]:
    return [row[0] + ".5", *row[1:]]


def not_a_number(row: list[str]) -> list[str]:
    return [*row[:3], "nan", row[4]]


def with_confidence(row: list[str]) -> list[str]:
    return [*row, "0.87"]


def same(row: list[str]) -> list[str]:
    return row


def class_seven(row: list[str]) -> list[str]:
    return ["7", *row[1:]]


def centre_beyond_one(row: list[str]) -> list[str]:
    return [row[0], "1.020000", *row[2:]]


def over_the_edge(row: list[str]) -> list[str]:
    return [row[0], "0.940000", row[2], "0.200000", row[4]]


def no_width(row: list[str]) -> list[str]:
    return [*row[:3], "0.000000", row[4]]


def a_speck(row: list[str]) -> list[str]:
    return [*row[:3], "0.002000", "0.003000"]


def a_sliver(row: list[str]) -> list[str]:
    return [*row[:3], "0.004000", "0.030000"]


def a_thread(row: list[str]) -> list[str]:
    return [row[0], "0.500000", "0.500000", "0.900000", "0.011000"]


def a_strip(row: list[str]) -> list[str]:
    return [row[0], "0.500000", "0.500000", "0.600000", "0.030000"]


def whole_frame(row: list[str]) -> list[str]:
    return [row[0], "0.500000", "0.500000", "0.980000", "0.970000"]


def nudged(row: list[str]) -> list[str]:
    return [row[0], f"{float(row[1]) + 0.001:.6f}", *row[2:]]


def other_class(row: list[str]) -> list[str]:
    return [str((int(row[0]) + 1) % 3), *row[1:]]


def inner_part(row: list[str]) -> list[str]:
    return [*row[:3], f"{float(row[3]) * 0.6:.6f}", f"{float(row[4]) * 0.6:.6f}"]


def a_click(row: list[str]) -> list[str]:
    return [*row[:3], "0.010000", "0.013000"]


ROW_DEFECTS = (
    RowDefect("wrong-field-count", "the height is missing", wrong_field_count),
    RowDefect("non-numeric-value", "decimal commas", decimal_commas),
    RowDefect("non-numeric-value", "a class name instead of its number", class_by_name),
    RowDefect("fractional-class-id", "a class written n.0", whole_number_as_float),
    RowDefect("fractional-class-id", "a class written n.5", half_class),
    RowDefect("non-finite-value", "a width of nan", not_a_number),
    RowDefect("confidence-column", "a sixth field of 0.87", with_confidence),
    RowDefect("duplicate-row", "the same row again", same, added=True),
    RowDefect("class-out-of-range", "class 7 of 3", class_seven),
    RowDefect("coordinate-out-of-range", "a centre at 1.02", centre_beyond_one),
    RowDefect("box-outside-image", "the right edge lies at 1.04", over_the_edge),
    RowDefect("degenerate-box", "no width", no_width),
    RowDefect("vanishing-box", "1.3 px wide at image size 640", a_speck),
    RowDefect("tiny-box", "2.6 px wide at image size 640", a_sliver),
    RowDefect("extreme-aspect-box", "more than 100 times as wide as high", a_thread),
    RowDefect("extreme-aspect-box", "between 20 and 100 times as wide as high", a_strip),
    RowDefect("full-frame-box", "a part as large as the picture", whole_frame),
    RowDefect("duplicate-box", "a box drawn twice, a third of a pixel apart", nudged, added=True),
    RowDefect("conflicting-box", "the same box with another class", other_class, added=True),
    RowDefect("nested-box", "a box around the middle of a part that has a box", inner_part, added=True),
    RowDefect("size-outlier", "a box of a few pixels in a class of large parts", a_click),
)


def aspect_outlier(row: list[str]) -> list[str]:
    """A washer is about as wide as high; this one is 13 times as wide."""
    return ["2", row[1], row[2], "0.300000", "0.030000"]


def as_polygon(row: str) -> str:
    """A box row as an octagon inside of it."""
    class_id, cx, cy, w, h = row.split()
    corners = [(-0.5, -0.2), (-0.2, -0.5), (0.2, -0.5), (0.5, -0.2), (0.5, 0.2), (0.2, 0.5), (-0.2, 0.5), (-0.5, 0.2)]
    points = [(float(cx) + x * float(w), float(cy) + y * float(h)) for x, y in corners]
    return " ".join([class_id, *(f"{value:.6f}" for point in points for value in point)])
