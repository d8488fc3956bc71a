"""Parts of images: of the right place, from one decode of each file, within limits, whatever the file holds."""

import base64
import io
import os
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.example_pictures import encoded, texture
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.report import thumbnails as made
from yoloaudit.report.thumbnails import CELL, Box, Thumbnail, Wanted, frame_of, thumbnails

SIDE = st.integers(1, 5000)
SHARE = st.floats(-0.2, 1.2, allow_nan=False)


def dataset_of(folder: Path, files: Mapping[str, bytes], untrusted: bool = False) -> Dataset:
    """A data set of these images; their names and their bytes."""
    (folder / "images").mkdir()
    for name, data in files.items():
        (folder / "images" / name).write_bytes(data)
    (folder / "data.yaml").write_text("path: .\ntrain: images\nval: images\nnames: [cat]\n")
    return load(str(folder / "data.yaml"), untrusted=untrusted, workers=1)


def marked(width: int, height: int, box: tuple[int, int, int, int], format: str, **options: object) -> bytes:
    """A grey picture with a red rectangle."""
    image = Image.new("RGB", (width, height), (90, 90, 90))
    image.paste((250, 0, 0), box)
    return encoded(image, format, **options)


def pixels_of(thumbnail: Thumbnail | str) -> NDArray[np.uint8]:
    assert isinstance(thumbnail, Thumbnail), thumbnail
    head, _, data = thumbnail.uri.partition(",")
    assert head == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        return np.asarray(image.convert("RGB"))


def reddest(thumbnail: Thumbnail | str) -> Box:
    """Where the thumbnail shows red, in pixels of the image."""
    pixels = pixels_of(thumbnail).astype(int)
    rows, columns = np.nonzero(pixels[:, :, 0] - pixels[:, :, 1] > 100)
    assert isinstance(thumbnail, Thumbnail)
    left, top, right, bottom = thumbnail.part
    x, y = (right - left) / pixels.shape[1], (bottom - top) / pixels.shape[0]
    return (
        left + x * columns.min(),
        top + y * rows.min(),
        left + x * (columns.max() + 1),
        top + y * (rows.max() + 1),
    )


@given(SIDE, SIDE, st.lists(st.tuples(SHARE, SHARE, SHARE, SHARE), min_size=1, max_size=3))
def test_a_frame_holds_its_boxes(width: int, height: int, shares: list[tuple[float, ...]]) -> None:
    boxes = [(min(a, c) * width, min(b, d) * height, max(a, c) * width, max(b, d) * height) for a, b, c, d in shares]
    x1, y1, x2, y2 = frame_of(boxes, (width, height))
    for box in boxes:
        assert x1 <= box[0] + 1
        assert y1 <= box[1] + 1
        assert x2 >= box[2] - 1
        assert y2 >= box[3] - 1
    if all(box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height for box in boxes):
        assert (x1, y1) >= (0, 0)
        assert x2 <= width
        assert y2 <= height


def test_a_small_box_is_seen_from_near_and_without_one_all_is_shown() -> None:
    x1, y1, x2, y2 = frame_of([(2000, 1000, 2010, 1010)], (4000, 3000))
    assert 400 < x2 - x1 < 600
    assert (x2 - x1) / (y2 - y1) == pytest.approx(4 / 3, rel=0.02)
    assert frame_of([], (4000, 3000)) == (0, 0, 4000, 3000)
    assert frame_of([(100, 100, 3900, 2900)], (4000, 3000)) == (0, 0, 4000, 3000)


