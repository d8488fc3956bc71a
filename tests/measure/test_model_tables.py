"""The tables of a model: only what is asked for is made; images that were not looked at; packages not installed."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.example_seen import predictions_of, stand_in
from yoloaudit.checks.base import Example, Training
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.errors import DataError, MissingPackage, UsageError
from yoloaudit.measure import model_tables
from yoloaudit.measure.model_tables import Looked, from_file, from_run, from_weights, has_weights, stored_in, tables
from yoloaudit.measure.prediction_files import to_parquet
from yoloaudit.measure.predictions import Measured
from yoloaudit.measure.runs import read_run
from yoloaudit.testing import lay_out, lay_out_run

FOUND = [(0, 0, 0.9, 256, 256, 384, 384)]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return lay_out(str(tmp_path / "set"), Example())


def VIEWS(_asked: object, _progress: object) -> Iterator[Any]:  # noqa: N802 - stands for a value
    return iter(())


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ({"predictions"}, {"predictions", "seen"}),
        ({"skill"}, {"predictions", "seen", "matches", "skill"}),
        ({"judgements", "crops"}, {"predictions", "seen", "matches", "skill", "judgements"}),
    ],
)
def test_only_what_is_asked_for_is_made(
    wanted: set[str], made: set[str], dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = stand_in(monkeypatch)
    found = tables(Looked(predictions_of(FOUND), views=VIEWS), dataset, wanted, seed=3)
    assert set(found) == made
    assert [call[-1]["views"] for call in calls] == [VIEWS] * ("judgements" in wanted)
    assert [call[-1]["seed"] for call in calls] == [3] * ("judgements" in wanted)
    assert found["seen"].tolist() == [True, False]


def test_crops_are_handed_on(dataset: Dataset) -> None:
    crops = predictions_of([])
    looked = Looked(predictions_of(FOUND), crops=lambda _: crops)
    assert tables(looked, dataset, {"crops"})["crops"] is crops
    assert "crops" not in tables(looked, dataset, {"predictions"})


def test_a_file_says_what_it_lacks(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    path.write_text('[{"image_id": "a", "category_id": 0, "bbox": [1, 2, 3, 4], "score": 0.9}]')
    looked = from_file(str(path), dataset)
    assert looked.seen(2).tolist() == [True, False]
    assert looked.notes == (f"{path} holds no detection for 1 of 2 images: nothing is said of their labels",)
    path.write_text("[]")
    assert not from_file(str(path), dataset).seen(2).any()
    path.write_text("{")
    with pytest.raises(DataError, match="is expected"):
        from_file(str(path), dataset)


def test_parquet_takes_a_package(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "predictions.parquet"
    path.write_bytes(to_parquet(predictions_of(FOUND), dataset.images["path"].tolist()))
    assert len(from_file(str(path), dataset).predictions) == 1
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "yoloaudit.train.output.parquet", raising=False)
    monkeypatch.delattr("yoloaudit.train.output.parquet", raising=False)
    with pytest.raises(MissingPackage, match="pip install"):
        from_file(str(path), dataset)


def fake(made: Measured, monkeypatch: pytest.MonkeyPatch, differs: str | None = None) -> list[Any]:
    """Replace both ways of looking by ones that look at nothing."""
    calls: list[Any] = []

    def look(*arguments: Any, **how: Any) -> Measured:
        calls.append((*arguments, how))
        return made

    monkeypatch.setattr("yoloaudit.measure.predictions.predictions", look)
    monkeypatch.setattr("yoloaudit.measure.run_judges.seen_by_run", look)
    monkeypatch.setattr("yoloaudit.train.release.locate.locate", lambda name, **_: name)
    monkeypatch.setattr(model_tables, "other_classes", lambda *_: differs)
    return calls


def test_our_own_model_looked_at_all_that_it_could_read(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fake(Measured(predictions_of([]), {1: "damaged"}, 1, "no room"), monkeypatch)
    looked = from_weights("best.pt", dataset, cache="kept")
    assert looked.seen(2).tolist() == [True, False]
    assert [note.split(":")[0] for note in looked.notes] == [
        "the model could not look at all images",
        "what the model saw cannot be kept for next time",
    ]
    assert calls[0][2].imgsz == dataset.imgsz
    assert calls[0][-1]["cache"] == "kept"
    assert looked.views is not None
    assert looked.crops is not None


def test_weights_of_other_classes(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(Measured(predictions_of([]), {}, 0, None), monkeypatch, "the weights know 80 classes")
    with pytest.raises(DataError, match="bring --predictions along"):
        from_weights("best.pt", dataset)
    lay_out_run(str(tmp_path / "exp"), Training())
    with pytest.raises(DataError, match="the weights know 80 classes"):
        from_run(read_run(str(tmp_path / "exp")), dataset)


def test_what_a_run_wrote_down_holds_for_its_own_data_only(dataset: Dataset, tmp_path: Path) -> None:
    lay_out_run(str(tmp_path / "exp"), Training(record={"dataset": {"fingerprint": dataset.fingerprint}}))
    run = read_run(str(tmp_path / "exp"))
    assert stored_in(run, dataset) is None
    assert not has_weights(run)
    kept = tmp_path / "exp" / "predictions.parquet"
    kept.write_bytes(to_parquet(predictions_of(FOUND), dataset.images["path"].tolist()))
    looked = stored_in(run, dataset)
    assert looked is not None
    assert looked.seen(2).all()
    (tmp_path / "set" / "labels" / "train" / "a.txt").write_text("0 0.5 0.5 0.3 0.3\n")
    assert stored_in(run, load(str(tmp_path / "set"), workers=1)) is None
    kept.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DataError):
        stored_in(run, dataset)
    kept.unlink()
    kept.symlink_to(tmp_path / "set" / "data.yaml")
    with pytest.raises(DataError, match="outside the run folder"):
        stored_in(run, dataset)


def test_a_run_without_weights(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out_run(str(tmp_path / "exp"), Training())
    monkeypatch.setattr(model_tables, "other_classes", lambda *_: None)
    with pytest.raises(UsageError, match=r"weights/best\.pt"):
        from_run(read_run(str(tmp_path / "exp")), dataset)
