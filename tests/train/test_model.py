"""The detector against upstream's figures: names and shapes of tensors, sizes, costs, first values, raw heads."""

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.example_models import COCO, GOLDEN, apart, biases, formula, golden, lively, needs_shared
from yoloaudit.errors import UsageError
from yoloaudit.train import family, onednn
from yoloaudit.train import model as module
from yoloaudit.train.anchors import defaults as boxes
from yoloaudit.train.family import SIZES, Architecture
from yoloaudit.train.model import Detector, build, channels_last, fuse, gflops, parameters
from yoloaudit.train.onednn import Packed
from yoloaudit.train.weights import load


@pytest.fixture(autouse=True)
def drawn_weights() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def shaken(size: str, classes: int = 3, architecture: Architecture = "v6") -> Detector:
    model = build(size, classes, architecture=architecture)
    lively(model)
    return model


@needs_shared
def test_tensors_have_the_names_order_and_shapes_of_official_files() -> None:
    entries = golden("yolov5n_state_dict_keys.json")["checkpoint"]["entries"]
    expected = [(name, entry["shape"]) for name, entry in entries.items() if not name.endswith("anchor_grid")]
    assert [(name, list(tensor.shape)) for name, tensor in build("n", 80).state_dict().items()] == expected


@needs_shared
@pytest.mark.parametrize("name", [f"yolov5{size}_nc80" for size in SIZES] + ["yolov5n_nc1", "yolov5s_nc2"])
def test_sizes_and_costs(name: str) -> None:
    expected = golden("model_sizes.json")[name]
    size, classes = name.split("_nc")
    model = build(size, int(classes), device="meta")
    modules = list(model.modules())
    assert len(modules) == expected["modules_total"]
    assert sum(not list(part.children()) for part in modules) == expected["modules_leaf"]
    assert len(model.state_dict()) == expected["state_dict_entries"]
    assert len(list(model.parameters())) == expected["param_tensors"]
    assert parameters(model) == expected["params"]
    assert gflops(model) == pytest.approx(expected["gflops_conv_only_640"], rel=1e-12)
    assert list(model.strides) == expected["strides"]
    assert [conv.in_channels for conv in model.head.m if isinstance(conv, nn.Conv2d)] == expected["ch_detect"]
    fused = fuse(model)
    assert parameters(fused) == expected["params_fused"]
    assert gflops(fused) == pytest.approx(expected["gflops_conv_only_fused"], rel=1e-12)


@pytest.mark.parametrize(("classes", "count"), [(250, 3_575_380), (251, 3_577_312)])
def test_251_classes_are_nothing_special(classes: int, count: int) -> None:
    assert parameters(build("n6", classes, device="meta")) == count


@pytest.mark.parametrize("size", ["s", "m6"])
def test_parameters_grow_with_classes_in_the_head_alone(size: str) -> None:
    per_class = 3 * sum(width + 1 for width in family.detect_widths(SIZES[size]))
    fewer, more = (parameters(build(size, classes, device="meta")) for classes in (3, 10))
    assert more - fewer == 7 * per_class


def test_cost_grows_with_the_area() -> None:
    model = build("n", 2, device="meta")
    assert gflops(model, 320) == pytest.approx(gflops(model, 640) / 4)
    assert not any(part._forward_hooks for part in model.modules())


@pytest.mark.parametrize("classes", [1, 7, 80])
def test_first_biases(classes: int) -> None:
    """Objectness and classes begin at the rates of an image with 8 objects; the rest is PyTorch's draw."""
    model = build("n", classes)
    torch.manual_seed(0)
    plain = Detector(SIZES["n"], model.names, boxes.default(5))
    for mine, drawn, stride in zip(biases(model), biases(plain), (8, 16, 32), strict=True):
        added = mine - drawn
        assert torch.equal(added[:, :4], torch.zeros(3, 4))
        torch.testing.assert_close(added[:, 4], torch.full((3,), math.log(8 / (640 / stride) ** 2)))
        torch.testing.assert_close(added[:, 5:], torch.full((3, classes), math.log(0.6 / (classes - 0.99999))))


def test_first_biases_are_near_those_measured_upstream() -> None:
    model = build("n", 80)
    assert [bias[:, 4].mean().item() for bias in biases(model)] == pytest.approx([-6.73, -5.31, -3.93], abs=0.1)
    assert [bias[:, 5:].mean().item() for bias in biases(model)] == pytest.approx([-4.88] * 3, abs=0.03)


def test_normalisations_begin_as_upstreams_do() -> None:
    norms = [part for part in build("n", 3).modules() if isinstance(part, nn.BatchNorm2d)]
    assert len(norms) == 57
    for norm in norms:
        assert (norm.eps, norm.momentum) == (1e-3, 0.03)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        assert set(norm.running_mean.tolist()) == {0}
        assert norm.running_var.tolist() == pytest.approx([0.9] * norm.num_features)
        assert norm.num_batches_tracked == 1


def test_a_seed_decides_all_weights() -> None:
    one = build("n", 2)
    torch.manual_seed(0)
    other = build("n", 2).state_dict()
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.state_dict().items())