@pytest.mark.parametrize(("format", "suffix"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_shows_what_lies_in_the_box(tmp_path: Path, format: str, suffix: str) -> None:
    box = (1200, 300, 1260, 400)
    data = marked(1600, 900, box, format)
    dataset = dataset_of(tmp_path, {f"a.{suffix}": data})
    near, whole = thumbnails([Wanted(f"images/a.{suffix}", (box,)), Wanted(f"images/a.{suffix}")], dataset, workers=1)
    assert np.abs(np.subtract(reddest(near), box)).max() < 4
    assert np.abs(np.subtract(reddest(whole), box)).max() < 12
    for each in (near, whole):
        height, width = pixels_of(each).shape[:2]
        assert (width <= CELL[0], height <= CELL[1]) == (True, True)


def test_turned_images_are_shown_as_the_trainer_sees_them(tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    dataset = dataset_of(tmp_path, {"a.jpg": marked(400, 300, (0, 0, 80, 60), "JPEG", exif=tags)})
    (thumbnail,) = thumbnails([Wanted("images/a.jpg")], dataset, workers=1)
    assert np.abs(np.subtract(reddest(thumbnail), (240, 0, 300, 80))).max() < 6
    assert isinstance(thumbnail, Thumbnail)
    assert thumbnail.frame == (0, 0, 300, 400)


def test_an_image_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = dataset_of(tmp_path, {f"{name}.jpg": encoded(texture(0), "JPEG") for name in "ab"})
    tasks = []

    def cut(found: list[made._Task], *_: object) -> list[list[str]]:
        tasks.extend(found)
        return [["none"] * len(task.frames) for task in found]

    monkeypatch.setattr(made, "_cut", cut)
    wanted = [Wanted("images/a.jpg", ((1, 1, 20, 20),)), Wanted("images/b.jpg"), Wanted("images/a.jpg")]
    assert thumbnails([*wanted, *wanted], dataset) == ["none"] * 6
    assert [len(task.frames) for task in tasks] == [2, 1]


def test_a_box_beyond_the_image_is_shown_with_what_is_beyond(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, {"a.png": encoded(texture(0), "PNG")})
    (beyond,) = thumbnails([Wanted("images/a.png", ((140, 40, 175, 70),))], dataset, workers=1)
    assert isinstance(beyond, Thumbnail)
    assert beyond.frame[2] > 175
    assert beyond.part[2] == 160
    (outside,) = thumbnails([Wanted("images/a.png", ((1e9, 1e9, 1e9, 1e9),))], dataset, workers=1)
    assert isinstance(outside, str | Thumbnail)


def test_files_that_are_no_image_cost_a_sentence(tmp_path: Path) -> None:
    whole = encoded(texture(2), "PNG")
    huge = bytearray(encoded(Image.new("L", (1, 1)), "PNG"))
    huge[16:24] = (60000).to_bytes(4, "big") * 2
    huge[29:33] = zlib.crc32(huge[12:29]).to_bytes(4, "big")
    dataset = dataset_of(
        tmp_path, {"cut.png": whole[:900], "huge.png": bytes(huge), "good.png": whole, "gone.png": whole}
    )
    os.unlink(tmp_path / "images" / "gone.png")
    names = ("cut", "huge", "gone", "good", "never")
    found = thumbnails([Wanted(f"images/{name}.png") for name in names], dataset, workers=1)
    assert [isinstance(each, str) for each in found] == [True, True, True, False, True]
    assert "above the limit" in str(found[1])
    assert "does not exist" in str(found[2])


def test_nothing_outside_is_shown_where_data_are_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    dataset = dataset_of(tmp_path / "data", {"a.png": encoded(texture(0), "PNG")}, untrusted=True)
    secret = tmp_path / "secret.png"
    secret.write_bytes(encoded(texture(1), "PNG"))
    place = tmp_path / "data" / "images" / "a.png"
    place.unlink()
    place.symlink_to(secret)
    (found,) = thumbnails([Wanted("images/a.png")], dataset, workers=1)
    assert "outside" in str(found)


def test_a_decoder_that_dies_costs_its_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = dataset_of(tmp_path, {f"{name}.png": encoded(texture(0), "PNG") for name in "ab"})
    whole = made._of_file

    def deadly(root: object, task: made._Task) -> object:
        if task.path.endswith("a.png"):
            os._exit(11)
        return whole(root, task)  # type: ignore[arg-type]  # a Root

    monkeypatch.setattr(made, "_of_file", deadly)
    dead, alive = thumbnails([Wanted("images/a.png"), Wanted("images/b.png")], dataset, workers=1)
    assert "killed or stopped" in str(dead)
    assert isinstance(alive, Thumbnail)
