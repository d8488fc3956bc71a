"""dominant-source: which of camera, file name and resolution is told, and when none is."""

from typing import Any

import numpy as np
import pytest

from tests.example_looks import number, pixels_of, sentences
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.variety.dominant_source import DominantSource
from yoloaudit.dataset.tables import Defects


def find(count: int = 40, *, camera: Any = None, widths: Any = None, still: bool = False, **columns: Any) -> Defects:
    images = images_of(count, **columns)
    if widths is not None:
        images["width"] = np.asarray(widths, dtype=np.int32)
    boxes = boxes_of([(i, 0, 0.5 if still else 0.1 + i % 3 * 0.3, 0.5, 0.1, 0.1) for i in range(count)], images)
    return DominantSource().find(images, pixels_of(count, camera=camera), boxes)


def said(defects: Defects) -> str:
    (sentence,) = sentences(DominantSource(), defects)
    return sentence


def test_a_camera_is_told_before_the_resolution_that_goes_with_it() -> None:
    cameras = ["K 20"] * 32 + ["M7"] * 8
    assert "one camera, 'K 20', took 80% of 40" in said(find(camera=cameras))
    assert number(find(camera=cameras)) == 0.8
    assert not len(find(camera=["K 20"] * 31 + ["M7"] * 9))


def test_images_without_a_camera_are_not_of_one() -> None:
    defects = find(camera=[None] * 36 + ["M7"] * 4, widths=range(100, 140))
    assert not len(defects)
    assert number(defects) == pytest.approx(1 / 40)


def test_resolutions_tell_nothing_where_cameras_are_known() -> None:
    assert "one resolution, 640 × 640" in said(find(camera=["K 20"] * 19 + [None] * 21))
    known = find(camera=["K 20"] * 10 + ["M7"] * 10 + [None] * 20)
    assert (len(known), number(known)) == (0, 0.25)


def test_one_resolution_says_that_export_makes_it_too() -> None:
    assert "resizing on export" in said(find())
    assert "resizing on export" not in said(find(camera="K 20"))
    assert not len(find(widths=[100] * 31 + [200] * 9))
    assert number(find(widths=[0] * 40)) is None


def test_a_clip_is_one_source_and_running_numbers_are_none() -> None:
    numbered: dict[str, Any] = {"source": "cam", "frame": range(40), "widths": range(100, 140)}
    assert "one source by file name, 'cam', holds 100%" in said(find(still=True, **numbered))
    assert not len(find(still=False, **numbered))


def test_nothing_is_known_of_exported_images_by_many_originals() -> None:
    exported = find(source=[f"photo {i}" for i in range(40)])
    assert (number(exported), len(exported)) == (None, 0)
    assert "export" in exported.attrs["why"]
    assert "one source by file name, 'photo'" in said(find(source=["photo"] * 39 + [None]))
    assert number(find(source=[f"photo {i}" for i in range(40)], camera=["M7", "K 20"] * 20)) == 0.5


def test_29_images_are_too_few() -> None:
    assert number(find(29)) is None
    assert number(find(30)) == 1
    assert number(find(60, split=["train"] * 29 + ["val"] * 31)) is None
