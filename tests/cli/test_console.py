"""What is coloured, how wide, and when a bar is drawn."""

import io
import time

import pytest

from yoloaudit.cli import console
from yoloaudit.progress import silent


class Terminal(io.StringIO):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "CI", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("CI", "true"), ("TERM", "dumb")])
def test_lively_only_on_a_terminal_that_wants_it(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert console.is_lively(Terminal())
    assert not console.is_lively(io.StringIO())
    monkeypatch.setenv(name, value)
    assert not console.is_lively(Terminal())


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    assert console.width_of(io.StringIO()) == 100
    for columns, width in [("80", 80), ("5", 40), ("9999", 160), ("x", 100), ("99999999999", 100)]:
        monkeypatch.setenv("COLUMNS", columns)
        assert console.width_of(io.StringIO()) == width


def test_paper_is_plain_unless_lively() -> None:
    from rich.text import Text

    for lively in (False, True):
        sheet = console.paper(80, lively)
        sheet.print(Text("[red]x[/] :smile: 12", "bold"))
        (line,) = console.written(sheet)
        assert ("\x1b[1m" in line) == lively
        assert "[red]x[/] :smile: 12" in line


def test_progress_is_silent_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress() as shown:
        assert shown is silent
        with shown.task("reading", 3) as step:
            step(3)
    assert capsys.readouterr().err == ""


def test_progress_shows_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(console, "REFRESH_SECONDS", 0.0)
    with console.progress() as shown, shown.task("reading [labels]", 1000) as step:
        for _ in range(3):
            step(100)
            time.sleep(0.12)
    told = terminal.getvalue()
    assert "reading [labels]" in told
    assert "300/1000" in told
    assert "/s" in told
