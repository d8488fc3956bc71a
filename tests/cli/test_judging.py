"""`check` with a model: which options go together, what becomes of the family, and what the report says."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.example_runs import of_yoloaudit
from tests.example_seen import stand_in
from yoloaudit.checks.base import Example, Picture, Training
from yoloaudit.cli import judging
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded
from yoloaudit.dataset.load import load
from yoloaudit.dataset.tables import PREDICTION_SOURCES, categorical
from yoloaudit.errors import UsageError
from yoloaudit.measure import model_tables
from yoloaudit.measure.prediction_files import to_parquet
from yoloaudit.measure.predictions import Measured
from yoloaudit.testing import lay_out

COUNT = 60
BOX = (256.0, 256.0, 384.0, 384.0)
NEAR = [256, 256, 128, 128]
FAMILY = {
    *("missed-label", "tight-box", "loose-box", "shifted-box", "swapped-class", "spurious-label", "merged-boxes"),
    *("inconsistent-label", "confused-classes", "underperforming-class", "estimated-label-noise", "weak-model"),
    "unlabelled-background",
}
GUIDE = {"missed-label", "tight-box", "loose-box", "unlabelled-background"}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty images of a cat each in train, one of a dog in val."""
    files: dict[str, Any] = {f"images/train/{n}.png": Picture(seed=None) for n in range(COUNT)}
    files |= {f"labels/train/{n}.txt": "0 0.5 0.5 0.2 0.2\n" for n in range(COUNT)}
    lay_out(str(tmp_path / "pets"), Example({**files, "images/train/a.png": None, "labels/train/a.txt": None}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def detections(folder: Path, *more: dict[str, Any], near: list[float] | None = None) -> str:
    """A results JSON in which each image of train has its cat."""
    found = [f"images/train/{n}.png" for n in range(COUNT)]
    items = [{"file_name": name, "category_id": 0, "bbox": near or NEAR, "score": 0.9} for name in found]
    (folder / "seen.json").write_text(json.dumps([*items, *more]))
    return "seen.json"


def report(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    given = ["check", "pets", "--no-cache", "--fail-on", "never", "--format", "json", *arguments]
    assert command(given) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def family(document: dict[str, Any]) -> dict[str, str]:
    """Why each rule of a model was skipped, or what became of it."""
    return {run["rule"]: run["why_skipped"] or run["status"] for run in document["rules"] if run["check"] in FAMILY}


def test_without_a_model_only_the_sentences_of_the_guide_are_listed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = family(report(capsys, "--fast"))
    assert set(listed) == GUIDE
    assert set(listed.values()) == {"it takes a model: --weights FILE, --run DIR or --predictions FILE"}
    listed = family(report(capsys, "--fast", "--select", "merged-boxes"))
    assert list(listed) == ["merged-boxes"]


def test_findings_with_what_is_proposed(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, aside = (264.0, 261.0, 384.0, 384.0), (10.0, 20.0, 50.0, 60.0)
    rows = [(0, 0, "location", 0.83, 0, inside), (1, -1, "missing", 0.4, 1, aside, 0.61), (2, 2, "class", 0.9, 1, None)]
    calls = stand_in(monkeypatch, *rows, (3, 3, "spurious", 0.6, -1, None, 0.0))
    found = report(capsys, "--predictions", detections(data), "--fast")
    listed = family(found)
    assert set(listed) == FAMILY
    assert listed["inconsistent-label"] == "it takes the features of a model of yoloaudit: --weights FILE or --run DIR"
    (dataset, predictions, skill, how), *rest = calls
    assert (len(dataset.images), len(predictions), len(skill), rest) == (COUNT + 1, COUNT, 2, [])
    assert how["views"] is None
    by_rule = {each["rule"]: each for each in found["findings"] if each["rule"] in FAMILY}
    assert set(by_rule) == {"loose-box", "missed-label", "swapped-class", "spurious-label"}
    loose, missed, swapped = (by_rule[name] for name in ("loose-box", "missed-label", "swapped-class"))
    assert loose["message"].startswith("8 px of space on the left, 5 at the top")
    assert loose["suggestion"] == {"class_id": 0, "box": list(inside), "score": 0.9}
    assert (loose["severity"], loose["score"], loose["line"], loose["value"]) == ("warning", 0.83, 1, 8)
    assert missed["suggestion"] == {"class_id": 1, "box": list(aside), "score": 0.61}
    assert (missed["severity"], missed["line"], missed["class_id"], missed["box"]) == ("info", None, 1, list(aside))
    assert (swapped["suggestion"]["class_id"], swapped["suggestion"]["box"]) == (1, list(BOX))
    assert by_rule["spurious-label"]["suggestion"] is None


def test_text_at_eighty_columns(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stand_in(monkeypatch, (0, 0, "location", 0.83, 0, (264.0, 261.0, 384.0, 384.0)))
    arguments = ["--predictions", detections(data), "--fast", "--fail-on", "never"]
    assert command(["check", "pets", "--no-cache", *arguments]) == 0
    out = capsys.readouterr().out
    assert "8 px of space on the left, 5 at the top" in " ".join(out.split())
    assert "seen.json holds no detection for 1 of 61 images: nothing is said of their" in out
    assert "yoloaudit check pets --predictions seen.json --select" in out
    told = [line for line in out.splitlines() if "/" not in line and "yoloaudit" not in line]
    assert max(map(len, told)) <= 80, "but for paths and commands, which are never broken"


def test_a_weak_model_says_nothing_else(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, (0, 0, "location", 0.9, 0, (264.0, 261.0, 384.0, 384.0)))
    found = report(capsys, "--predictions", detections(data, near=[0, 0, 20, 20]), "--fast")
    listed = family(found)
    assert listed.pop("weak-model") == "fail"
    assert listed.pop("inconsistent-label").startswith("it takes the features")
    assert listed.pop("underperforming-class").startswith("fewer than 3 classes")
    why = "withheld by weak-model: the model is not good enough to judge labels: mAP50 is 0.000, below 0.3"
    assert set(listed.values()) == {why}
    assert [each["rule"] for each in found["findings"] if each["rule"] in FAMILY] == ["weak-model"]


def test_a_single_rule_is_guarded_too_unless_that_is_not_wanted(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, (0, 0, "location", 0.9, 0, (264.0, 261.0, 384.0, 384.0)))
    given = ["--predictions", detections(data, near=[0, 0, 20, 20]), "--fast", "--select", "loose-box"]
    assert family(report(capsys, *given))["loose-box"].startswith("withheld by weak-model")
    assert family(report(capsys, *given, "--ignore", "weak-model")) == {"loose-box": "fail"}
    assert family(report(capsys, *given, "--max", "weak-model=1"))["loose-box"] == "fail"


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"file_name": "images/train/999.png"}, "their image is not in the data set"),
        ({"category_id": 7}, "class ids of this data set go from 0 to 1"),
        ({"bbox": [9000, 0, 50, 50]}, "their box lies outside its image"),
        ({"score": float("nan")}, "score"),
    ],
)
def test_what_cannot_be_used_of_a_file_is_told(
    data: Path, more: dict[str, Any], note: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch)
    item = {"file_name": "images/train/0.png", "category_id": 0, "bbox": NEAR, "score": 0.9} | more
    code = guarded(command, ["check", "pets", "--fast", "--no-cache", "--predictions", detections(data, item)])
    out = capsys.readouterr()
    assert code in (0, 1, 2)
    assert note in " ".join((out.out + out.err).split())
    assert "Traceback" not in out.err


def test_no_labels_at_all(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, (0, -1, "missing", 0.9, 0, BOX))
    for path in (data / "pets" / "labels").rglob("*.txt"):
        path.write_text("")
    listed = family(report(capsys, "--predictions", detections(data), "--fast"))
    assert listed["weak-model"] == "fail"
    assert "no image that it looked at has a label" in listed["missed-label"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--weights", "a.pt", "--predictions", "b.json"], "Name one of them"),
        (["--weights", "a.pt", "--fast"], "--fast looks at no pixel"),
        (["--predictions", "b.json"], "no such file"),
        (["--coco80to91"], "name that file, too"),
    ],
)
def test_options_that_do_not_go_together(data: Path, given: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        command(["check", "pets", *given])


def test_weights_that_are_none_are_told_before_the_data_are_read(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(command, ["check", "pets", "--weights", "nothing.pt"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def stored(folder: Path) -> None:
    """A run that wrote down what its model sees, some of it out of fold."""
    dataset = load(str(folder / "pets" / "data.yaml"), workers=1)
    of_yoloaudit(folder / "exp", Training(images=60, record={"dataset": {"fingerprint": dataset.fingerprint}}))
    found = model_tables.from_file(detections(folder), dataset).predictions
    made = found.assign(source=categorical(np.zeros(len(found)), PREDICTION_SOURCES))
    (folder / "exp" / "predictions.parquet").write_bytes(to_parquet(made, dataset.images["path"].tolist()))


def test_a_run_tells_what_its_model_saw_out_of_fold(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = stand_in(monkeypatch)
    stored(data)
    listed = family(report(capsys, "--run", "exp", "--fast", "--select", "model"))
    assert listed["loose-box"] == "pass"
    predictions = calls[0][1]
    assert set(predictions["source"]) == {"out-of-fold"}
    assert model_tables.Looked(predictions).seen(COUNT + 1).all(), "it looked at the image where it saw nothing"


def test_a_run_that_saw_another_data_set_looks_again(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch)
    stored(data)
    (data / "pets" / "labels" / "train" / "0.txt").write_text("0 0.4 0.4 0.2 0.2\n")
    listed = family(report(capsys, "--run", "exp", "--select", "loose-box"))
    assert listed["loose-box"] == judging.NO_WEIGHTS
    listed = family(report(capsys, "--run", "exp", "--select", "loose-box", "--fast"))
    assert listed["loose-box"] == judging.FAST
    again: list[str] = []

    def look(run: str, dataset: Any, settings: Any, **how: Any) -> Measured:
        again.append(run)
        return Measured(model_tables.from_file(detections(data), dataset).predictions, {3: "damaged"}, COUNT, None)

    (data / "exp" / "weights").mkdir()
    (data / "exp" / "weights" / "best.pt").write_bytes(b"")
    monkeypatch.setattr(model_tables, "other_classes", lambda *_: None)
    monkeypatch.setattr("yoloaudit.measure.run_judges.seen_by_run", look)
    assert family(report(capsys, "--run", "exp", "--select", "loose-box"))["loose-box"] == "pass"
    assert again == ["exp"]
    monkeypatch.setattr(model_tables, "other_classes", lambda *_: "the weights know 80 classes")
    listed = family(report(capsys, "--run", "exp", "--select", "loose-box"))
    assert listed["loose-box"] == "exp: the weights know 80 classes"


def test_a_run_is_not_asked_where_no_rule_asks(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_yoloaudit(data / "exp", Training(images=60))
    assert not family(report(capsys, "--run", "exp", "--select", "training"))


def test_a_settings_file_names_a_model(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch)
    detections(data)
    (data / "yoloaudit.toml").write_text('predictions = "seen.json"\nselect = ["weak-model"]\n')
    assert family(report(capsys, "--fast")) == {"weak-model": "pass"}
    assert family(report(capsys, "--fast", "--untrusted", "--select", "weak-model"))["weak-model"].startswith(
        "it takes"
    )


def test_rows_outside_of_a_rule_are_not_told(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(n, n, "class", 0.9, 1, None) for n in (0, 1, COUNT)] + [(2, -1, "missing", 0.9, 1, BOX)]
    stand_in(monkeypatch, *rows)
    (data / "pack.yaml").write_text(
        "rules:\n  weak-model: {}\n"
        "  cats: {check: swapped-class, classes: [cat]}\n"
        "  dogs: {check: swapped-class, classes: [dog]}\n"
        "  most: {check: swapped-class, ignore: ['*/0.png'], splits: [train]}\n"
        "  dogs-missed: {check: missed-label, classes: [dog]}\n"
        "  cats-missed: {check: missed-label, classes: [cat]}\n"
    )
    found = report(capsys, "--predictions", detections(data), "--fast", "--rules", "pack.yaml")
    counts = {run["rule"]: run["found"] for run in found["rules"]}
    assert counts == {"weak-model": 0, "cats": 2, "dogs": 1, "most": 1, "dogs-missed": 1, "cats-missed": 0}


def test_most_certain_findings_are_kept_where_there_are_many(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are never folded to one, however many images they are in: each has its own probability."""
    scores = np.random.default_rng(0).permutation(COUNT) / COUNT * 0.4 + 0.5
    stand_in(monkeypatch, *((n, n, "class", scores[n], 1, None) for n in range(COUNT)))
    given = ["--predictions", detections(data), "--fast", "--select", "swapped-class"]
    assert len(report(capsys, *given)["findings"]) == COUNT
    kept = report(capsys, *given, "--max-per-rule", "5")["findings"]
    assert sorted(each["score"] for each in kept) == pytest.approx(sorted(scores)[-5:], abs=1e-6)
