"""Which images are decoded in full to tell whether others have the same pixels."""

from pathlib import Path

import numpy as np
import pytest

from tests.example_pictures import encoded, pillows, texture, with_comments
from yoloaudit.files import Root
from yoloaudit.measure.equal import pixel_keys, unsure
from yoloaudit.measure.facts import Records, blank
from yoloaudit.measure.look import Limits, Task, exact_keys, look

JPEG, OTHER = encoded(texture(1), "JPEG"), encoded(texture(2), "JPEG")
PNG = encoded(pillows(JPEG), "PNG")
"""The pixels of JPEG."""


def _paths(folder: Path, files: tuple[bytes, ...]) -> list[str]:
    paths = [folder / f"{number}.jpg" for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    return [str(path) for path in paths]


def _records(folder: Path, *files: bytes) -> Records:
    return look(Root(str(folder)), Limits(), [Task(path) for path in _paths(folder, files)]).records


def test_images_unlike_all_others_are_not_decoded_in_full(tmp_path: Path) -> None:
    small = encoded(texture(1, 80, 60), "PNG")
    assert unsure(_records(tmp_path, JPEG, OTHER, small)).tolist() == []
    assert unsure(_records(tmp_path, JPEG, OTHER, encoded(texture(3), "PNG"))).tolist() == []


def test_equal_files_need_no_decoding(tmp_path: Path) -> None:
    assert unsure(_records(tmp_path, JPEG, OTHER, JPEG)).tolist() == []


def test_jpegs_with_equal_reduced_pixels_are(tmp_path: Path) -> None:
    assert unsure(_records(tmp_path, JPEG, OTHER, with_comments(JPEG, 1), JPEG)).tolist() == [0, 2, 3]


def test_a_jpeg_that_looks_like_a_png_of_its_size_is(tmp_path: Path) -> None:
    assert unsure(_records(tmp_path, OTHER, PNG, JPEG)).tolist() == [2]


def test_a_jpeg_whose_hash_differs_a_little_from_a_pngs_is_too() -> None:
    records = blank(5).records
    records["decoded"] = True
    records["width"], records["height"] = 100, [50, 50, 50, 51, 50]
    records["format"] = [b"PNG", b"JPEG", b"JPEG", b"JPEG", b"JPEG"]
    records["perceptual"] = [0xFFFF, 0xFFF0, 0xFFE0 << 8, 0xFFFF, 0xFFFFF]
    records["reduced"] = range(1, 6)
    records["content"] = [np.void(bytes([number]) * 16) for number in range(1, 6)]
    records["exact"][0] = np.void(b"e" * 16)
    assert unsure(records).tolist() == [1, 4]


@pytest.mark.parametrize("known", [True, False])
def test_what_is_known_or_was_not_decoded_is_sure(tmp_path: Path, known: bool) -> None:
    records = _records(tmp_path, JPEG, PNG)
    if known:
        records["exact"][0] = records["exact"][1]
    else:
        records["decoded"][0] = False
    assert unsure(records).tolist() == []


def test_of_no_records_nothing_is_unsure() -> None:
    assert unsure(blank(0).records).tolist() == []
    assert unsure(blank(3).records).tolist() == []


def test_equal_pixels_get_equal_keys_in_the_end(tmp_path: Path) -> None:
    files = (JPEG, PNG, encoded(pillows(JPEG), "BMP"), with_comments(JPEG, 3), OTHER, b"no image")
    records = _records(tmp_path, *files)
    places = unsure(records)
    paths = _paths(tmp_path, files)
    found = exact_keys(Root(str(tmp_path)), Limits(), [paths[place] for place in places])
    records["exact"][places] = [np.void(key) for key in found]
    keys = [key.tobytes() for key in pixel_keys(records)]
    assert keys[0] == keys[1] == keys[2] == keys[3] == records["exact"][1].tobytes()
    assert keys[4] == records["content"][4].tobytes() != keys[0]
    assert keys[5] == bytes(16)
