"""A look at files: what is read, what is refused, what is left for later, and what is unchanged."""

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blake3 import blake3
from PIL import Image

from tests.example_pictures import Pixels, encoded, texture
from yoloaudit.dataset.decodable import ENDS_EARLY
from yoloaudit.dataset.images import Header
from yoloaudit.files import Root
from yoloaudit.measure import look as module
from yoloaudit.measure.decode import KEY_BYTES, Decoded, decode
from yoloaudit.measure.facts import LOOKED, NO_TEXTS, POSTPONED, UNCHANGED, UNREAD, Facts, Texts
from yoloaudit.measure.hashes import perceptual
from yoloaudit.measure.look import Limits, Task, exact_keys, look, lost

PICTURE = texture(1)
PNG, JPEG = encoded(PICTURE, "PNG"), encoded(PICTURE, "JPEG")
UNKNOWN = bytes(KEY_BYTES)


def _key(data: bytes) -> bytes:
    return blake3(data).digest(KEY_BYTES)


def _look(folder: Path, *files: bytes, limits: Limits = Limits(), expected: bytes | None = None) -> Facts:  # noqa: B008
    tasks = []
    for number, data in enumerate(files):
        path = folder / f"{number}.jpg"
        path.write_bytes(data)
        tasks.append(Task(str(path), expected))
    return look(Root(str(folder), contained=True), limits, tasks)


def _state(facts: Facts, place: int = 0) -> int:
    return int(facts.records["state"][place])


def test_a_good_image_is_looked_at(tmp_path: Path) -> None:
    facts = _look(tmp_path, PNG, JPEG)
    record = facts.records[0]
    assert facts.texts == [NO_TEXTS, NO_TEXTS]
    assert facts.records["state"].tolist() == [LOOKED, LOOKED]
    assert facts.records["format"].tolist() == [b"PNG", b"JPEG"]
    assert facts.records["decoded"].all()
    assert (record["width"], record["height"], record["bytes"], record["size"]) == (160, 120, len(PNG), len(PNG))
    assert record["content"].tobytes() == _key(PNG)
    assert record["exact"].tobytes() != UNKNOWN
    assert facts.records["exact"][1].tobytes() == UNKNOWN
    assert 4 < record["entropy"] < 8
    assert record["seen"] > 0
    assert facts.records["perceptual"].tolist() == perceptual(facts.pictures).tolist()
    assert abs(facts.pictures[0].mean() - PICTURE.mean()) < 10


def test_each_file_has_a_record_of_its_own(tmp_path: Path) -> None:
    both = _look(tmp_path, PNG, b"no image", JPEG)
    alone = _look(tmp_path, JPEG)
    assert both.records["decoded"].tolist() == [True, False, True]
    for name in ("content", "reduced", "perceptual", "entropy", "sharpness"):
        assert both.records[name][2] == alone.records[name][0]
    assert np.array_equal(both.pictures[2], alone.pictures[0])
    assert not both.pictures[1].any()


def test_the_stamp_is_that_of_the_file(tmp_path: Path) -> None:
    record = _look(tmp_path, PNG).records[0]
    facts = os.stat(tmp_path / "0.jpg")
    assert [record[name] for name in ("size", "modified_ns", "changed_ns", "inode")] == [
        facts.st_size,
        facts.st_mtime_ns,
        facts.st_ctime_ns,
        facts.st_ino,
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "is empty"), (b"no image", "cannot be identified"), (b"GIF89a\1\0\1\0", "is GIF"), (PNG[:20], "cannot be")],
)
def test_what_is_no_image_has_an_error(tmp_path: Path, data: bytes, words: str) -> None:
    facts = _look(tmp_path, data)
    assert words in (facts.texts[0].error or "")
    assert facts.texts[0].damage is None
    assert _state(facts) == LOOKED
    assert not facts.records["decoded"][0]
    assert facts.records["content"][0].tobytes() == _key(data)


