"""Files become pixels as the trainer sees them, or a reason; nothing large is decoded unasked, or twice at once."""

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from blake3 import blake3
from PIL import Image

from tests.example_detector import broken_pictures, odd_pictures, photo, sideways
from tests.example_pictures import encoded, pillows
from yoloaudit.dataset.decodable import ENDS_EARLY, LARGE_PIXELS, MOST_PIXELS, MOST_PIXELS_UNTRUSTED
from yoloaudit.files import Root
from yoloaudit.measure.decode import KEY_BYTES
from yoloaudit.train.images import picture as module
from yoloaudit.train.images.picture import Picture, Unreadable, key_of, key_of_file, use


def read(folder: Path, data: bytes, most: int = MOST_PIXELS) -> Picture:
    (folder / "a").write_bytes(data)
    return use(Root(str(folder)), str(folder / "a"), most, lambda picture: picture)


def why_not(folder: Path, data: bytes, most: int = MOST_PIXELS) -> str:
    with pytest.raises(Unreadable) as caught:
        read(folder, data, most)
    return str(caught.value)


@pytest.mark.parametrize("name", odd_pictures())
def test_whatever_the_file_holds_it_becomes_three_channels_of_eight_bits(name: str, tmp_path: Path) -> None:
    data = odd_pictures()[name]
    pixels = read(tmp_path, data).pixels
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    if name in ("bitmap.bmp", "strip.tif", "alpha.png", "palette.png", "bits.png", "png.jpg"):
        assert (pixels[..., ::-1] == pillows(data)).all()
    if name == "deep.png":
        with Image.open(tmp_path / "a") as image:
            assert np.abs(pixels[..., 0].astype(int) - (np.asarray(image) >> 8)).max() <= 1


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_exif_says(orientation: int, format: str, tmp_path: Path) -> None:
    pixels = read(tmp_path, sideways(photo(3, 96, 64, "PNG"), orientation, format)).pixels
    assert pixels.shape[:2] == ((64, 96) if orientation < 5 else (96, 64))


@pytest.mark.parametrize("name", broken_pictures())
def test_what_is_broken_has_a_reason(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert why_not(tmp_path, broken_pictures()[name])
    assert capfd.readouterr() == ("", "")


def test_a_jpeg_that_ends_early_is_not_filled_with_grey(tmp_path: Path) -> None:
    whole = photo(4, 400, 300)
    assert why_not(tmp_path, whole[: len(whole) // 2]) == ENDS_EARLY
    assert (read(tmp_path, whole[:-2]).pixels == read(tmp_path, whole).pixels).all()
    assert (read(tmp_path, whole + b"trailing").pixels == read(tmp_path, whole).pixels).all()


def test_a_png_that_ends_early_says_so_in_no_other_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = photo(4, 400, 300, "PNG")
    for cut in (1, 12, 30, len(whole) // 2):
        assert why_not(tmp_path, whole[:-cut]) == ENDS_EARLY
    assert (read(tmp_path, whole + b"trailing").pixels == read(tmp_path, whole).pixels).all()
    assert capfd.readouterr() == ("", "")


def test_a_film_behind_a_photograph_does_no_harm(tmp_path: Path) -> None:
    whole = photo(4, 400, 300)
    assert (read(tmp_path, whole + b"\xff\xda" * 200).pixels == read(tmp_path, whole).pixels).all()


def test_what_is_too_large_is_known_from_the_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    large = encoded(Image.new("1", (8000, 8000)), "PNG")
    monkeypatch.setattr(cv2, "imdecode", never)
    assert "8,000 × 8,000 px, above the limit of 63,999,999" in why_not(tmp_path, large, 63_999_999)
    assert "scans" in why_not(tmp_path, broken_pictures()["scans.jpg"])


def test_eight_thousand_by_eight_thousand_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(encoded(Image.new("1", (8000, 8000)), "PNG"))
    root = Root(str(tmp_path))
    assert use(root, str(tmp_path / "a"), MOST_PIXELS_UNTRUSTED, lambda made: (made.pixels.shape, made.large)) == (
        (8000, 8000, 3),
        True,
    )


def test_only_large_ones_are_large() -> None:
    edge = LARGE_PIXELS // 4096
    for rows, large in ((edge, False), (edge + 1, True), (1, False)):
        assert Picture(np.broadcast_to(np.uint8(0), (rows, 4096, 3)), b"", 0.0).large == large


@pytest.mark.parametrize("by", ["pixels", "bytes"])
def test_large_ones_are_there_one_at_a_time(by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE_PIXELS" if by == "pixels" else "LARGE_BYTES", 100)
    data, there, most = photo(), [0], [0]
    for number in range(6):
        (tmp_path / str(number)).write_bytes(data)

    def hold(_: Picture) -> None:
        there[0] += 1
        most[0] = max(most[0], there[0])
        time.sleep(0.005)
        there[0] -= 1

    root = Root(str(tmp_path))
    threads = [threading.Thread(target=use, args=(root, str(tmp_path / str(n)), 10**6, hold)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_files_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Root(str(tmp_path))
    with pytest.raises(Unreadable, match="does not exist"):
        use(root, str(tmp_path / "none.jpg"), 100, lambda picture: picture)
    with pytest.raises(Unreadable, match="is a folder"):
        use(root, str(tmp_path), 100, lambda picture: picture)
    monkeypatch.setattr(module, "LARGE_BYTES", 10)
    monkeypatch.setattr(module, "MOST_BYTES", 20)
    assert "above the limit of 20" in why_not(tmp_path, photo())


def test_content_is_told_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = photo()
    assert read(tmp_path, data).content == key_of(data) == key_of_file(Root(str(tmp_path)), str(tmp_path / "a"))
    monkeypatch.setattr(module, "PIECE", 7)
    assert key_of_file(Root(str(tmp_path)), str(tmp_path / "a")) == key_of(data)
    assert key_of(data + b" ") != key_of(data)
    assert key_of(data) == blake3(data).digest(KEY_BYTES), "as the audit knows it"
    assert key_of_file(Root(str(tmp_path)), str(tmp_path / "none")) == b""


def test_no_memory_is_a_reason_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cv2, "imdecode", full)
    assert "memory" in why_not(tmp_path, photo())
