"""`yoloaudit baseline --folds`: who judges what, how it goes on wherever it is killed, and what cannot be done."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.test_baseline import QUIET, Killed, command
from tests.example_training import pictures
from yoloaudit.cli import training
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.folding import epochs_of, planned, trained_on
from yoloaudit.dataset.load import load
from yoloaudit.folds import Folds
from yoloaudit.measure.prediction_files import read_predictions
from yoloaudit.measure.run_judges import judges_of
from yoloaudit.train.checkpoint.read import read
from yoloaudit.train.types import Step

FOLDED = ("pets", *QUIET, "--folds", "2")
EPOCHS = [4, 3]
"""Of the folds, which learn from 5 and 6 images, where the main model takes 2 of 8."""
WEIGHTS = ("weights/best.pt", "folds/0/weights/best.pt", "folds/1/weights/best.pt")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    pictures(folder, train=8, val=3)
    return folder


def working(folder: Path, data: Path, patched: pytest.MonkeyPatch) -> Path:
    """A working folder with the data set in it."""
    (folder / "pets").symlink_to(data)
    patched.chdir(folder)
    patched.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    return folder / "runs/baseline/exp"


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a run that nobody stopped."""
    with pytest.MonkeyPatch.context() as patched:
        run = working(tmp_path_factory.mktemp("whole"), data, patched)
        assert guarded(command, [*FOLDED]) == 0
        yield run