def test_a_damaged_image_has_its_header(tmp_path: Path) -> None:
    facts = _look(tmp_path, JPEG[: len(JPEG) // 2])
    assert facts.texts == [Texts(damage=ENDS_EARLY)]
    assert (facts.records["width"][0], facts.records["complete"][0], facts.records["decoded"][0]) == (160, False, False)
    assert facts.records["perceptual"][0] == facts.records["entropy"][0] == 0


def test_an_image_of_too_many_pixels_has_only_its_header(tmp_path: Path) -> None:
    at_limit = _look(tmp_path, PNG, JPEG, limits=Limits(pixels=160 * 120))
    assert at_limit.records["decoded"].all()
    above = _look(tmp_path, PNG, JPEG, limits=Limits(pixels=160 * 120 - 1))
    assert above.records["width"].tolist() == [160, 160]
    assert above.records["state"].tolist() == [LOOKED, LOOKED]
    assert not above.records["decoded"].any()
    assert above.texts == [NO_TEXTS, NO_TEXTS]


def test_files_of_many_bytes_are_left_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE_BYTES", len(PNG) - 1)
    postponed = _look(tmp_path, PNG)
    assert _state(postponed) == POSTPONED
    assert postponed.records["content"][0].tobytes() == UNKNOWN
    assert _state(_look(tmp_path, PNG[:-1])) == LOOKED
    assert _look(tmp_path, PNG, limits=Limits(large=True)).records["decoded"][0]


def test_images_of_many_pixels_are_left_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE_PIXELS", 160 * 120 - 1)
    postponed = _look(tmp_path, PNG)
    assert _state(postponed) == POSTPONED
    assert postponed.texts == [NO_TEXTS]
    assert not postponed.records["decoded"][0]
    assert _look(tmp_path, PNG, limits=Limits(large=True)).records["decoded"][0]
    assert _state(_look(tmp_path, PNG, limits=Limits(pixels=10))) == LOOKED, "never decoded, so not for later either"
    monkeypatch.setattr(module, "LARGE_PIXELS", 160 * 120)
    assert _look(tmp_path, PNG).records["decoded"][0]


def test_files_of_far_too_many_bytes_have_only_their_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    facts = _look(tmp_path, PNG, limits=Limits(large=True))
    assert (facts.records["width"][0], facts.records["bytes"][0]) == (160, len(PNG))
    assert not facts.records["decoded"][0]
    assert facts.texts == [NO_TEXTS]


def test_unchanged_content_is_not_decoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes, header: Header) -> Decoded:
        raise AssertionError

    assert _state(_look(tmp_path, PNG, expected=_key(JPEG))) == LOOKED
    monkeypatch.setattr(module, "decode", refuse)
    facts = _look(tmp_path, PNG, expected=_key(PNG))
    assert _state(facts) == UNCHANGED
    assert facts.records["content"][0].tobytes() == _key(PNG)
    assert facts.records["size"][0] == len(PNG)


def test_what_cannot_be_read_has_an_error(tmp_path: Path) -> None:
    inside = tmp_path / "set"
    inside.mkdir()
    (inside / "folder.jpg").mkdir()
    os.mkfifo(inside / "pipe.jpg")
    (tmp_path / "outside.png").write_bytes(PNG)
    (inside / "link.png").symlink_to(tmp_path / "outside.png")
    names = ["missing.jpg", "folder.jpg", "pipe.jpg", "link.png", "nul\0.jpg"]
    facts = look(Root(str(inside), contained=True), Limits(), [Task(str(inside / name)) for name in names])
    told = ["does not exist", "is a folder", "is a named pipe", "outside", "no file can have"]
    assert all(words in (text.error or "") for words, text in zip(told, facts.texts, strict=True)), facts.texts
    assert facts.records["state"].tolist() == [UNREAD] * 5
    assert (facts.records["seen"] > 0).all()


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Root.read

    def shrunk(root: Root, path: str, most: int) -> Any:
        content = read(root, path, most)
        return content._replace(data=content.data[:-5])

    monkeypatch.setattr(Root, "read", shrunk)
    facts = _look(tmp_path, PNG)
    assert facts.texts == [Texts(error="changed while it was read")]
    assert _state(facts) == UNREAD


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_camera_and_time_come_from_the_exif_block(tmp_path: Path, format: str) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132], exif[0x0112] = "Acme", "X", "1970:01:02 00:00:01", 6
    facts = _look(tmp_path, encoded(PICTURE, format, exif=exif), PNG)
    assert facts.texts == [Texts(camera="Acme X"), NO_TEXTS]
    assert facts.records["taken"].tolist() == [86_401, -1]
    assert facts.records["orientation"].tolist() == [6, 1]


def test_a_lack_of_memory_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(data: bytes, header: Header) -> Decoded:
        raise MemoryError

    monkeypatch.setattr(module, "decode", greedy)
    facts = _look(tmp_path, PNG)
    assert "memory" in (facts.texts[0].damage or "")
    assert facts.records["width"][0] == 160


def test_a_clock_runs_while_an_image_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[float] = []

    def timed(data: bytes, header: Header) -> Decoded:
        left.append(signal.getitimer(signal.ITIMER_REAL)[0])
        return decode(data, header)

    monkeypatch.setattr(module, "decode", timed)
    _look(tmp_path, PNG, PNG, limits=Limits(seconds=50))
    _look(tmp_path, PNG)
    assert all(40 < seconds <= 51 for seconds in left[:2])
    assert left[2] == 0
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_lost_file_has_an_error() -> None:
    facts = lost("takes too long")
    assert facts.texts == [Texts(error="takes too long")]
    assert _state(facts) == UNREAD


def test_no_files() -> None:
    assert len(look(Root("/"), Limits(), []).records) == 0


def _flat(level: int) -> Pixels:
    return np.full((30, 40, 3), level, np.uint8)


def test_a_flat_image_has_no_hash_and_no_entropy(tmp_path: Path) -> None:
    records = _look(tmp_path, encoded(_flat(9), "PNG")).records
    assert records["decoded"][0]
    assert records["perceptual"][0] == records["entropy"][0] == 0


def test_exact_keys_are_those_of_the_pixels(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.bmp").write_bytes(encoded(PICTURE, "BMP"))
    (tmp_path / "c.jpg").write_bytes(JPEG)
    (tmp_path / "d.txt").write_bytes(b"text")
    paths = [str(tmp_path / name) for name in ("a.png", "b.bmp", "c.jpg", "d.txt", "missing")]
    keys = exact_keys(Root(str(tmp_path)), Limits(), paths)
    assert keys[0] == keys[1] == _look(tmp_path, PNG).records["exact"][0].tobytes()
    assert keys[2] not in (keys[0], UNKNOWN)
    assert keys[3:] == [UNKNOWN, UNKNOWN]
    assert exact_keys(Root(str(tmp_path)), Limits(pixels=100), paths[:1]) == [UNKNOWN]
