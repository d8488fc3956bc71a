"""The table `predictions`: one row a detection, and only what changed is looked at again."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.example_detector import CPU, photo, write_weights
from tests.example_tree import grow
from yoloaudit.dataset import decodable
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.tables import PREDICTION_SOURCES, PREDICTIONS
from yoloaudit.errors import CheckpointError
from yoloaudit.measure.predictions import Measured, predictions
from yoloaudit.train import weights
from yoloaudit.train.images.data import of_split
from yoloaudit.train.images.picture import key_of
from yoloaudit.train.predict import predict
from yoloaudit.train.settings import Settings

LOOKS = Settings(imgsz=64, batch=3, conf=0.3, max_detections=5, workers=2)


class Set:
    """A small data set, a model's weights and a folder for caches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.yaml = grow(folder / "set")
        self.weights = write_weights(folder / "model.safetensors")
        self.cache = str(folder / "cache")
        for number in range(5):
            self.put(f"train/{number}.jpg", photo(number, 60 + 10 * number, 50))
        (folder / "set" / "images" / "train" / "a.png").write_bytes(photo(8, format="PNG"))
        self.put("val/b.png", photo(9, format="PNG"))

    def put(self, name: str, data: bytes) -> None:
        (self.folder / "set" / "images" / name).write_bytes(data)

    def load(self) -> Dataset:
        return load(self.yaml, workers=1)

    def look(self, **changes: Any) -> Measured:
        looks = replace(LOOKS, **{name: changes.pop(name) for name in list(changes) if hasattr(LOOKS, name)})
        return predictions(self.weights, self.load(), looks, device="cpu", **{"cache": self.cache} | changes)


@pytest.fixture
def data(tmp_path: Path) -> Set:
    return Set(tmp_path)


def test_the_table_has_its_columns_in_order(data: Set) -> None:
    found = data.look()
    assert dict(found.table.dtypes.astype(str)) == dict(PREDICTIONS)
    assert found.unreadable == {}
    assert found.looked_at == 7
    assert len(found.table) > 10
    image, score = found.table["image"].to_numpy(), found.table["score"].to_numpy()
    assert (np.diff(image) >= 0).all()
    assert (np.diff(score)[np.diff(image) == 0] <= 0).all()
    assert found.table["source"].cat.categories.tolist() == PREDICTION_SOURCES
    splits = data.load().images["split"].to_numpy()[image]
    assert (found.table["source"].astype(str) == np.where(splits == "train", "in-sample", "val")).all()


def test_it_is_what_the_model_sees_on_each_image_alone(data: Set) -> None:
    table = data.look().table
    model = weights.load(data.weights)[0]
    for seen in predict(model, of_split(data.load()), replace(LOOKS, alone=True), device=CPU):
        rows = table[table["image"] == seen.place]
        np.testing.assert_allclose(rows[["x1", "y1", "x2", "y2"]], seen.detections.boxes, atol=0.01)
        assert rows["class_id"].tolist() == seen.detections.classes.tolist()


def test_what_is_known_is_not_looked_at_again(data: Set) -> None:
    first = data.look()
    second = data.look()
    assert (first.looked_at, second.looked_at) == (7, 0)
    assert second.table.equals(first.table)
    assert second.problem is None
    assert data.look(cache=None).looked_at == 7


def test_only_what_changed_is_looked_at_again(data: Set) -> None:
    first = data.look().table
    data.put("train/2.jpg", photo(77, 80, 50))
    data.put("train/new.jpg", photo(78))
    os.rename(data.folder / "set/images/train/0.jpg", data.folder / "set/images/train/moved.jpg")
    again = data.look()
    assert again.looked_at == 2
    images = data.load().images["path"].tolist()
    moved = again.table[again.table["image"] == images.index("images/train/moved.jpg")]
    assert moved["score"].tolist() == first[first["image"] == 0]["score"].tolist()
    assert data.look().looked_at == 0


def test_what_is_too_large_where_nothing_is_trusted_is_not_taken_from_the_cache(
    data: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decodable, "MOST_PIXELS_UNTRUSTED", 75 * 50)
    everything = data.look()
    contained = load(data.yaml, workers=1, untrusted=True)
    again = predictions(data.weights, contained, LOOKS, device="cpu", cache=data.cache)
    alone = predictions(data.weights, contained, LOOKS, device="cpu")
    assert everything.unreadable == {}
    assert set(again.unreadable) == set(alone.unreadable) != set()
    assert again.table.equals(alone.table)


