"""Weights are found beside the user, in the cache, or at their owner's release, and only whole."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback import Answer, Server, archive, file_of, serving, without_proxies
from yoloaudit.errors import CheckpointError, WriteError
from yoloaudit.train.release import locate as releases
from yoloaudit.train.release.locate import download, locate
from yoloaudit.train.release.web import Source

DATA = archive()


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, and a working folder that is empty."""
    without_proxies(monkeypatch)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        server.respond = file_of(DATA)
        yield server


def _fetch(server: Server, folder: Path, file: str = "yolov5s.pt", told: list[str] | None = None) -> str:
    source = Source(frozenset({server.origin}), timeout=5.0, waits=(0.0,))
    heard = [] if told is None else told
    return download(file, str(folder), f"{server.origin}/v7.0", source, tell=heard.append)


def _refused(server: Server, folder: Path, file: str = "yolov5s.pt") -> str:
    with pytest.raises(CheckpointError) as caught:
        _fetch(server, folder, file)
    assert "\n" not in str(caught.value)
    assert not (folder / file).exists()
    return str(caught.value)


def test_a_file_that_is_there_is_taken(tmp_path: Path) -> None:
    for name in ("best.pt", "yolov5n.pt", "odd.safetensors"):
        Path(name).write_bytes(b"x")
    told: list[str] = []
    for asked, found in {
        "best.pt": "best.pt",
        "best": "best.pt",
        "yolov5n": "yolov5n.pt",
        "yolov5n.pt": "yolov5n.pt",
        "./odd.safetensors": "./odd.safetensors",
        str(tmp_path / "here" / "best.pt"): str(tmp_path / "here" / "best.pt"),
    }.items():
        assert locate(asked, tell=told.append) == found
    assert told == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("yolov5q.pt", "Did you mean yolov5"),
        ("YOLOv5s", "Did you mean yolov5s"),
        ("yolov5n-seg.pt", "Did you mean yolov5n?"),
        ("runs/train/exp/weights/best.pt", "Official weights are yolov5n, "),
        ("", "Official weights are"),
        ("nul\0", "Official weights are"),
        ("x" * 5000, "Official weights are"),
        ("sub/yolov5n.pt", "Did you mean yolov5n"),
        ("https://example.org/best.pt", "Download the file and give its path"),
    ],
)
def test_an_unknown_name_is_one_line_that_helps(name: str, advice: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        locate(name, tell=lambda _: None)
    assert advice in str(caught.value)
    assert len(str(caught.value)) < 500


def test_what_is_no_file_is_left_to_whoever_reads_it() -> None:
    Path("weights").mkdir()
    assert locate("weights", tell=lambda _: None) == "weights"


@pytest.mark.parametrize("name", ["yolov5n", "yolov5x6.pt"])
def test_a_name_leads_to_the_release_and_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: list[tuple[str, str]] = []

    def noted(file: str, folder: str, **_: object) -> str:
        asked.append((file, folder))
        return "place"

    monkeypatch.setattr(releases, "download", noted)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    Path("yolov5n").mkdir()
    assert locate(name, tell=lambda _: None, cache=str(tmp_path)) == "place"
    locate(name, tell=lambda _: None)
    file = f"{name.removesuffix('.pt')}.pt"
    assert asked[0] == (file, str(tmp_path / "weights"))
    assert asked[1][0] == file
    assert asked[1][1].endswith(os.path.join("yoloaudit", "weights"))


def test_the_release_is_asked_by_https_alone() -> None:
    assert all(origin.startswith("https://") for origin in releases.GITHUB.origins)
    assert any(releases.RELEASE.startswith(f"{origin}/") for origin in releases.GITHUB.origins)


def test_it_is_fetched_once_and_told_whose_it_is(server: Server, tmp_path: Path) -> None:
    told: list[str] = []
    place = _fetch(server, tmp_path / "new" / "cache", told=told)
    assert Path(place).read_bytes() == DATA
    assert server.paths == ["/v7.0/yolov5s.pt"]
    assert "AGPL-3.0" in told[0]
    assert "not part of yoloaudit" in told[0]
    assert told[1] == f"{place}: {len(DATA):,} bytes, SHA-256 {hashlib.sha256(DATA).hexdigest()}"
    assert _fetch(server, tmp_path / "new" / "cache", told=told) == place
    assert len(server.paths) == 1
    assert len(told) == 2


def test_a_known_sum_is_compared(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not the official file" in _refused(server, tmp_path / "cache", "yolov5n.pt")
    assert os.listdir(tmp_path / "cache") == []
    monkeypatch.setitem(releases.SHA256, "yolov5n.pt", hashlib.sha256(DATA).hexdigest())
    assert Path(_fetch(server, tmp_path / "cache", "yolov5n.pt")).read_bytes() == DATA


def _compressed() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", bytes(100_000))
    return made.getvalue()


FLIPPED = bytearray(DATA)
FLIPPED[50_000] ^= 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<!DOCTYPE html><html>Log in</html>", "a web page"),
        (b"\n\n  <html>", "a web page"),
        (b"", "no checkpoint"),
        (b"version https://git-lfs.github.com/spec/v1", "no checkpoint"),
        (b"\x1b[31mred", r"\x1b[31mred"),
        (DATA[:50_000], "damaged"),
        (bytes(FLIPPED), "damaged"),
        (_compressed(), "damaged"),
        (b"PK\x03\x04" + bytes(1000), "damaged"),
    ],
)
def test_what_is_no_whole_checkpoint_does_not_land_in_the_cache(
    server: Server, tmp_path: Path, body: bytes, told: str
) -> None:
    server.respond = file_of(body)
    text = _refused(server, tmp_path / "cache")
    assert told in text
    assert text.endswith(f"Download {server.origin}/v7.0/yolov5s.pt yourself and give its path")
    assert os.listdir(tmp_path / "cache") == []


