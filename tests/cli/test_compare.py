"""`yoloaudit compare`: two runs, or several a side; text, JSON and a page; exit codes; one line where it cannot."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.example_compared import lay_out
from tests.example_evidence import evidence, worse
from tests.example_runs import of_yolov5
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.compare import Sides, compare, repeated, sides_of
from yoloaudit.errors import UsageError

FEW = ("--samples", "200")


def command(arguments: list[str]) -> int:
    """The command by itself."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command(cls=Sides)(compare)
    outcome = typer.main.get_command(app)(args=["compare", *arguments], standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two seeds of a run, and two of a worse one."""
    good = evidence(1, images=60, labels=200, detections=500)
    for seed in range(2):
        lay_out(tmp_path / f"good{seed}", good, options={"seed": seed})
        lay_out(tmp_path / f"bad{seed}", worse(good, 0.3, seed), options={"seed": seed})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """What the command prints for these arguments."""

    def run(*arguments: str, code: int = 0) -> str:
        assert guarded(command, [*arguments, *FEW]) == code
        captured = capsys.readouterr()
        return captured.out if code < 2 else captured.err

    return run


def test_two_runs(run: Run) -> None:
    said = run("good0", "bad0")
    assert "B is worse: mAP50-95 by −" in said
    assert "seed 0" in said
    assert "By size of object" in said


def test_as_json(run: Run) -> None:
    made: dict[str, Any] = json.loads(run("good0", "bad0", "--format", "json"))
    assert (made["format"], made["verdict"], made["labels"]) == (1, "worse", "same")
    estimate = made["metrics"]["map50_95"]
    assert list(estimate) == ["a", "b", "difference", "low", "high", "chance", "real", "seeds_a", "seeds_b"]
    assert estimate["low"] < estimate["difference"] < estimate["high"] < 0
    assert [each["name"] for each in made["sizes"]] == ["small", "medium", "large"]
    assert made["size_edges"] == [32, 96]
    assert made["interval"] == {"level": 0.95, "samples": 200, "seed": 0}


def test_several_seeds_a_side(run: Run) -> None:
    for arguments in (
        ("--a", "good0", "good1", "--b", "bad0", "bad1"),
        ("--a", "good0", "--b", "bad0", "bad1", "--a", "good1"),
    ):
        made = json.loads(run(*arguments, "--format", "json"))
        assert [each["folder"] for each in made["a"]] == ["good0", "good1"]
        assert [each["seed"] for each in made["b"]] == [0, 1]
        assert len(made["metrics"]["map50"]["seeds_a"]) == 2


def test_arguments_that_belong_to_a_side() -> None:
    assert repeated(["--a", "1", "2", "--b", "3", "--seed", "4"]) == ["--a", "1", "--a", "2", "--b", "3", "--seed", "4"]
    assert repeated(["x", "y", "--seed", "1"]) == ["x", "y", "--seed", "1"]
    assert repeated(["--a=1", "2"]) == ["--a=1", "2"]
    assert repeated(["--a", "1", "--", "--b"]) == ["--a", "1", "--", "--b"]


def test_sides_are_named_in_one_way() -> None:
    assert sides_of(["x", "y"], [], []) == (["x"], ["y"])
    nothing: list[str | None] = [None, None]
    with pytest.raises(UsageError, match="comparing takes two"):
        sides_of(["x", None], [], [])
    with pytest.raises(UsageError, match="name two runs"):
        sides_of(nothing, [], [])
    with pytest.raises(UsageError, match="name two runs"):
        sides_of(nothing, ["x"], [])
    with pytest.raises(UsageError, match="either as RUN_A RUN_B"):
        sides_of(["x", "y"], ["z"], [])


def test_it_fails_on_a_regression_if_asked(run: Run) -> None:
    run("good0", "bad0", "--fail-on-regression", code=1)
    run("bad0", "good0", "--fail-on-regression")
    run("good0", "good1", "--fail-on-regression")


def test_what_cannot_be_compared_is_one_line(run: Run, here: Path) -> None:
    of_yolov5(here / "five")
    (here / "spoilt").mkdir()
    (here / "spoilt" / "record.json").write_text("{")
    for other in ("missing", "five", "spoilt"):
        said = run("good0", other, code=2)
        assert said.count("\n") == 1
        assert other in said


def test_refusals_are_json_where_json_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["good0", "missing", "--format", "json"]) == 2
    assert "missing" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_usage(run: Run) -> None:
    assert "json=PATH" in run("good0", "bad0", "--output", "pdf=x.pdf", code=2)
    assert "html=PATH" in run("good0", "bad0", "--format", "html", code=2)


def test_files(run: Run, here: Path) -> None:
    outputs = [f"--output={kind}=out.{kind}" for kind in ("text", "json", "html")]
    run("good0", "bad0", *outputs)
    assert "B is worse" in (here / "out.text").read_text(encoding="utf-8")
    assert json.loads((here / "out.json").read_text())["verdict"] == "worse"
    assert (here / "out.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(width: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    said = run("--a", "good0", "good1", "--b", "bad0", "bad1", "--verbose")
    assert max(map(len, said.splitlines())) <= width


def test_names_of_classes_are_no_commands(here: Path, run: Run) -> None:
    names = ["\x1b[31mred", "::error::x", "[bold]dog"]
    made = evidence(2, images=30, labels=100, detections=200)
    lay_out(here / "c", made, names)
    lay_out(here / "d", worse(made, 0.3), names)
    said = run("c", "d", "--output", "html=out.html")
    assert "\x1b" not in said
    assert "[bold]dog" in said
    assert not [line for line in said.splitlines() if line.startswith("::")]
