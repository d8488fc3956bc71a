"""Which weights of a run judge which images; the folder may be anybody's."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.example_detector import photo, write_weights
from tests.example_tree import grow
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.errors import UsageError
from yoloaudit.measure.run_judges import BEST, Judge, judges_of, seen_by_run, weights_of_fold
from yoloaudit.train.settings import Settings

LOOKS = Settings(imgsz=64, conf=0.3, max_detections=5, workers=0)
TRAINED = [f"images/train/{number}.jpg" for number in range(4)]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    descriptor = grow(tmp_path / "set")
    for number in range(4):
        (tmp_path / f"set/images/train/{number}.jpg").write_bytes(photo(number, 70, 50))
    (tmp_path / "set/images/val/b.png").write_bytes(photo(9, format="PNG"))
    return load(descriptor, workers=1)


def run_of(folder: Path, record: Any, folds: int) -> str:
    """A run folder with that record and the weights of so many folds."""
    for name in (BEST, *map(weights_of_fold, range(folds))):
        (folder / name).parent.mkdir(parents=True)
        write_weights(folder / name)
    if record is not None:
        (folder / "record.json").write_text(record if isinstance(record, str) else json.dumps(record))
    return str(folder)


def folds_of(*images: list[str]) -> dict[str, Any]:
    return {"folds": {"count": len(images), "models": [{"images": each} for each in images]}}


def test_each_image_is_judged_by_the_model_that_never_saw_it(dataset: Dataset, tmp_path: Path) -> None:
    folds = folds_of([TRAINED[0], "images/val/b.png", "gone.jpg"], TRAINED[1:3])
    run = run_of(tmp_path / "run", folds, 2)
    first, second, *others = judges_of(run, dataset)
    assert first == Judge(f"{run}/folds/0/weights/best.pt", (TRAINED[0], "images/val/b.png"), "out-of-fold")
    assert second.images == tuple(TRAINED[1:3])
    (rest,) = others
    assert (rest.weights, rest.source) == (f"{run}/weights/best.pt", "in-sample")
    assert TRAINED[3] in rest.images, "nobody held it out"
    judged = [image for judge in (first, second, rest) for image in judge.images]
    assert sorted(judged) == sorted(dataset.images["path"])


@pytest.mark.parametrize("record", [None, {}, {"folds": None}, []])
def test_without_folds_the_best_weights_judge_all(record: Any, dataset: Dataset, tmp_path: Path) -> None:
    judges = judges_of(run_of(tmp_path / "run", record, 0), dataset)
    assert {judge.weights for judge in judges} == {f"{tmp_path}/run/weights/best.pt"}
    assert {judge.source for judge in judges} == {"in-sample", "val"}
    for judge in judges:
        assert all(judge.source == ("val" if "/val/" in image else "in-sample") for image in judge.images)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("{", "cannot be read"),
        ({"folds": 3}, "does not say which images"),
        ({"folds": {"models": [{"images": ["a", 1]}]}}, "does not say which images"),
        ({"folds": {"models": [[]]}}, "does not say which images"),
        (folds_of(["a"], ["a"]), "in two folds"),
        (folds_of(["a"], ["b"], ["c"]), "folds/2/weights/best.pt"),
    ],
)
def test_a_record_that_cannot_be_believed_is_one_line(record: Any, said: str, dataset: Dataset, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", record, 2)
    with pytest.raises(UsageError, match=said) as refused:
        judges_of(run, dataset)
    assert "\n" not in str(refused.value)


def test_weights_outside_of_the_run_are_not_taken(dataset: Dataset, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", folds_of(TRAINED), 1)
    os.replace(f"{run}/folds/0/weights/best.pt", tmp_path / "best.pt")
    os.symlink(tmp_path / "best.pt", f"{run}/folds/0/weights/best.pt")
    with pytest.raises(UsageError, match="run folder"):
        judges_of(run, dataset)


def test_what_they_see_is_one_table(dataset: Dataset, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", folds_of(TRAINED[::2], TRAINED[1::2]), 2)
    seen = seen_by_run(run, dataset, LOOKS, device="cpu")
    assert seen.table["image"].is_monotonic_increasing
    paths = dataset.images["path"].to_numpy()[seen.table["image"]].tolist()
    sources = set(zip(paths, seen.table["source"].astype(str), strict=True))
    assert {path for path, source in sources if source == "out-of-fold"} == set(TRAINED)
    assert {source for path, source in sources if path in TRAINED} == {"out-of-fold"}
    assert {source for path, source in sources if path == "images/val/b.png"} == {"val"}
    for _, rows in seen.table.groupby("image"):
        assert rows["score"].is_monotonic_decreasing
    assert seen.looked_at + len(seen.unreadable) == len(dataset.images)


def test_an_empty_data_set_has_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "data.yaml").write_text("train: images\nval: images\nnames: [a]\n")
    dataset = load(str(tmp_path / "data.yaml"), workers=1)
    assert not len(seen_by_run(run_of(tmp_path / "run", None, 0), dataset, LOOKS, device="cpu").table)