@pytest.fixture
def here(tmp_path: Path, data: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return working(tmp_path, data, monkeypatch)


def tensors(run: Path) -> list[dict[str, bytes]]:
    made = [read(str(run / name)).state for name in WEIGHTS]
    return [{name: tensor.tobytes() for name, tensor in each.items()} for each in made]


def test_every_image_is_judged_by_a_model_that_never_saw_it(whole: Path, data: Path) -> None:
    dataset = load(str(data))
    record = json.loads((whole / "record.json").read_text())
    folds = record["folds"]
    assert (record["kind"], record["options"]["folds"], folds["count"]) == ("baseline", 2, 2)
    assert sorted(path for model in folds["models"] for path in model["images"]) == sorted(dataset.images["path"])
    twins = {"images/train/p0.png", "images/val/p2.png"}
    for number, (model, judge) in enumerate(zip(folds["models"], judges_of(str(whole), dataset), strict=True)):
        assert judge.images == tuple(model["images"])
        assert judge.weights == str(whole / model["weights"])
        assert len(twins & set(judge.images)) in (0, 2), "they show the same picture"
        own = json.loads((whole / f"folds/{number}/record.json").read_text())
        assert set(own["evaluation"]["evidence"]["images"]) == set(model["images"])
        assert own["dataset"]["splits"]["train"]["images"] == len(dataset.images) - len(judge.images)
        assert own["dataset"]["splits"]["train"]["used"] == model["learnt_from"]
        assert model["epochs"] == own["options"]["epochs"] == epochs_of(2, 8, model["learnt_from"])
    predicted = read_predictions(str(whole / "predictions.parquet"), dataset)
    assert set(predicted.table["source"].astype(str)) == {"out-of-fold"}


def test_the_text_tells_of_the_folds(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, [*FOLDED, "--epochs", "1"]) == 0
    captured = capsys.readouterr()
    assert "--folds 2: after the model on train's 8 images, 2 more on " in captured.err
    assert "fold 2 of 2: learns from " in captured.err
    assert "Models of the folds, on images that they never saw" in captured.out
    assert "not the default: " in captured.err
    assert "folds 2" in captured.err


@pytest.mark.parametrize("moment", [(1, 0), (2, 0), (2, 3)], ids=["fold 1", "between folds", "in fold 2"])
def test_killed_it_goes_on_there_and_is_the_same(
    moment: tuple[int, int],
    here: Path,
    whole: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The moment: a training of the run (0 is the main one), and batches of it."""
    told, trainings = training.told, []

    def watched(one: Any, *rest: Any) -> Any:
        trainings.append(one.folder)
        events = one.events

        def until(stop: Any) -> Iterator[Any]:
            batches = 0
            for event in events(stop):
                if len(trainings) - 1 == moment[0] and batches >= moment[1]:
                    raise Killed
                batches += isinstance(event, Step)
                yield event

        one.events = until
        return told(one, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(training, "told", watched)
        patched.setattr("yoloaudit.cli.folding.told", watched)
        with pytest.raises(Killed):
            command([*FOLDED])
    assert len(trainings) == moment[0] + 1
    capsys.readouterr()
    assert guarded(command, ["--resume", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert ("fold 1 of 2: learns" in captured.err) is (moment[0] == 1), "a fold that is done is not done again"
    assert ("going on with epoch 2" in captured.err) is (moment[1] > 2)
    facts = json.loads(captured.out)
    assert [model["epochs"] for model in facts["folds"]["models"]] == EPOCHS
    assert {*WEIGHTS, "predictions.parquet"} <= set(facts["files"]["names"])
    assert tensors(here) == tensors(whole)
    assert (here / "predictions.parquet").read_bytes() == (whole / "predictions.parquet").read_bytes()
    assert guarded(command, ["--resume"]) == 2
    assert "this training is finished" in capsys.readouterr().err


def test_more_epochs_are_for_all_of_them(here: Path) -> None:
    assert guarded(command, [*FOLDED, "--epochs", "1"]) == 0
    assert guarded(command, ["--resume", "--epochs", "2"]) == 0
    folds = json.loads((here / "record.json").read_text())["folds"]
    assert [model["epochs"] for model in folds["models"]] == EPOCHS


def test_other_images_begin_their_fold_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path / "own", train=8, val=3)
    run = working(tmp_path, tmp_path / "own", monkeypatch)
    assert guarded(command, [*FOLDED, "--epochs", "1"]) == 0
    (tmp_path / "own/labels/train/p1.txt").write_text("0 0.4 0.4 0.2 0.2\n")
    assert guarded(command, ["--resume", "--epochs", "2", "--allow-changed-data"]) == 0
    assert capsys.readouterr().err.count("It begins anew") == 2
    folds = json.loads((run / "record.json").read_text())["folds"]
    assert sorted(model["epochs"] for model in folds["models"]) == sorted(EPOCHS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--folds", "1"), "folds: value error, one fold alone leaves no image to learn from"),
        (("--folds", "6"), "folds: input should be less than or equal to 5"),
        (("--folds", "-1"), "folds: "),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: tuple[str, str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(command, ["pets", *QUIET, *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not here.exists()


def test_few_images_are_refused_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path / "two", train=2, val=0)
    run = working(tmp_path, tmp_path / "two", monkeypatch)
    assert guarded(command, ["pets", *QUIET, "--folds", "5"]) == 2
    assert "--folds 5 takes 5 groups" in capsys.readouterr().err.splitlines()[-1]
    assert not run.exists()


def test_without_any_label_and_without_val_folds_are_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path / "bare", train=4, val=0)
    for path in (tmp_path / "bare/labels").rglob("*.txt"):
        path.write_text("")
    run = working(tmp_path, tmp_path / "bare", monkeypatch)
    assert guarded(command, [*FOLDED, "--epochs", "1"]) == 0
    assert len(judges_of(str(run), load(str(tmp_path / "bare")))) == 2


def test_the_work_is_told_beforehand(data: Path) -> None:
    dataset = load(str(data))
    fold = dataset.images.index.to_numpy() % 2
    said, further = planned(dataset, Folds(fold, 2, len(fold), 0), 10)
    assert trained_on(dataset) == 8
    used = (dataset.images["fate"] != "dropped").to_numpy()
    sizes = [int(used[fold != number].sum()) for number in (0, 1)]
    each = [epochs_of(10, 8, size) for size in sizes]
    assert f"10 epochs, and {each[0]} and {each[1]}: " in said
    assert further == sum(size * epochs for size, epochs in zip(sizes, each, strict=True))


@given(epochs=st.integers(1, 1000), main=st.integers(1, 10**6), images=st.integers(0, 10**6))
def test_a_fold_takes_as_many_steps_within_bounds(epochs: int, main: int, images: int) -> None:
    taken = epochs_of(epochs, main, images)
    assert epochs <= taken <= 2 * epochs
    if main <= images:
        assert taken == epochs
    elif main <= 2 * images:
        assert 0 <= taken * images - epochs * main < images
