"""The model that a training starts from: size, names, weights and anchors, and what is said of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.example_detector import write_weights
from tests.example_training import pictures, tiny
from tests.train.test_model_yaml import SMALL
from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import CheckpointError, UsageError
from yoloaudit.train.anchors.defaults import default
from yoloaudit.train.checkpoint.save import weights as to_file
from yoloaudit.train.config import PRESETS, hyper
from yoloaudit.train.learning.start import box_sizes, first_model, replace
from yoloaudit.train.model import Detector, build
from yoloaudit.train.weights import load

LOW = PRESETS["scratch-low"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return pictures(tmp_path_factory.mktemp("data"), train=3, val=1)


def started(dataset: Dataset, hyp: Any = LOW, **options: Any) -> tuple[Detector, list[str]]:
    told: list[str] = []
    return first_model(dataset, tiny(**options), hyp, dataset.names, tell=told.append), told


def test_from_scratch_the_seed_decides(dataset: Dataset) -> None:
    one, again, other = (started(dataset, seed=seed)[0].state_dict() for seed in (1, 1, 2))
    name = "model.0.conv.weight"
    assert torch.equal(one[name], again[name])
    assert not torch.equal(one[name], other[name])
    model, _ = started(dataset, cfg="models/yolov5s.yaml")
    assert (model.size.name, model.names) == ("s", ("cat", "dog"))
    assert started(dataset, cfg="")[0].size.name == "s"
    with pytest.raises(UsageError, match="yolov9"):
        started(dataset, cfg="yolov9.yaml")


def test_a_model_yaml_gives_depth_width_and_anchors(dataset: Dataset, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(SMALL.replace("10,13", "12,14"))
    model, told = started(dataset, cfg=str(own))
    assert model.size.name == "d0.5w0.4"
    assert model.anchors_px[0, 0].tolist() == [12, 14]
    assert told[0] == f"{own} describes yolov5d0.5w0.4"
    data = to_file(model.state_dict(), model.size.name, model.names, model.strides, model.anchors_px.numpy(), {})
    (tmp_path / "own.pt").write_bytes(data)
    again, _ = load(str(tmp_path / "own.pt"))
    assert again.size == model.size
    pairs = zip(again.parameters(), model.parameters(), strict=True)
    assert all(torch.equal(one, other.half().float()) for one, other in pairs)
    half, told = started(dataset, cfg=str(own), weights=write_weights(tmp_path / "n.pt"))
    assert half.anchors_px[0, 0].tolist() == [12, 14]
    assert any(sentence.endswith("tensors come from " + str(tmp_path / "n.pt")) for sentence in told)
    with pytest.raises(UsageError, match=r"there is no file .*none\.yaml, and there is no model 'none'"):
        started(dataset, cfg=str(tmp_path / "none.yaml"), weights="never read")


def test_weights_of_other_classes_keep_all_but_the_head(dataset: Dataset, tmp_path: Path) -> None:
    path = write_weights(tmp_path / "three.pt")
    model, told = started(dataset, weights=path, cfg="")
    assert any(sentence.startswith("343 of 349 tensors") for sentence in told)
    assert model.size.name == "n"
    assert model.classes == 2
    with pytest.raises(CheckpointError, match="none"):
        started(dataset, weights=str(tmp_path / "none.pt"))


def test_damaged_weights_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    broken = build("n", 2)
    with torch.no_grad():
        broken.head.m[0].weight.fill_(float("nan"))  # type: ignore[operator]  # a convolution has weights
    with pytest.raises(CheckpointError, match="not finite"):
        started(dataset, weights=write_weights(tmp_path / "nan.pt", broken))


def trained(path: Path, anchors: Any) -> str:
    model = build("n", 2, ["cat", "dog"], anchors)
    path.write_bytes(to_file(model.state_dict(), "n", model.names, model.strides, anchors, {}))
    return str(path)


def test_trained_anchors_are_kept_unless_told(dataset: Dataset, tmp_path: Path) -> None:
    """Anchors of 400 pixels fit no box of an image of 64."""
    anchors = default(5) * 20
    path = trained(tmp_path / "w.pt", anchors)
    kept, told = started(dataset, weights=path, cfg="", noautoanchor=False)
    np.testing.assert_allclose(kept.anchors_px.numpy(), anchors)
    assert any("--autoanchor takes the others" in sentence for sentence in told)
    other, told = started(dataset, weights=path, cfg="", noautoanchor=False, autoanchor=True)
    assert other.anchors_px.max() < 64
    assert any("the others are taken, as asked" in sentence for sentence in told)
    silent, told = started(dataset, weights=path, cfg="")
    np.testing.assert_allclose(silent.anchors_px.numpy(), anchors)
    assert len(told) == 1


def test_another_number_of_anchors_makes_another_head(dataset: Dataset, tmp_path: Path) -> None:
    path = trained(tmp_path / "w.pt", default(5))
    four = hyper("scratch-low", anchors=4.2)
    model, _ = started(dataset, four, weights=path, cfg="", noautoanchor=False)
    assert model.anchors.shape == (3, 4, 2)
    assert model(torch.zeros(1, 3, 64, 64))[0].shape == (1, 4, 8, 8, 7)


def test_a_model_takes_other_anchors() -> None:
    model = build("n", 3)
    buffer = model.anchors
    replace(model, default(5) * 2)
    assert model.anchors is buffer
    torch.testing.assert_close(model.anchors_px, torch.from_numpy(default(5) * 2))
    with pytest.raises(UsageError, match="the anchors are"):
        replace(model, default(6))


def test_sizes_are_those_of_boxes_that_are_trained_on(dataset: Dataset) -> None:
    found = box_sizes(dataset, "train", 64)
    assert len(found) == 5
    np.testing.assert_allclose(found[0], [0.4 * 64, 0.4 * 48], rtol=1e-5)
    assert len(box_sizes(dataset, "test", 64)) == 0
