"""The tensors tell size, classes and release, and no odd tensor upsets it."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.example_checkpoints import tensors_of
from yoloaudit.train.checkpoint import lineage
from yoloaudit.train.family import SIZES, Architecture

STATE = dict[str, NDArray[Any]]


@pytest.mark.parametrize("architecture", ["v5", "v6"])
@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_known_by_its_tensors(size: str, architecture: Architecture) -> None:
    held = tensors_of(size, 7, architecture)
    made = lineage.told(held, "state-dict")
    assert (made.size, made.classes, made.strides) == (size, 7, SIZES[size].strides)
    assert lineage.architecture_of(held) == architecture
    assert made.version == {"v5": "v4.0 or v5.0", "v6": "v6.0 or later"}[architecture]
    assert made.anchors is not None
    assert made.anchors[:, 0, 0].tolist() == list(SIZES[size].strides)


def test_widths_and_repeats_that_no_size_has() -> None:
    held = tensors_of("n")
    held["model.2.m.1.cv1.conv.weight"] = np.ones((8, 8, 1, 1))
    assert lineage.size_of(held) is None
    assert lineage.size_of(tensors_of("n") | {lineage.STEM: np.ones((24, 3, 6, 6))}) is None
    assert lineage.size_of(tensors_of("n") | {lineage.STEM: np.ones(16)}) is None
    assert lineage.size_of({}) is None


def changed(**tensors: NDArray[Any]) -> STATE:
    return tensors_of("n") | {f"model.24.{name}": tensor for name, tensor in tensors.items()}


@pytest.mark.parametrize(
    "held",
    [
        {},
        {"model.24.anchors": np.ones((3, 3, 2))},
        changed(anchors=np.ones((3, 2))),
        changed(anchors=np.ones((3, 3, 3))),
        changed(anchors=np.ones((0, 3, 2))),
        changed(anchors=np.ones((3, 0, 2))),
        changed(anchors=np.ones((9, 3, 2))),
        changed(anchors=np.ones((4, 3, 2))),
        changed(anchors=np.ones((3, 5, 2))),
        changed(**{"m.0.weight": np.ones((18, 64, 1, 1))}),
        changed(**{"m.0.weight": np.ones((24, 64))}),
        changed(**{f"m.{level}.weight": np.ones((15, 64, 1, 1)) for level in range(3)}),
        changed(**{f"m.{level}.weight": np.ones((0, 64, 1, 1)) for level in range(3)}),
        changed(**{f"m.{level}.weight": np.zeros((90_000, 1, 1, 1)) for level in range(3)}),
        {"model.999999999999.anchors": np.ones((3, 3, 2))},
    ],
)
def test_tensors_without_a_head(held: STATE) -> None:
    made = lineage.told(held, "state-dict")
    assert (made.classes, made.size, made.anchors, made.strides) == (0, None, None, ())


@pytest.mark.parametrize(
    "said", [None, np.zeros(3), np.array([8, np.nan, 32]), np.ones(4), np.ones((3, 1)), np.full(3, 1e9)]
)
def test_strides_that_make_no_sense_are_those_of_the_family(said: NDArray[Any] | None) -> None:
    assert lineage.told(tensors_of("n"), "yolov5", said).strides == (8, 16, 32)


def test_strides_as_the_file_says_them_also_where_the_family_has_none() -> None:
    assert lineage.told(tensors_of("n"), "yolov5", np.array([4.0, 8.0, 16.0])).strides == (4, 8, 16)
    two = changed(anchors=np.ones((2, 3, 2)))
    assert lineage.told(two, "yolov5").strides == ()
    assert lineage.told(two, "yolov5").anchors is None
    assert lineage.told(two, "yolov5", np.array([8.0, 16.0])).strides == (8, 16)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
def test_anchors_that_are_no_numbers(value: float) -> None:
    assert lineage.told(changed(anchors=np.full((3, 3, 2), value)), "yolov5").anchors is None


@pytest.mark.parametrize("shape", [(), (2, 2), (0, 3)])
def test_bfloat16_becomes_float32(shape: tuple[int, ...]) -> None:
    made = lineage.widened(np.full(shape, 0xC000, np.uint16))
    assert isinstance(made, np.ndarray)
    assert (made.shape, str(made.dtype)) == (shape, "float32")
    assert (made == -2).all()


NAMES = ["a"]


@pytest.mark.parametrize(
    ("held", "keys", "root", "blocks", "names", "version"),
    [
        ({lineage.CSP: np.ones(1)}, (), "Model", ("LeakyReLU",), NAMES, "v3.0"),
        ({lineage.CSP: np.ones(1)}, (), "Model", ("Hardswish",), NAMES, "v3.1"),
        ({lineage.CSP: np.ones(1)}, (), "Model", (), NAMES, "v3.0 or v3.1"),
        (tensors_of("s", architecture="v5"), ("model", "wandb_id"), "Model", (), NAMES, "v4.0"),
        (tensors_of("s6", architecture="v5"), ("model", "ema", "updates"), "Model", (), NAMES, "v5.0"),
        (tensors_of("n"), ("model", "ema", "training_results"), "Model", (), NAMES, "v6.0"),
        (tensors_of("n"), ("model", "ema", "date"), "Model", (), NAMES, "v6.1"),
        (tensors_of("n"), ("model", "ema", "date", "opt"), "Model", (), NAMES, "v6.2"),
        (tensors_of("n"), ("model", "ema", "date"), "DetectionModel", (), NAMES, "v6.2"),
        (tensors_of("n"), ("model", "ema", "date", "opt", "git"), "DetectionModel", (), NAMES, "v7.0 or later"),
        (tensors_of("n"), ("model", "ema"), "DetectionModel", (), {0: "a"}, "v7.0 or later"),
        ({}, ("model",), "Model", (), NAMES, None),
    ],
)
def test_the_release(
    held: STATE, keys: tuple[str, ...], root: str, blocks: tuple[str, ...], names: Any, version: str | None
) -> None:
    assert lineage.version_of_module(held, keys, root, blocks, names) == version