@pytest.mark.parametrize(("size", "height", "width"), [("n", 64, 96), ("n6", 64, 128), ("s", 32, 32)])
@pytest.mark.parametrize("architecture", ["v5", "v6"])
@torch.no_grad()
def test_heads_of_every_level(size: str, height: int, width: int, architecture: Architecture) -> None:
    model = build(size, 5, architecture=architecture).eval()
    heads = model(torch.rand(2, 3, height, width))
    assert [head.shape for head in heads] == [(2, 3, height // s, width // s, 10) for s in model.strides]
    assert all(head.isfinite().all() for head in heads)


@pytest.mark.parametrize("size", ["n", "n6"])
def test_release_5_names_its_tensors_otherwise(size: str) -> None:
    state = build(size, 80, architecture="v5", device="meta").state_dict()
    end = {"n": 9, "n6": 11}[size]
    assert state["model.0.conv.conv.weight"].shape == (16, 12, 3, 3)
    assert f"model.{end}.m.0.cv1.conv.weight" in state
    assert state[f"model.{end - 1}.cv2.conv.weight"].shape == (256, 512, 1, 1)
    assert "model.4.m.2.cv1.conv.weight" in state


def test_names() -> None:
    model = build("n", 2, ["cat", "dog"])
    assert model.names == ("cat", "dog")
    assert model.classes == 2
    assert build("n", 2).names == ("class0", "class1")


def test_anchors() -> None:
    wide = boxes.default(5)[::-1] * 2
    model = build("n", 2, anchors=wide)
    np.testing.assert_array_equal(model.anchors_px.numpy(), wide[::-1])
    np.testing.assert_array_equal(model.anchors.numpy()[0], wide[2] / 8)
    assert model.state_dict()["model.24.anchors"] is not None
    four = np.tile(np.arange(1, 5, dtype=np.float32)[:, None], (3, 1, 2))
    assert biases(build("n", 2, anchors=four))[0].shape == (4, 7)


@pytest.mark.parametrize(
    ("size", "classes", "names", "anchors", "said"),
    [
        ("z", 2, None, None, "no model 'z'"),
        ("n", 0, None, None, "0 classes"),
        ("n", 2, ["cat"], None, "2 classes cannot bear 1 names"),
        ("n", 2, None, boxes.default(6), "not 3 levels"),
        ("n6", 2, None, boxes.default(5), "not 4 levels"),
        ("n", 2, None, np.zeros((3, 0, 2), np.float32), "anchors"),
        ("n", 2, None, np.zeros((3, 6), np.float32), "anchors"),
    ],
)
def test_what_cannot_be_built(size: str, classes: int, names: Any, anchors: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        build(size, classes, names, anchors)


@pytest.mark.parametrize(("size", "architecture"), [("n", "v6"), ("n6", "v6"), ("n", "v5")])
def test_fused_equals_unfused(size: str, architecture: Architecture) -> None:
    model = shaken(size, 4, architecture)
    fused = fuse(model)
    images = torch.rand(2, 3, 128, 64)
    with torch.no_grad():
        assert apart(fused(images), model(images)) < 2e-4
        once_more = fuse(fused)
        assert apart(once_more(images), fused(images)) == 0
    recorded = fused(images)
    assert apart(recorded, model(images)) < 2e-4
    assert not recorded[0].requires_grad


def test_fusing_leaves_the_model_alone() -> None:
    model = shaken("n").train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    fused = fuse(model)
    assert model.training
    assert not fused.training
    assert not any(isinstance(part, nn.BatchNorm2d) for part in fused.modules())
    assert all(isinstance(part, Packed) for part in fused.modules() if isinstance(part, nn.Conv2d))
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(weight.requires_grad for weight in model.parameters())
    assert not any(weight.requires_grad for weight in fused.parameters())
    with torch.no_grad():
        fused(torch.rand(1, 3, 32, 32))
        assert apart(copy.deepcopy(fused)(torch.ones(1, 3, 32, 32)), fused(torch.ones(1, 3, 32, 32))) == 0


def test_only_building_draws() -> None:
    model = build("n", 3)
    before = torch.get_rng_state()
    onednn.available.cache_clear()
    with torch.inference_mode():
        fuse(model)(torch.zeros(1, 3, 32, 32))
    build("n", 3, device="meta")
    assert torch.equal(torch.get_rng_state(), before)


@torch.no_grad()
def test_large_batches_pass_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    fused = fuse(shaken("n"))
    images = torch.rand(5, 3, 64, 64)
    whole = fused(images)
    monkeypatch.setattr(module, "BLOCK", 2 * 16 * 32 * 32 * 4)
    parts = list(fused.passes(images))
    assert [len(part[0]) for part in parts] == [2, 2, 1]
    assert apart(fused(images), whole) < 1e-4
    assert [len(part[0]) for part in fused.train().passes(images)] == [5]
    with torch.enable_grad():
        assert [len(part[0]) for part in fused.eval().passes(images)] == [5]


@torch.no_grad()
def test_no_images() -> None:
    model = build("n", 3).eval()
    assert [head.shape for head in model(torch.zeros(0, 3, 64, 64))] == [
        (0, 3, 64 // s, 64 // s, 8) for s in (8, 16, 32)
    ]


@torch.no_grad()
def test_the_order_of_maps_in_memory_changes_nothing() -> None:
    model = shaken("n")
    images = torch.rand(2, 3, 64, 64)
    before = [head.clone() for head in model(images)]
    assert apart(channels_last(model)(images), before) < 1e-4


def test_training_reaches_every_weight() -> None:
    model = build("n", 2)
    sum((head.sigmoid().mean() for head in model(torch.rand(2, 3, 64, 64))), torch.zeros(())).backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())


@needs_shared
@torch.no_grad()
def test_raw_heads() -> None:
    held = np.load(GOLDEN / "forward.npz")
    model, _ = load(str(COCO))
    assert int((formula() * 255).round().sum(dtype=torch.float64)) == 38_630_715
    assert np.array_equal((formula() * 255).round().numpy().astype(np.uint8), held["input_uint8"])
    expected = [torch.from_numpy(held[f"head{level}"]) for level in range(3)]
    assert apart(model(formula()), expected) < 1e-4
    assert apart(fuse(model)(formula()), expected) < 1e-4