@pytest.mark.parametrize("change", [{"imgsz": 96}, {"conf": 0.4}, {"augment": True}, {"classes": (1,)}, {"device": ""}])
def test_another_way_of_looking_is_another_matter(change: dict[str, Any], data: Set) -> None:
    data.look()
    given = {"cache": data.cache, "device": "cpu"} | change
    if "device" in change:
        assert predictions(data.weights, data.load(), LOOKS, cache=data.cache, device="").looked_at == 7
    else:
        given.pop("device")
        assert data.look(**given).looked_at == 7
    assert data.look().looked_at == 0


@pytest.mark.parametrize("change", [{"batch": 1}, {"workers": 0}, {"rect": False}, {"alone": True}])
def test_what_does_not_matter_does_not(change: dict[str, Any], data: Set) -> None:
    data.look()
    assert data.look(**change).looked_at == 0


def test_other_weights_are_another_matter(data: Set) -> None:
    data.look()
    raw = Path(data.weights).read_bytes()
    Path(data.weights).write_bytes(raw[:-2] + b"\x01\x00")
    assert data.look().looked_at == 7


def test_what_cannot_be_read_has_its_reason_and_no_rows(data: Set) -> None:
    data.put("train/1.jpg", b"")
    data.put("train/3.jpg", photo()[:500])
    for _ in range(2):
        found = data.look()
        names = data.load().images["path"]
        assert {names[row] for row in found.unreadable} == {"images/train/1.jpg", "images/train/3.jpg"}
        assert not found.table["image"].isin(list(found.unreadable)).any()


def test_splits_and_sources_are_chosen(data: Set) -> None:
    found = data.look(splits=["val"], sources={"train": "out-of-fold", "val": "out-of-fold"})
    assert found.looked_at == 1
    assert set(found.table["source"]) == {"out-of-fold"}


def test_contents_that_are_known_are_believed_for_looking_up(data: Set) -> None:
    data.look()
    known = {row: key_of((data.folder / "set" / path).read_bytes()) for row, path in data.load().images["path"].items()}
    assert data.look(contents=known).looked_at == 0
    assert data.look(contents={0: b"?" * 16}).looked_at == 1


def test_nothing_is_written_into_the_data_set(data: Set) -> None:
    found = data.look(cache=str(data.folder / "set" / "cache"))
    assert "inside the data set" in str(found.problem)
    assert not (data.folder / "set" / "cache").exists()


def test_a_cache_that_is_stopped_halfway_keeps_what_it_has(data: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    from yoloaudit.train import predict as module

    look = module.predict_files

    def stopping(*arguments: Any, **more: Any) -> Any:
        for number, outcome in enumerate(look(*arguments, **more)):
            if number == 3:
                raise KeyboardInterrupt
            yield outcome

    monkeypatch.setattr(module, "predict_files", stopping)
    with pytest.raises(KeyboardInterrupt):
        data.look()
    monkeypatch.undo()
    assert data.look().looked_at == 4


def test_no_weights_are_one_error(data: Set) -> None:
    with pytest.raises(CheckpointError):
        predictions(str(data.folder / "none.pt"), data.load(), LOOKS)


def test_an_empty_data_set_has_an_empty_table(tmp_path: Path) -> None:
    yaml = grow(tmp_path / "set")
    for name in ("train/a.png", "val/b.png"):
        (tmp_path / "set" / "images" / name).unlink()
    path = write_weights(tmp_path / "model.safetensors")
    found = predictions(path, load(yaml, workers=1), LOOKS, device="cpu")
    assert len(found.table) == 0
    assert dict(found.table.dtypes.astype(str)) == dict(PREDICTIONS)


def test_torch_is_not_imported_where_everything_is_known(data: Set) -> None:
    data.look()
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from yoloaudit.dataset.load import load
from yoloaudit.measure.predictions import predictions
from yoloaudit.train.settings import Settings
assert "torch" not in sys.modules and "cv2" not in sys.modules
looks = {LOOKS!r}
found = predictions({data.weights!r}, load({data.yaml!r}, workers=1), looks, device="cpu", cache={data.cache!r})
print(found.looked_at, len(found.table), "torch" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["0", str(len(data.look().table)), "False"], ran.stderr
