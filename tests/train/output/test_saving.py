"""What is written into a run folder: nothing of it lies elsewhere, whatever files and classes are called."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.example_detector import photo
from yoloaudit.dataset.load import load
from yoloaudit.errors import WriteError
from yoloaudit.train.images.augment import Letterboxed
from yoloaudit.train.images.data import Fitted, fit_pixels
from yoloaudit.train.images.sources import Item
from yoloaudit.train.images.video import Moment
from yoloaudit.train.output.saving import LARGER, MARGIN, Saver, Wanted, crop, encoded, label_text
from yoloaudit.train.plot.drawing import Style
from yoloaudit.train.types import NO_DETECTIONS, Detections

NAMES = ("cat", "../../dog", "..")
ALL = Wanted(pictures=True, labels=True, scores=True, crops=True)


def seen(count: int = 3) -> Detections:
    boxes = np.array([[10, 10, 40, 30], [20, 5, 60, 60], [0, 0, 96, 64]], np.float32)[:count]
    return Detections(boxes, np.array([0.9, 0.5, 0.25], np.float32)[:count], np.array([0, 1, 2])[:count])


def fitted(place: int, moment: Moment | None = None, height: int = 64, width: int = 96) -> Fitted:
    pixels = np.random.default_rng(place).integers(0, 255, (height, width, 3), np.uint8)
    return fit_pixels(place, pixels, lambda pixels: (pixels, Letterboxed()), keep=True, moment=moment)


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def save(folder: Path, paths: list[str], wanted: Wanted = ALL) -> Saver:
    folder.mkdir(exist_ok=True)
    with Saver(str(folder), [Item(path) for path in paths], NAMES, wanted, Style()) as saver:
        for place in range(len(paths)):
            saver.save(fitted(place), seen())
    return saver


def test_pictures_labels_and_crops(tmp_path: Path) -> None:
    saver = save(tmp_path / "run", ["photos/bus.jpg"])
    assert written(tmp_path) == [
        "run/bus.jpg",
        "run/crops/_.._dog/bus.jpg",
        "run/crops/cat/bus.jpg",
        "run/crops/class 2/bus.jpg",
        "run/labels/bus.txt",
    ]
    assert saver.written == {"pictures": 1, "labels": 1, "crops": 3}
    lines = (tmp_path / "run" / "labels" / "bus.txt").read_text().splitlines()
    assert lines[0] == "0 0.260417 0.3125 0.3125 0.3125 0.9"
    assert lines[2] == "2 0.5 0.5 1 1 0.25"


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["a.jpg"]),
        (Wanted(pictures=False, labels=True), ["labels/a.txt"]),
        (Wanted(pictures=False, crops=True), ["crops/_.._dog/a.jpg", "crops/cat/a.jpg", "crops/class 2/a.jpg"]),
        (Wanted(pictures=False), []),
    ],
)
def test_only_what_is_wanted(wanted: Wanted, names: list[str], tmp_path: Path) -> None:
    save(tmp_path, ["a.jpg"], wanted)
    assert written(tmp_path) == names
    assert bool(wanted) == bool(names)


def test_files_of_one_name_are_all_kept(tmp_path: Path) -> None:
    paths = ["one/a.jpg", "two/a.jpg", "A.JPG", "a.png", "b/a_2.jpg", "a.webp", "x.dng", "a.tif", "a.bmp", "a.jpeg"]
    save(tmp_path, paths, Wanted(labels=True))
    pictures = [name for name in written(tmp_path) if not name.startswith("labels")]
    assert len(pictures) == len(paths)
    assert len({name.casefold() for name in pictures}) == len(paths)
    assert "x.jpg" in pictures
    assert len(written(tmp_path)) == 2 * len(paths)


def test_a_number_behind_a_name_is_not_another_files_name(tmp_path: Path) -> None:
    twice = seen(2)
    twice.classes[:] = 0
    items = [Item("a.jpg"), Item("a_2.jpg"), Item("b.mp4"), Item("b_1.jpg")]
    with Saver(str(tmp_path), items, NAMES, Wanted(False, labels=True, crops=True), Style()) as saver:
        saver.save(fitted(0), twice)
        saver.save(fitted(1), twice)
        saver.save(fitted(2, Moment(1, 1, 10.0)), twice)
        saver.save(fitted(3), twice)
    assert saver.written == {"labels": 4, "crops": 8}
    assert len(os.listdir(tmp_path / "labels")) == 4
    assert len(os.listdir(tmp_path / "crops" / "cat")) == 8


def test_hostile_names_stay_inside(tmp_path: Path) -> None:
    hostile = [
        "..",
        "../../evil.jpg",
        "a\nb.jpg",
        "\x1b[31m.jpg",
        "/etc/passwd.jpg",
        "\udcff.jpg",
        f"{'x' * 255}.jpg",
        ".jpg",
    ]
    save(tmp_path / "run", hostile)
    assert set(os.listdir(tmp_path)) == {"run"}
    pictures = [name for name in os.listdir(tmp_path / "run") if os.path.isfile(tmp_path / "run" / name)]
    assert len(pictures) == len(hostile)
    assert all(name.isprintable() for name in pictures)


def test_a_video_is_one_file(tmp_path: Path) -> None:
    items = [Item("a.mov"), Item("b.jpg")]
    with Saver(str(tmp_path), items, NAMES, ALL, Style()) as saver:
        for number in (1, 2, 3):
            saver.save(fitted(0, Moment(number, 3, 10.0)), seen(number))
        saver.save(fitted(1), NO_DETECTIONS)
    assert [name for name in written(tmp_path) if "/" not in name] == ["a.mp4", "b.jpg"]
    assert sorted(os.listdir(tmp_path / "labels")) == ["a_1.txt", "a_2.txt", "a_3.txt"]
    assert saver.written == {"videos": 1, "pictures": 1, "labels": 3, "crops": 6}
    video = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert video.get(cv2.CAP_PROP_FPS) == 10
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 3


def test_a_picture_that_was_not_kept_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(photo())
    forgotten = fitted(0)._replace(pixels=None)
    run = tmp_path / "run"
    run.mkdir()
    with Saver(str(run), [Item(str(tmp_path / "a.jpg"))], NAMES, Wanted(), Style()) as saver:
        saver.save(forgotten, seen())
        (tmp_path / "a.jpg").unlink()
        with pytest.raises(WriteError, match="does not exist, a moment after"):
            saver.save(forgotten, seen())
    assert written(run) == ["a.jpg"]


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("")
    with pytest.raises(WriteError):
        save(tmp_path, ["a.jpg"], Wanted(pictures=False, labels=True))


def test_a_cut_out_is_a_little_larger_than_its_box() -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    cut = crop(pixels, np.array([100, 50, 200, 150], np.float32))
    assert cut.shape[:2] == (round(100 * LARGER + MARGIN), round(100 * LARGER + MARGIN))
    assert crop(pixels, np.array([-9, -9, 999, 999], np.float32)).shape == pixels.shape
    assert crop(pixels[:1, :1], np.array([0, 0, 1, 1], np.float32)).shape == (1, 1, 3)


def test_a_side_that_a_format_cannot_hold_makes_a_png() -> None:
    wide = np.zeros((2, 70_000, 3), np.uint8)
    for kind in ("jpg", "webp"):
        data, made = encoded(wide, kind)
        assert made == "png"
        assert data.startswith(b"\x89PNG")


def test_label_files_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(photo())
    (tmp_path / "labels" / "a.txt").write_text(label_text(fitted(0), seen(), scores=False))
    (tmp_path / "data.yaml").write_text("path: .\ntrain: images\nval: images\nnames: [a, b, c]\n")
    boxes = load(str(tmp_path / "data.yaml"), splits=["train"], workers=1).boxes
    np.testing.assert_allclose(boxes[["x1", "y1", "x2", "y2"]], seen().boxes, atol=1e-3)
    assert boxes["class_id"].tolist() == [0, 1, 2]
