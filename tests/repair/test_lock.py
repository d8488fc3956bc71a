"""One fix at a time; the lock of a process that died is taken over; nothing empty is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from yoloaudit.errors import DataError, UsageError
from yoloaudit.repair.lock import held
from yoloaudit.repair.places import Places

HOLD = """
import sys, time
from yoloaudit.repair.lock import held
from yoloaudit.repair.places import Places
with held(Places(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_fix_is_refused_until_the_first_is_over_or_dead(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(UsageError, match=f"process {process.pid}"), held(Places(str(tmp_path))):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert (tmp_path / ".yoloaudit/lock").exists()
    with held(Places(str(tmp_path))):
        assert (tmp_path / ".yoloaudit/lock").read_text() == f"{os.getpid()}\n"
    assert not (tmp_path / ".yoloaudit").exists()


def test_a_journal_that_was_cut_off_is_taken_away(tmp_path: Path) -> None:
    home = tmp_path / ".yoloaudit"
    home.mkdir()
    (home / ".yoloaudit-abc").write_bytes(b"half a jour")
    with held(Places(str(tmp_path))):
        assert not (home / ".yoloaudit-abc").exists()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_only_bears_the_name_of_our_folder_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "away").mkdir()
    if kind == "file":
        (tmp_path / "set/.yoloaudit").write_bytes(b"")
    else:
        (tmp_path / "set/.yoloaudit").symlink_to(tmp_path / "away")
    with pytest.raises(DataError, match="no folder"), held(Places(str(tmp_path / "set"))):
        pass
    assert not list((tmp_path / "away").iterdir())


def test_a_lock_that_is_a_link_is_never_written_through(tmp_path: Path) -> None:
    (tmp_path / ".yoloaudit").mkdir()
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / ".yoloaudit/lock").symlink_to(tmp_path / "victim")
    with pytest.raises(UsageError), held(Places(str(tmp_path))):
        pass
    assert (tmp_path / "victim").read_bytes() == b"precious"


def test_it_is_let_go_of_whatever_happens(tmp_path: Path) -> None:
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt), held(Places(str(tmp_path))):
            raise KeyboardInterrupt
        assert time.monotonic() - began < 5


def test_a_root_that_cannot_be_written_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "makedirs", refuse)
    with pytest.raises(DataError, match="cannot be made: Permission denied"), held(Places(str(tmp_path))):
        pass


def test_a_file_system_without_locks_is_not_taken_for_another_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yoloaudit.repair.lock.claim", lambda _: None)
    with pytest.raises(DataError, match="cannot be written"), held(Places(str(tmp_path))):
        pass
    (tmp_path / ".yoloaudit/lock").write_bytes(b"")
    with pytest.raises(UsageError, match="knows no locks"), held(Places(str(tmp_path))):
        pass
