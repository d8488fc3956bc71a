"""The table `crops` of a data set: each label by the model that judges its image, and none that cannot be looked at."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.example_detector import write_weights
from yoloaudit.checks.base import Example, Picture
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.measure.asking import Eyes
from yoloaudit.measure.describing import crops_of
from yoloaudit.progress import silent
from yoloaudit.testing import lay_out
from yoloaudit.train.settings import Settings

SETTINGS = Settings(imgsz=64, workers=1)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Twelve images with a large and a tiny label each; one of them is damaged, one is listed in val as well."""
    files: dict[str, Any] = {f"images/train/{n}.png": Picture(seed=n) for n in range(12)}
    files |= {
        f"labels/train/{n}.txt": f"{n % 2} 0.5 0.5 0.6 0.6\n0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.5 0.5\n" for n in range(12)
    }
    files |= {"images/train/a.png": None, "labels/train/a.txt": None}
    lay_out(str(tmp_path), Example(files))
    (tmp_path / "images/train/3.png").write_bytes((tmp_path / "images/train/3.png").read_bytes()[:-40])
    (tmp_path / "val.txt").write_text("./images/train/5.png\n")
    text = (tmp_path / "data.yaml").read_text().replace("val: images/val", "val: val.txt")
    (tmp_path / "data.yaml").write_text(text)
    return load(str(tmp_path), workers=1, imgsz=64)


def test_labels_by_look(dataset: Dataset, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.safetensors")
    found = crops_of([Eyes(weights, np.arange(len(dataset.images)))], dataset, SETTINGS)(silent)
    boxes = dataset.boxes.loc[found["box"]]
    paths = dataset.images["path"].to_numpy()[boxes["image"]]
    assert set(boxes["line"]) == {1}, "the tiny ones and those of a class that does not exist have no look"
    assert "images/train/3.png" not in paths
    assert (paths == "images/train/5.png").sum() == 2
    assert (found["neighbours"] == 10).all(), "of 11 files; one file is asked once, and never about itself"
    assert found["box"].is_monotonic_increasing


def test_each_model_compares_what_it_judges(dataset: Dataset, tmp_path: Path) -> None:
    rows = np.arange(len(dataset.images))
    names = [write_weights(tmp_path / f"{part}.safetensors") for part in "ab"]
    eyes = [Eyes(names[0], rows[:6]), Eyes(names[1], rows[6:9]), Eyes(names[1], rows[9:])]
    found = crops_of(eyes, dataset, SETTINGS)(silent)
    by_image = dict(zip(dataset.boxes["image"].to_numpy()[found["box"]].tolist(), found["neighbours"], strict=True))
    assert {by_image[row] for row in rows[:6].tolist() if row in by_image} <= {4, 5}
    assert max(by_image.values()) <= 6


def test_nothing_to_look_at(dataset: Dataset, tmp_path: Path) -> None:
    assert not len(crops_of([], dataset, SETTINGS)(silent))
    every = np.arange(len(dataset.images))
    bare = replace(dataset, boxes=dataset.boxes[:0])
    assert not len(crops_of([Eyes("absent.pt", every)], bare, SETTINGS)(silent))
    tiny = replace(dataset, boxes=dataset.boxes[dataset.boxes["line"] == 2].reset_index(drop=True))
    weights = write_weights(tmp_path / "w.safetensors")
    assert not len(crops_of([Eyes(weights, every)], tiny, SETTINGS)(silent))
