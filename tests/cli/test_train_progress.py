"""How a training is shown: a line an epoch, and bars where there is a terminal."""

import io
import time
from typing import Any, cast

import pytest

from yoloaudit.cli import train_progress
from yoloaudit.cli.train_progress import Display, clock, display, line_of
from yoloaudit.train.types import Epoch, Step

EPOCH = Epoch(4, (0.061, 0.0298, 0.0217), (0.1, 0.1, 0.1), 0.488, 0.412, 0.458, 0.291, (0, 0, 0), 0.3, True, 75.4)


def test_an_epoch_is_a_line_below_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    with display() as shown:
        shown.epochs = 300
        shown.step(Step(0, 0, 2, (0.1, 0.2, 0.3), 16, 0.5, True))
        with shown.task("reading", 3) as tick:
            tick(3)
        shown.epoch(EPOCH)
        shown.epoch(EPOCH)
    captured = capsys.readouterr()
    assert captured.out == ""
    head, line, again = captured.err.splitlines()
    assert line == again == "    5/300   0.0610   0.0298   0.0217   0.488   0.412   0.458     0.291     1:15  best"
    assert [len(head), head.split()[-1]] == [len(line) - len("  best"), "time"]


def test_silent_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with display(silent=True) as shown:
        shown.epoch(EPOCH)
        shown.say("anything")
    assert capsys.readouterr() == ("", "")


def test_bars_tell_losses_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    for name in ("CI", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(train_progress, "REFRESH_SECONDS", 0.0)
    with display() as shown:
        shown.epochs = 2
        for epoch in range(2):
            for batch in range(3):
                shown.step(Step(epoch, batch, 3, (0.0612, 0.2, 0.3), 16, 0.5, True))
            with shown.task("validating", 4) as tick:
                tick(2)
            shown.epoch(EPOCH)
    text = terminal.getvalue()
    for part in ("epoch 2/2", "box 0.0612", "images/s", "left", "3/3", "validating"):
        assert part in text
    assert "in all" not in text
    with display() as shown:
        shown.epochs, shown.further = 1, 160
        shown.step(Step(0, 0, 1, (0.1, 0.2, 0.3), 16, 30.0, True))
    assert "5:00 in all" in terminal.getvalue()


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (11045, "3:04:05"), (-1, "0:00")]
)
def test_spans_of_time(seconds: float, said: str) -> None:
    assert clock(seconds) == said


def test_lines_are_aligned() -> None:
    lengths = {len(line_of(EPOCH, epochs).removesuffix("  best")) for epochs in (5, 100, 1000)}
    assert lengths == {len(train_progress.HEAD)}


def test_the_time_left_is_that_of_all_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds a batch, ten batches an epoch, two epochs: after five batches 150 seconds are left."""
    told: list[dict[str, Any]] = []

    class Bars:
        def add_task(self, *_: object, **__: object) -> int:
            return 1

        def update(self, _: int, **values: Any) -> None:
            told.append(values)

    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    shown = Display(cast(Any, Bars()))
    shown.epochs = 2
    for batch in range(5):
        now += 10
        shown.step(Step(0, batch, 10, (1, 1, 1), 4, 10.0, True))
    assert told[-1]["rate"] == "0.4 images/s"
    assert told[-1]["left"] == "2:30 left"
    assert told[-1]["completed"] == 5
