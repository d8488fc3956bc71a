"""A first signal is a wish; a second one is an end."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from yoloaudit.cli.stopping import patient

PROGRAM = """
import os, signal, sys
from yoloaudit.cli.stopping import patient
with patient() as wish:
    for _ in range({times}):
        os.kill(os.getpid(), signal.{name})
    sys.stdout.write(f"{{wish()}}")
    sys.stdout.flush()
wish.follow()
"""


def test_a_signal_is_noted_and_followed_later(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with patient() as wish:
        assert not wish()
        signal.raise_signal(signal.SIGINT)
        assert wish()
    assert signal.getsignal(signal.SIGINT) is before
    assert "Once more stops at once" in capfd.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        wish.follow()


def test_without_a_signal_nothing_is_followed() -> None:
    with patient() as wish:
        pass
    wish.follow()
    assert not wish()


def test_threads_are_left_alone() -> None:
    seen = []

    def work() -> None:
        with patient() as wish:
            seen.append(wish())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]


@pytest.mark.parametrize(("name", "times", "code", "out"), [("SIGTERM", 1, -15, "True"), ("SIGTERM", 2, 143, "")])
def test_a_second_signal_ends_the_process(name: str, times: int, code: int, out: str) -> None:
    program = PROGRAM.format(name=name, times=times)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == code
    assert ran.stdout == out
