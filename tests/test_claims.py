"""A claim is of one process, and ends with it."""

import os
from pathlib import Path

import pytest

from yoloaudit.claims import claim


def test_a_claim_is_one_processs_and_ends_with_it(tmp_path: Path) -> None:
    place = tmp_path / "claimed"
    first = claim(str(place))
    assert first is not None
    assert claim(str(place)) is None
    first.write(b"abc")
    first.close()
    again = claim(str(place))
    assert again is not None
    with again:
        assert again.read() == b"abc"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_claim_ends_with_its_process_though_a_fork_lives_on(tmp_path: Path) -> None:
    place = str(tmp_path / "claimed")
    first = claim(place)
    assert first is not None
    begins, begun = os.pipe()
    ends, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(begun, b".")
        os.close(end)
        os.read(ends, 1)
        os._exit(0)
    try:
        os.read(begins, 1)
        first.close()
        again = claim(place)
        assert again is not None
        again.close()
    finally:
        os.close(end)
        os.waitpid(child, 0)
        for descriptor in (begins, begun, ends):
            os.close(descriptor)


def test_what_is_no_file_cannot_be_claimed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.txt").write_text("inside")
    (tmp_path / "link").symlink_to("a.txt")
    for name in ("pipe", "link", "sub", "none/a"):
        assert claim(str(tmp_path / name)) is None
