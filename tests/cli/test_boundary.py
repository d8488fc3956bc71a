"""Whatever a command raises is one line on stderr and the promised exit code."""

import errno
from collections.abc import Callable

import cv2
import pytest

from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded
from yoloaudit.errors import DataError, WriteError


def raising(error: BaseException) -> Callable[[list[str]], int]:
    def run(_: list[str]) -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DataError("no such data set: x"), 2, "error: no such data set: x"),
        (WriteError("disk full"), 2, "error: disk full"),
        (MemoryError(), 2, "error: not enough memory"),
        (ImportError("x.so: failed to map segment from shared object"), 2, "error: not enough memory"),
        (RuntimeError("[enforce fail] err == 0. can't allocate memory: you tried"), 2, "error: not enough memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 20 MiB"), 2, "error: not enough memory"),
        (RuntimeError("shapes differ"), 3, "error: this is a bug of yoloaudit: RuntimeError"),
        (cv2.error("OpenCV(5.0.0) error: (-4:Insufficient memory) Failed"), 2, "error: not enough memory"),
        (OSError(errno.EMFILE, "Too many open files"), 2, "error: the machine refused: OSError: [Errno 24]"),
        (OSError(errno.ENOENT, "No such file"), 3, "error: this is a bug of yoloaudit: FileNotFoundError"),
        (
            ValueError("a\n::error::b\x1b[31m"),
            3,
            "ValueError: a\\x0a\\x3a:error\\x3a:b\\x1b[31m. Run it again with --debug",
        ),
        (KeyError("x"), 3, "error: this is a bug of yoloaudit: KeyError: 'x'"),
        (RecursionError("too deep"), 3, "error: this is a bug of yoloaudit: RecursionError"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 0, ""),
        (SystemExit(1), 1, ""),
        (SystemExit(), 0, ""),
    ],
)
def test_an_error_is_one_line_and_a_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(raising(error), []) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == bool(said)
    assert "Traceback" not in captured.err


def test_debug_shows_a_traceback_and_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []

    def run(arguments: list[str]) -> int:
        seen.extend(arguments)
        raise ValueError("\x1b[31m")

    assert guarded(run, ["check", "--debug", "--", "--debug"]) == 3
    assert seen == ["check", "--", "--debug"]
    captured = capsys.readouterr()
    assert "Traceback (most recent call last)" in captured.err
    assert "\x1b" not in captured.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "Did you mean 'check'?"),
        (["check", "--formt", "json"], "no option --formt. Did you mean --format?"),
        (["check", "--workers", "many"], "--workers"),
        (["check", "a", "b"], "b"),
        (["explain"], "name"),
        (["check", "--fail-on", "eror"], "'error', 'warning', 'info' or 'never'"),
        (["check", "--format", "jsn"], "Did you mean 'json'?"),
        (["check", "--select", "tiny-bx", "."], "Did you mean 'tiny-box'?"),
        (["explain", "tiny-bx"], "Did you mean 'tiny-box'?"),
        (["check", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_a_wrong_command_line_names_what_was_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(command, arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert said in captured.err
    assert captured.err.count("\n") == 1
