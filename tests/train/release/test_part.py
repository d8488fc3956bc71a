"""A file that comes bit by bit is nowhere before it is whole, and what has come is not lost."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from yoloaudit.errors import WriteError
from yoloaudit.train.release.part import Part


def test_a_part_is_nowhere_until_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "a.pt"
    with closing(Part(str(place))) as part:
        part.restart("one")
        part.append(b"abc")
        part.append(b"def")
        assert not place.exists()
        part.finish()
        assert place.read_bytes() == b"abcdef"
    (tmp_path / "other").write_bytes(b"")
    assert place.stat().st_mode == (tmp_path / "other").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["a.pt", "other"]


def test_a_part_is_taken_up_with_its_mark(tmp_path: Path) -> None:
    place = str(tmp_path / "a.pt")
    with closing(Part(place)) as part:
        part.restart("one")
        part.append(b"abc")
        assert part.lasts
    with closing(Part(place)) as part:
        assert (part.size, part.mark) == (3, "one")
        part.append(b"def")
        part.finish()
    assert (tmp_path / "a.pt").read_bytes() == b"abcdef"
    assert os.listdir(tmp_path) == ["a.pt"]


def test_a_part_outlives_a_process_that_is_killed(tmp_path: Path) -> None:
    place = str(tmp_path / "a.pt")
    code = "import os, sys; from yoloaudit.train.release.part import Part; part = Part(sys.argv[1])"
    code += "; part.restart('one'); part.append(b'abc'); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, place], cwd=Path(__file__).parents[3], check=False)
    with closing(Part(place)) as part:
        assert (part.size, part.mark) == (3, "one")


@pytest.mark.parametrize("mark", ["", "one"])
def test_a_part_that_nobody_could_take_up_is_removed(tmp_path: Path, mark: str) -> None:
    with closing(Part(str(tmp_path / "a.pt"))) as part:
        part.restart(mark)
        part.append(b"" if mark else b"abc")
        assert not part.lasts
    assert os.listdir(tmp_path) == []


def test_two_parts_of_one_file_do_not_meet(tmp_path: Path) -> None:
    place = tmp_path / "a.pt"
    with closing(Part(str(place))) as first, closing(Part(str(place))) as second:
        for part, letter in ((first, b"1"), (second, b"2")) * 3:
            if not part.size:
                part.restart("mark")
            part.append(letter * 1000)
        assert first.lasts
        assert not second.lasts
        second.finish()
        assert place.read_bytes() == b"2" * 3000
        first.finish()
        assert place.read_bytes() == b"1" * 3000
    with closing(Part(str(place))) as first, closing(Part(str(place))) as second:
        second.restart("mark")
        second.append(b"abc")
    assert os.listdir(tmp_path) == ["a.pt"]


def test_a_part_that_was_put_into_its_place_is_nobody_elses(tmp_path: Path) -> None:
    place = tmp_path / "a.pt"
    with closing(Part(str(place))) as first:
        first.restart("mark")
        first.append(b"whole")
        first.finish()
        with closing(Part(str(place))) as second:
            assert second.size == 0
            second.restart("other")
            second.append(b"begun")
    assert place.read_bytes() == b"whole"
    assert (tmp_path / "a.pt.part").read_bytes() == b"begun"


def test_what_was_planted_is_no_part(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "a.pt.part").symlink_to(secret)
    os.mkfifo(folder / "b.pt.part")
    for name in ("a.pt", "b.pt"):
        with closing(Part(str(folder / name))) as part:
            assert part.size == 0
            part.restart("one")
            part.append(b"abc")
            part.finish()
        assert (folder / name).read_bytes() == b"abc"
    assert secret.read_text() == "secret"


def test_a_part_that_cannot_be_written_is_one_error_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WriteError):
        Part(str(tmp_path / "none" / "a.pt"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with closing(Part(str(tmp_path / "a.pt"))) as part:
        part.restart("one")
        part.append(b"abc")
        monkeypatch.setattr("yoloaudit.train.release.part.write_all", full)
        with pytest.raises(WriteError, match=r"a\.pt: No space left on device\. Name a place"):
            part.append(b"def")
    assert os.listdir(tmp_path) == []