def test_a_length_that_is_too_small_is_noticed(server: Server, tmp_path: Path) -> None:
    server.respond = lambda asked: Answer(200, DATA, {"Content-Length": str(len(DATA) - 10)})
    assert "damaged" in _refused(server, tmp_path / "cache")


def test_a_part_that_was_spoilt_on_the_disk_is_noticed(server: Server, tmp_path: Path) -> None:
    server.respond = file_of(DATA, cut=30_000)
    text = _refused(server, tmp_path)
    assert text.endswith(", or run this again to go on after 60,000 bytes")
    (tmp_path / "yolov5s.pt.part").write_bytes(bytes(60_000))
    server.respond = file_of(DATA)
    assert "no checkpoint" in _refused(server, tmp_path)
    assert Path(_fetch(server, tmp_path)).read_bytes() == DATA


def test_a_stop_keeps_what_has_come(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    server.respond = file_of(DATA, cut=30_000)
    source = Source(frozenset({server.origin}), sleep=stop)
    with pytest.raises(KeyboardInterrupt):
        download("yolov5s.pt", str(tmp_path), f"{server.origin}/v7.0", source, tell=lambda _: None)
    assert (tmp_path / "yolov5s.pt.part").read_bytes() == DATA[:30_000]
    assert not (tmp_path / "yolov5s.pt").exists()


def test_a_cache_that_cannot_be_written_is_one_line(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(WriteError, match=r"cannot make the folder .*taken.*Download http.* yourself and give its path"):
        _fetch(server, tmp_path / "taken" / "weights")
    assert server.asked == []


def test_a_full_disk_is_one_line_and_leaves_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("yoloaudit.train.release.part.write_all", full)
    with pytest.raises(WriteError, match="No space left on device"):
        _fetch(server, tmp_path / "cache")
    assert os.listdir(tmp_path / "cache") == []


def test_many_at_once_all_get_it(server: Server, tmp_path: Path) -> None:
    server.respond = lambda asked: file_of(DATA)(asked)
    found: list[bytes] = []

    def run() -> None:
        found.append(Path(_fetch(server, tmp_path / "cache")).read_bytes())

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [DATA] * 6
    assert os.listdir(tmp_path / "cache") == ["yolov5s.pt"]


def test_who_comes_while_another_fetches_waits_for_nobody(server: Server, tmp_path: Path) -> None:
    started, release = threading.Event(), threading.Event()

    def slow(_: float) -> None:
        started.set()
        release.wait(5)

    server.in_turn(file_of(DATA, cut=30_000), file_of(DATA))
    source = Source(frozenset({server.origin}), sleep=slow)
    first = threading.Thread(
        target=download,
        args=("yolov5s.pt", str(tmp_path), f"{server.origin}/v7.0", source),
        kwargs={"tell": lambda _: None},
    )
    first.start()
    assert started.wait(5)
    place = Path(_fetch(server, tmp_path))
    assert place.read_bytes() == DATA
    release.set()
    first.join()
    assert place.read_bytes() == DATA
    assert sorted(os.listdir(tmp_path)) == ["here", "yolov5s.pt"]
