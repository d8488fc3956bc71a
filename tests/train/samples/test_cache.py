"""Pictures are decoded once, kept where there is room, and never taken from a file that is not what it was."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.example_detector import photo
from tests.example_samples import planted
from yoloaudit.train.images.data import Source, of_split
from yoloaudit.train.images.picture import Unreadable
from yoloaudit.train.samples import cache
from yoloaudit.train.samples.cache import Pictures

SIDE = 48
ALL = 1 << 30


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return of_split(planted(tmp_path / "data", 5), ["train"])


def kept_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_pictures_have_the_longer_side(source: Source) -> None:
    pictures = Pictures(source, SIDE, shrink=False)
    for at in range(len(source)):
        read = cv2.imread(source.paths[at])
        assert read is not None
        ratio = SIDE / max(read.shape[:2])
        size = int(np.ceil(read.shape[1] * ratio)), int(np.ceil(read.shape[0] * ratio))
        expected = cv2.resize(read, size, interpolation=cv2.INTER_LINEAR)
        assert (pictures.picture(at) == expected).all()
    taken = [pictures.picture(at).nbytes for at in range(len(source))]
    assert cache.bytes_of(source.sizes, SIDE).tolist() == taken


def test_for_validation_they_shrink_by_area(source: Source) -> None:
    fine, coarse = Pictures(source, 20, shrink=False).picture(0), Pictures(source, 20, shrink=True).picture(0)
    assert fine.shape == coarse.shape
    assert (fine != coarse).any()


def test_in_memory_each_is_decoded_once_by_any_number_of_threads(source: Source) -> None:
    pictures = Pictures(source, SIDE, shrink=False, memory=ALL)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(pictures.picture, [at % len(source) for at in range(200)]))
    assert pictures.decoded == len(source)


def test_memory_is_bounded(source: Source) -> None:
    least = int(cache.bytes_of(source.sizes, SIDE)[0])
    pictures = Pictures(source, SIDE, shrink=False, memory=least)
    for _ in range(3):
        for at in range(len(source)):
            pictures.picture(at)
    assert pictures.decoded == 1 + 3 * (len(source) - 1)


def test_in_a_folder_they_outlive_the_process(source: Source, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    first = Pictures(source, SIDE, shrink=False, folder=str(folder))
    made = [first.picture(at).copy() for at in range(len(source))]
    assert len(kept_in(folder)) == len(source)
    assert first.decoded == len(source)
    second = Pictures(source, SIDE, shrink=False, folder=str(folder))
    assert all((second.picture(at) == made[at]).all() for at in range(len(source)))
    assert second.decoded == 0
    assert second.problem is None


def test_another_size_is_made_anew(source: Source, tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    Pictures(source, SIDE, shrink=False, folder=folder).picture(0)
    assert max(Pictures(source, SIDE + 1, shrink=False, folder=folder).picture(0).shape) == SIDE + 1


def test_an_edit_that_keeps_size_and_time_is_seen(source: Source, tmp_path: Path) -> None:
    folder, path = str(tmp_path / "kept"), Path(source.paths[0])
    height, width = source.sizes[0].tolist()
    path.write_bytes(photo(1, width, height, "BMP"))
    Pictures(source, SIDE, shrink=False, folder=folder).picture(0)
    facts = path.stat()
    path.write_bytes(photo(2, width, height, "BMP"))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert path.stat().st_size == facts.st_size
    again = Pictures(source, SIDE, shrink=False, folder=folder)
    assert (again.picture(0) == Pictures(source, SIDE, shrink=False).picture(0)).all()
    assert again.decoded == 1


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other", "size"])
def test_a_damaged_file_is_not_taken(source: Source, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "kept"
    whole = Pictures(source, SIDE, shrink=False, folder=str(folder)).picture(0).copy()
    (file,) = kept_in(folder)
    data = bytearray(file.read_bytes())
    if damage == "flip":
        data[-5] ^= 1
    elif damage == "size":
        data[len(cache.MAGIC)] += 1
    damaged = bytes({"cut": data[:-3], "empty": b"", "other": b"\x93NUMPY" + data[6:]}.get(damage, data))
    file.write_bytes(damaged)
    again = Pictures(source, SIDE, shrink=False, folder=str(folder))
    assert (again.picture(0) == whole).all()
    assert again.decoded == 1
    assert file.read_bytes() != damaged, "it is written anew"


def test_a_folder_that_cannot_be_written_stops_nothing(source: Source, tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    pictures = Pictures(source, SIDE, shrink=False, folder=str(place / "kept"))
    assert pictures.problem is not None
    assert pictures.picture(0).size


def test_a_full_disk_is_told_before_it_is_full(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "SPARE", 1e30)
    pictures = Pictures(source, SIDE, shrink=False, folder=str(tmp_path / "kept"))
    assert "GB are free" in str(pictures.problem)
    assert pictures.picture(0).size
    assert not kept_in(tmp_path / "kept")


def test_nothing_is_written_beside_the_data(source: Source, tmp_path: Path) -> None:
    before = kept_in(tmp_path / "data")
    pictures = Pictures(source, SIDE, shrink=False, memory=ALL, folder=str(tmp_path / "kept"))
    for at in range(len(source)):
        pictures.picture(at)
    assert kept_in(tmp_path / "data") == before


def test_what_cannot_be_read_is_said_each_time(source: Source, tmp_path: Path) -> None:
    os.unlink(source.paths[2])
    for folder in (None, str(tmp_path / "kept")):
        pictures = Pictures(source, SIDE, shrink=False, memory=ALL, folder=folder)
        for _ in range(2):
            with pytest.raises(Unreadable, match="does not exist"):
                pictures.picture(2)


def test_there_is_a_place_for_caches() -> None:
    folder = cache.default_folder()
    assert folder is None or (os.path.isabs(folder) and "yoloaudit" in folder)
