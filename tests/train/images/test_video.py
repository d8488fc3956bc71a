"""Videos are read frame by frame from an open file, and only what begins as a video is opened at all."""

import os
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.example_pictures import encoded, texture
from yoloaudit.errors import WriteError
from yoloaudit.files import Root
from yoloaudit.train.images import video as module
from yoloaudit.train.images.picture import Unreadable
from yoloaudit.train.images.video import USUAL_RATE, Moment, Writer, frames

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Ten frames of 64 × 48, each brighter than the one before."""
    writer = Writer(str(tmp_path / "clip.mp4"), 12.5, (48, 64))
    for number in range(10):
        writer.add(np.full((48, 64, 3), 20 * number, np.uint8))
    writer.close()
    return tmp_path / "clip.mp4"


def read(path: Path, every: int = 1, most: int = 10_000) -> list[tuple[Moment, float]]:
    root = Root(str(path.parent))
    return [(moment, float(pixels.mean())) for moment, pixels in frames(root, str(path), most, every)]


def why_not(path: Path, most: int = 10_000) -> str:
    with pytest.raises(Unreadable) as caught:
        read(path, most=most)
    return str(caught.value)


def test_frames_come_in_order(clip: Path) -> None:
    found = read(clip)
    assert [moment for moment, _ in found] == [Moment(number, 10, 12.5) for number in range(1, 11)]
    brightness = [level for _, level in found]
    assert brightness == sorted(brightness)
    assert os.listdir(clip.parent) == ["clip.mp4"]


@pytest.mark.parametrize(("every", "numbers"), [(3, [1, 4, 7, 10]), (10, [1]), (99, [1])])
def test_frames_are_left_out(clip: Path, every: int, numbers: list[int]) -> None:
    assert [moment.number for moment, _ in read(clip, every)] == numbers


def test_a_moving_gif_is_a_video(tmp_path: Path) -> None:
    from PIL import Image

    pictures = [Image.fromarray(texture(seed, 32, 32)) for seed in range(3)]
    (tmp_path / "a.gif").write_bytes(encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:]))
    assert len(read(tmp_path / "a.gif")) == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"no video at all" * 50, PLAYLIST, b"ffconcat version 1.0\nfile secret.mp4\n", b"<MPD></MPD>" * 50],
)
def test_what_is_no_video_is_not_handed_to_the_decoder(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("handed on")

    (tmp_path / "a.mp4").write_bytes(content)
    monkeypatch.setattr(module, "_opened", never)
    assert "is no video" in why_not(tmp_path / "a.mp4")


def test_a_playlist_behind_the_mark_of_a_video_opens_nothing(clip: Path, tmp_path: Path) -> None:
    for mark in (b"\0\0\0\x18ftypisom", b"GIF89a", b"G" + bytes(187) + b"G", b"RIFF\0\0\0\0AVI "):
        (tmp_path / "a.mp4").write_bytes(mark + b"\n" + PLAYLIST.replace(b"secret.ts", b"clip.mp4"))
        assert why_not(tmp_path / "a.mp4")


def test_damage_is_a_reason(clip: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = clip.read_bytes()
    clip.write_bytes(whole[: len(whole) // 2])
    assert why_not(clip)
    rng = np.random.default_rng(0)
    for _ in range(20):
        changed = bytearray(whole)
        for place in rng.integers(12, len(whole), 20).tolist():
            changed[place] = int(rng.integers(256))
        clip.write_bytes(changed)
        with suppress(Unreadable):
            assert len(read(clip)) <= 10
    assert capfd.readouterr() == ("", "")


def test_frames_that_are_too_large_are_not_decoded(clip: Path) -> None:
    assert "64 × 48 px" in why_not(clip, most=64 * 48 - 1)
    assert len(read(clip, most=64 * 48)) == 10


@pytest.mark.parametrize(
    ("rate", "believed"), [(0.0, USUAL_RATE), (float("nan"), USUAL_RATE), (1e9, USUAL_RATE), (5, 5)]
)
def test_a_rate_that_makes_no_sense_is_not_believed(
    clip: Path, rate: float, believed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Told:
        """A capture that says what it is told of its rate and length."""

        def __init__(self, capture: cv2.VideoCapture) -> None:
            self.capture = capture
            self.grab, self.retrieve, self.release = capture.grab, capture.retrieve, capture.release

        def get(self, name: int) -> float:
            return {cv2.CAP_PROP_FPS: rate, cv2.CAP_PROP_FRAME_COUNT: -5.0}.get(name, self.capture.get(name))

    opened = module._opened
    monkeypatch.setattr(module, "_opened", lambda file: Told(opened(file)))
    assert read(clip)[0][0] == Moment(1, 1, believed)


def test_a_video_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="no video can be written"):
        Writer(str(tmp_path / "none" / "a.mp4"), 25, (48, 64))
    assert os.listdir(tmp_path) == []


def test_a_video_that_is_cut_short_yields_what_there_is_and_says_so(tmp_path: Path) -> None:
    place = tmp_path / "a.avi"
    writer = cv2.VideoWriter(str(place), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for number in range(40):
        writer.write(np.full((48, 64, 3), 6 * number, np.uint8))
    writer.release()
    assert len(read(place)) == 40
    whole = place.read_bytes()
    place.write_bytes(whole[: len(whole) // 2])
    found: list[Moment] = []
    with pytest.raises(Unreadable, match=r"ends early: after [0-9]+ of 40 frames"):
        found.extend(moment for moment, _ in frames(Root(str(tmp_path)), str(place), 10_000))
    assert [(moment.number, moment.of) for moment in found] == [(number, 40) for number in range(1, len(found) + 1)]
    assert 5 < len(found) < 20


@pytest.mark.parametrize("size", [0, 300])
def test_a_video_that_found_no_room_is_an_error_and_gone(size: int, tmp_path: Path) -> None:
    writer = Writer(str(tmp_path / "a.mp4"), 25, (48, 64))
    writer.add(np.zeros((48, 64, 3), np.uint8))
    writer.file.release()
    os.truncate(writer.part, size)  # as a full disk leaves it
    with pytest.raises(WriteError, match="Is the disk full"):
        writer.close()
    assert os.listdir(tmp_path) == []


def test_frames_of_another_size_are_scaled(tmp_path: Path) -> None:
    writer = Writer(str(tmp_path / "a.mp4"), 25, (48, 64))
    writer.add(np.zeros((48, 64, 3), np.uint8))
    writer.add(np.zeros((10, 10, 3), np.uint8))
    writer.close()
    assert len(read(tmp_path / "a.mp4")) == 2
