"""Measured tables for tests of checks, from a few numbers, as a scan makes them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import HASHES, PIXELS, Defects, Hashes, Pixels, table


def pixels_of(count: int, **columns: Any) -> Pixels:
    """Images that were decoded: middling in everything, but for the columns given (one value for all, or a list)."""
    given = {
        "decoded": True,
        "brightness_p5": 0.2,
        "brightness_p50": 0.5,
        "brightness_p99": 0.9,
        "contrast": 0.2,
        "saturation": 0.1,
        "red": 0.5,
        "green": 0.5,
        "blue": 0.5,
        "camera": None,
        "taken": -1,
    } | columns
    values = {name: [value] * count if np.isscalar(value) or value is None else value for name, value in given.items()}
    return table(PIXELS, values)


def hashes_of(clusters: Sequence[int]) -> Hashes:
    """Images of these clusters."""
    return table(HASHES, {"cluster": list(clusters)})


def at(month: int, hour: int, day: int = 1) -> int:
    """An EXIF time of the year 2024 in seconds since 1970."""
    return int(datetime(2024, month, day, hour, 30, tzinfo=UTC).timestamp())


def number(defects: Defects) -> float | None:
    """What a check measured."""
    value: float | None = defects.attrs["measured"]
    return value


def sentences(check: Check, defects: Defects) -> list[str]:
    """What is said of each defect."""
    return [check.describe({str(name): fact for name, fact in row.items()}) for row in defects.to_dict("records")]
