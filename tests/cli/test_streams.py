"""A process whose standard streams are closed, full or left early ends quietly with its own exit code."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from yoloaudit.checks.base import Example
from yoloaudit.cli.streams import tell
from yoloaudit.testing import lay_out

PROJECT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.skipif(os.name != "posix", reason="standard streams of POSIX")


@pytest.fixture
def check(tmp_path: Path) -> str:
    """A shell command that audits a small data set."""
    lay_out(str(tmp_path), Example(files={"labels/train/a.txt": "0 0.5 0.5 0.001 0.2\n" * 3000}))
    return f"{sys.executable} -m yoloaudit check {tmp_path} --format json"


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, cwd=PROJECT, env={**os.environ, **environment}, check=False
    )


def test_reader_that_leaves_early(check: str) -> None:
    ran = shell(f"{{ {check}; echo $? >&2; }} | true")
    assert ran.stderr.strip() in {"0", "1"}


def test_full_disk_is_one_line(check: str) -> None:
    ran = shell(f"{check} > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr == "error: cannot write to standard output: No space left on device\n"


def test_help_on_a_full_disk() -> None:
    ran = shell(f"{sys.executable} -m yoloaudit --help > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams(check: str, closed: str) -> None:
    ran = shell(f"{check} {closed}")
    assert ran.returncode in {0, 1}
    assert ran.stderr == ""


def test_ascii_only(tmp_path: Path) -> None:
    lay_out(str(tmp_path), Example(files={"data.yaml": "train: images/train\nval: images/val\nnames: [犬, é]\n"}))
    ran = shell(
        f"{sys.executable} -m yoloaudit check {tmp_path} --fail-on never",
        LC_ALL="C",
        PYTHONIOENCODING="ascii",
        PYTHONUTF8="0",
    )
    assert ran.returncode == 0, ran.stderr
    assert "\\u{72ac}" in ran.stdout
    assert ">= 1500" in ran.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("seconds", [0.15, 0.3])
def test_signal_is_quiet(check: str, number: signal.Signals, code: int, seconds: float) -> None:
    process = subprocess.Popen(
        check.split(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=PROJECT, start_new_session=True
    )
    time.sleep(seconds)
    os.killpg(process.pid, number)
    _, told = process.communicate(timeout=20)
    assert process.returncode in {code, 0, 1, -number}
    assert told == b""


STUCK = """
import os, signal, threading
from yoloaudit.cli import boundary
boundary.GRACE_SECONDS = 0.2
boundary._watch_signals()
lock = threading.Lock()
lock.acquire()
try:
    os.kill(os.getpid(), signal.SIGTERM)
except boundary.Stopped:
    lock.acquire()
"""


def test_a_stop_that_gets_stuck_is_ended() -> None:
    assert subprocess.run([sys.executable, "-c", STUCK], cwd=PROJECT, timeout=20, check=False).returncode == 143


def test_tell_goes_through_the_gate(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a\nb\x1b[31m")
    assert capsys.readouterr().err == "a\\x0ab\\x1b[31m\n"
