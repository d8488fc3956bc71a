"""`yoloaudit explain` finds the page of a check, or the fate of a file."""

import pytest

from yoloaudit.checks.discover import all_checks
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded


@pytest.mark.parametrize("name", all_checks())
def test_every_check_has_a_page_within_80_columns(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert command(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{name} ")
    assert "Example of the defect" in out
    prose = out.partition("Example of the defect")[0]
    assert max(map(len, prose.splitlines())) <= 80


def test_a_sentence_of_the_guide_without_a_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["explain", "loose-box"]) == 0
    out = capsys.readouterr().out
    assert "No space should exist" in out
    assert "not measurable here" in out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tiny-bx", "Did you mean 'tiny-box'?"),
        ("nowhere.jpg", "there is no file nowhere.jpg"),
        ("images/\x1b[31m.jpg", "there is no file images/\\x1b[31m.jpg"),
    ],
)
def test_unknown(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["explain", name]) == 2
    assert said in capsys.readouterr().err
