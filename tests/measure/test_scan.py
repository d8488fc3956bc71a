"""A scan looks at what has changed and at nothing else, whatever becomes of it or of its cache."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pandas import DataFrame
from PIL import Image

from yoloaudit.checks.base import Picture
from yoloaudit.dataset.images import Header
from yoloaudit.dataset.load import load
from yoloaudit.measure import known, look
from yoloaudit.measure.decode import Decoded, decode
from yoloaudit.measure.scan import Scan, turned
from yoloaudit.testing import draw

CHILD = """
import sys
from yoloaudit.dataset.load import load
from yoloaudit.measure.scan import Scan
with Scan(cache=sys.argv[2], workers=2) as scan:
    dataset = load(sys.argv[1], headers=scan.headers)
    scan.measures(dataset, ["pixels", "hashes", "copies"])
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "images" / "train").mkdir(parents=True)
    (folder / "images" / "val").mkdir()
    (folder / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [a]\n")
    for number in range(40):
        picture = Picture(96, 64, seed=number % 30, format="JPEG")
        place = folder / "images" / ("val" if number % 4 == 3 else "train")
        (place / f"{number:02}.jpg").write_bytes(draw(picture))
    return folder


@pytest.fixture(autouse=True)
def nothing_is_young(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of these tests were written just now, and their time of change cannot be set."""
    monkeypatch.setattr(known, "YOUNG_NS", 0)


def scanned(data: Path, cache: Path | None, **options: Any) -> tuple[dict[str, DataFrame], int]:
    with Scan(cache=None if cache is None else str(cache), isolated=False, workers=1, **options) as scan:
        dataset = load(str(data / "data.yaml"), headers=scan.headers)
        return {"images": dataset.images, **scan.measures(dataset, ["pixels", "hashes", "copies"])}, scan.looked


def same(one: dict[str, DataFrame], other: dict[str, DataFrame]) -> bool:
    return all(one[name].equals(other[name]) for name in one)


def test_a_second_scan_looks_at_nothing_and_says_the_same(data: Path, tmp_path: Path) -> None:
    first, looked = scanned(data, tmp_path / "cache")
    again, looked_again = scanned(data, tmp_path / "cache")
    fresh, _ = scanned(data, None)
    assert (looked, looked_again) == (40, 0)
    assert same(first, again)
    assert same(first, fresh)
    assert (first["copies"]["kind"] == "bytes").sum() == 10


def test_only_what_changed_is_looked_at_again(data: Path, tmp_path: Path) -> None:
    scanned(data, tmp_path / "cache")
    changed = data / "images" / "train" / "00.jpg"
    changed.write_bytes(draw(Picture(96, 64, seed=99, format="JPEG")))
    (data / "images" / "train" / "new.jpg").write_bytes(draw(Picture(96, 64, seed=98, format="JPEG")))
    (data / "images" / "train" / "01.jpg").unlink()
    again, looked = scanned(data, tmp_path / "cache")
    assert looked == 2
    assert same(again, scanned(data, None)[0])


def test_a_change_of_equal_length_and_time_is_seen(data: Path, tmp_path: Path) -> None:
    path = data / "images" / "train" / "00.jpg"
    scanned(data, tmp_path / "cache")
    before, content = path.stat(), path.read_bytes()
    path.write_bytes(content[:-40] + bytes(38) + content[-2:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    again, looked = scanned(data, tmp_path / "cache")
    assert path.stat().st_size == before.st_size
    assert looked == 1
    assert same(again, scanned(data, None)[0])


def test_a_young_stamp_proves_nothing(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "YOUNG_NS", 3600 * 10**9)
    scanned(data, tmp_path / "cache")
    monkeypatch.setattr(look, "decode", lambda *_: pytest.fail("decoded again"))
    _, looked = scanned(data, tmp_path / "cache")
    assert looked == 40


def test_a_moved_file_is_read_and_not_decoded(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned(data, tmp_path / "cache")
    (data / "images" / "train" / "00.jpg").rename(data / "images" / "train" / "moved.jpg")
    monkeypatch.setattr(look, "decode", lambda *_: pytest.fail("decoded again"))
    again, looked = scanned(data, tmp_path / "cache")
    assert looked == 1
    assert again["pixels"]["decoded"].all()


def test_a_lost_picture_is_made_again(data: Path, tmp_path: Path) -> None:
    import sqlite3

    first, _ = scanned(data, tmp_path / "cache")
    (path,) = (tmp_path / "cache").glob("*.sqlite")
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM pictures")
    (data / "images" / "train" / "near.jpg").write_bytes(draw(Picture(96, 64, seed=0, light=0.95, format="JPEG")))
    again, looked = scanned(data, tmp_path / "cache")
    assert looked == 1
    assert same(again, scanned(data, None)[0])
    assert (again["copies"]["kind"] == "near").sum() > (first["copies"]["kind"] == "near").sum()


def test_a_cache_inside_the_data_set_is_not_used(data: Path) -> None:
    scanned(data, data / "cache")
    assert not (data / "cache").exists()


def test_a_killed_scan_leaves_a_valid_cache(data: Path, tmp_path: Path) -> None:
    cache, wanted = tmp_path / "cache", scanned(data, None)[0]
    rng = random.Random(4)
    for _ in range(20):
        if rng.random() < 0.3:
            shutil.rmtree(cache, ignore_errors=True)
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(data / "data.yaml"), str(cache)])
        time.sleep(rng.uniform(0.3, 1.0))
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert same(scanned(data, cache)[0], wanted)


def test_two_scans_at_once_share_a_cache(data: Path, tmp_path: Path) -> None:
    wanted = scanned(data, None)[0]
    for _ in range(2):
        command = [sys.executable, "-c", CHILD, str(data / "data.yaml"), str(tmp_path / "cache")]
        children = [subprocess.Popen(command) for _ in range(2)]
        assert [child.wait() for child in children] == [0, 0]
        again, looked = scanned(data, tmp_path / "cache")
        assert looked == 0
        assert same(again, wanted)


def test_a_file_that_kills_its_reader_costs_only_itself(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "images" / "train" / "deadly.jpg").write_bytes(draw(Picture(96, 64, seed=77, format="JPEG")))
    content = (data / "images" / "train" / "deadly.jpg").read_bytes()

    def deadly(data: bytes, header: Header) -> Decoded:
        if data == content:
            os.kill(os.getpid(), signal.SIGKILL)
        return decode(data, header)

    monkeypatch.setattr(look, "decode", deadly)
    with Scan(workers=2) as scan:
        dataset = load(str(data / "data.yaml"), headers=scan.headers)
        pixels = scan.measures(dataset, ["pixels"])["pixels"]
    lost = dataset.images[dataset.images["error"].notna()]
    assert lost["path"].tolist() == ["images/train/deadly.jpg"]
    assert pixels["decoded"].sum() == 40


def test_a_listed_image_counts_once_and_stands_twice(data: Path) -> None:
    names = sorted(f"./images/train/{path.name}" for path in (data / "images" / "train").iterdir())
    (data / "train.txt").write_text("\n".join(names))
    (data / "data.yaml").write_text("train: train.txt\nval: train.txt\nnames: [a]\n")
    tables, looked = scanned(data, None)
    assert looked == len(names)
    assert len(tables["pixels"]) == 2 * len(names)
    assert tables["pixels"]["decoded"].all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_pillow_turns_images(orientation: int, tmp_path: Path) -> None:
    from PIL import ImageOps

    picture = np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as image:
        assert (np.asarray(ImageOps.exif_transpose(image)) == turned(picture, orientation)).all()
