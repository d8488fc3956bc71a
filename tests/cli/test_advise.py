"""`yoloaudit advise` on runs of yoloaudit and YOLOv5: sentence by sentence, as text and JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.example_runs import OPTIONS, of_yoloaudit, of_yolov5
from yoloaudit.checks.base import Example, Training
from yoloaudit.cli.advise import advise
from yoloaudit.cli.boundary import guarded
from yoloaudit.testing import lay_out

SENTENCES = 6


def command(arguments: list[str]) -> int:
    """The command by itself."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command()(advise)
    outcome = typer.main.get_command(app)(args=["advise", *arguments], standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data set, two runs of it by yoloaudit and one by YOLOv5."""
    lay_out(str(tmp_path / "pets"), Example())
    of = {"data": "pets/data.yaml"}
    of_yoloaudit(tmp_path / "good", Training(options=of))
    of_yoloaudit(tmp_path / "bad", Training(best=20, rise=0.5, right=0.5, options={**of, "batch_size": 2}, images=60))
    of_yolov5(tmp_path / "five")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The document that the command prints for these arguments."""

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        assert guarded(command, [*arguments, "--format", "json"]) == code
        captured = capsys.readouterr()
        document: dict[str, Any] = json.loads(captured.out)
        return document

    return run


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {rule["rule"]: rule["status"] for rule in document["rules"]}


def test_a_good_run_meets_every_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["good"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert f"Training settings: {SENTENCES} of {SENTENCES} sentences of the guide met" in captured.out
    assert "100 epochs, the best number 81" in captured.out
    assert "it has default settings" in captured.out
    assert "Passed at --fail-on error: no problems (exit 0)" in captured.out
    assert max(map(len, captured.out.splitlines())) <= 100


def test_a_bad_run_is_told_what_and_where(run: Run) -> None:
    document = run("bad")
    assert document["format"] == 1
    found = {finding["rule"]: finding for finding in document["findings"]}
    assert set(found) == {"overfit-run", "small-batch", "validation-too-small"}
    assert found["overfit-run"]["file"] == "bad/results.csv"
    assert document["run"]["best"]["epoch"] == 21
    assert document["run"]["map50"]["images"] == 60
    assert document["dataset"]["names"] == ["cat", "dog"]
    assert sum(rule["guide"] is not None for rule in document["rules"]) == SENTENCES
    assert document["summary"] == {"error": 0, "warning": 1, "info": 2, "exit_code": 0}


def test_worse_than_the_baseline_fails_the_gate(run: Run) -> None:
    document = run("bad", "--baseline", "good", code=1)
    assert document["summary"]["error"] == 1
    assert document["run"]["difference"]["high"] < 0
    assert run("bad", "--baseline", "good", "--fail-on", "never")["summary"]["exit_code"] == 0
    assert run("good", "--fail-on", "info")["summary"]["exit_code"] == 0
    assert run("bad", "--fail-on", "info", code=1)["summary"]["exit_code"] == 1


def test_a_run_of_yolov5_without_its_data(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    document = run("five")
    assert document["dataset"] is None
    assert document["notes"] == ["there is no data/coco128.yaml here, the data set of the run: --data names it"]
    told = statuses(document)
    assert told["overfit-run"] == told["mismatched-image-size"] == "pass"
    skipped = {rule for rule, status in told.items() if status == "skipped"}
    assert skipped == {
        *("image-size-too-small", "poor-anchor-fit", "labels-lost-in-training", "validation-too-small"),
        "regressed-run",
    }
    assert guarded(command, ["five"]) == 0
    assert "5 of 6 sentences of the guide met, 1 not measurable" in capsys.readouterr().out


def test_its_data_may_be_named(run: Run) -> None:
    document = run("five", "--data", "pets")
    assert document["notes"] == []
    assert statuses(document)["labels-lost-in-training"] == "pass"


def test_where_the_model_is_to_be_used(run: Run) -> None:
    (finding,) = run("good", "--imgsz", "1280")["findings"]
    assert finding["message"] == "trained at 640 px, to be used at 1,280 px"


def test_data_that_changed_since_are_told(here: Path, run: Run) -> None:
    of_yoloaudit(here / "old", Training(options={"data": "pets"}, record={"dataset": {"fingerprint": "f00d"}}))
    assert run("old")["notes"] == ["old: the data set has changed since, or is another one"]


def test_what_the_run_names_is_not_read_where_it_is_not_trusted(run: Run) -> None:
    document = run("good", "--untrusted")
    assert document["dataset"] is None
    assert "not trusted" in document["notes"][0]
    assert run("good", "--untrusted", "--data", "pets")["dataset"] is not None


def test_a_file_that_cannot_be_read_is_told(here: Path, run: Run) -> None:
    (here / "good" / "hyp.yaml").write_text("lr0: !!python/name:os.system x\n")
    (note,) = run("good")["notes"]
    assert note.startswith("good: hyp.yaml, line 1: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing"], "there is no such folder"),
        (["pets"], "no run lies there"),
        (["good", "--baseline", "pets"], "--baseline pets"),
        (["good", "--data", "missing"], "missing"),
        (["good", "--fail-on", "bad"], "--fail-on takes"),
        (["good", "--rules", "nowhere"], "no rule pack"),
        (["good", "--imgsz", "1"], "--imgsz"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err


def test_an_error_is_a_document_too(run: Run) -> None:
    assert "no such folder" in run("missing", code=2)["error"]["message"]


HOSTILE = 'weights: "\\e[31mred\\n::error::x"\ndata: "\\e[31m\\n::error::x"\noptimizer: "\\e[31m[red]\\n::error::x"\n'


def test_what_a_run_says_never_becomes_a_command(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = of_yolov5(here / "\x1b[31m", options=HOSTILE)
    (folder / "results.csv").write_bytes(b"\x1b[31mepoch\n")
    for arguments in ([str(folder)], [str(folder), "--format", "json"]):
        assert guarded(command, arguments) == 0
        captured = capsys.readouterr()
        assert "\x1b" not in captured.out + captured.err
        assert not [line for line in captured.out.splitlines() if line.lstrip().startswith("::")]


def test_an_empty_run_of_hostile_numbers(here: Path, run: Run) -> None:
    folder = of_yolov5(
        here / "odd", options=OPTIONS.replace("imgsz: 640", "imgsz: 1").replace("epochs: 3", "epochs: 0")
    )
    (folder / "results.csv").write_text("epoch,metrics/mAP_0.5,metrics/mAP_0.5:0.95\n0,1e999,nan\n")
    document = run("odd", "--data", "pets")
    assert document["run"]["best"] is None
