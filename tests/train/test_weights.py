"""Files of weights → models: whole or refused; transfer between models; classes compared with a data set's."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tests.example_models import COCO, FACE, apart, lively, needs_shared
from yoloaudit.errors import CheckpointError
from yoloaudit.progress import silent
from yoloaudit.train.checkpoint import lineage
from yoloaudit.train.model import build
from yoloaudit.train.release import locate as releases
from yoloaudit.train.types import Checkpoint
from yoloaudit.train.weights import check_names, detector, load, transfer

State = dict[str, NDArray[Any]]
VARIANCE, COUNTER, BIAS = "model.0.bn.running_var", "model.0.bn.num_batches_tracked", "model.24.m.1.bias"


@pytest.fixture(autouse=True)
def drawn_weights() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        yield


def state_of(size: str = "n", classes: int = 2, half: bool = False, **options: Any) -> State:
    model = build(size, classes, **options)
    lively(model)
    arrays = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return {
        name: array.astype(np.float16) if half and array.dtype == np.float32 else array
        for name, array in arrays.items()
    }


def told(state: State, **facts: Any) -> Checkpoint:
    return replace(lineage.told(state, "state-dict"), path="held.pt", **facts)


@pytest.fixture(scope="module")
def whole() -> State:
    return state_of()


@torch.no_grad()
def test_a_model_comes_back_as_it_was(whole: State) -> None:
    model = detector(told(whole, names=("cat", "dog")))
    assert model.names == ("cat", "dog")
    assert not model.training
    assert all(weight.requires_grad for weight in model.parameters())
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), whole[name])
    model.head.anchors += 1
    assert whole["model.24.anchors"][0, 0, 0] == np.float32(10 / 8)


@pytest.mark.parametrize(("size", "architecture"), [("n6", "v6"), ("n", "v5"), ("n6", "v5"), ("s", "v6")])
@torch.no_grad()
def test_each_kind_of_model(size: str, architecture: Any) -> None:
    state = state_of(size, 3, half=True, architecture=architecture)
    model = detector(told(state))
    assert (model.size.name, model.architecture, model.classes) == (size, architecture, 3)
    assert {tensor.dtype for tensor in model.state_dict().values()} == {torch.float32, torch.int64}
    assert model(torch.rand(1, 3, 64, 64))[0].isfinite().all()


def test_anchors_of_its_own() -> None:
    own = np.arange(1, 25, dtype=np.float32).reshape(3, 4, 2)
    model = detector(told(state_of(anchors=own)))
    np.testing.assert_allclose(model.anchors_px.numpy(), own)


def test_old_files_hold_anchors_twice(whole: State) -> None:
    detector(told({**whole, "model.24.anchor_grid": np.zeros((3, 1, 3, 1, 1, 2))}))


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[State], State]:
    return lambda state: {**state, name: change(state[name].copy())}


def without(*names: str) -> Callable[[State], State]:
    return lambda state: {name: array for name, array in state.items() if name not in names}


def put(value: float) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        array.flat[1] = value
        return array

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without(BIAS), r"of its tensors are 1 missing \(first model.24.m.1.bias\)"),
        (without(VARIANCE, BIAS), r"2 missing \(first model.0.bn.running_var\)"),
        (lambda state: {**state, "extra\x1b[2J": np.zeros(1)}, "unknown"),
        (changed(BIAS, lambda array: array[:-1]), r"of another shape .*model.24.m.1.bias, \[20\] in place of \[21\]"),
        (changed(COUNTER, lambda array: array.reshape(1)), r"num_batches_tracked, \[1\] in place of \[\]"),
        (changed(BIAS, put(np.nan)), "is damaged: 1 of the 21 weights in model.24.m.1.bias are not finite"),
        (changed(BIAS, put(np.inf)), "model.24.m.1.bias are not finite"),
        (changed(BIAS, lambda array: array.astype(np.float64) + 1e300), "model.24.m.1.bias are beyond 32 bits"),
        (changed(BIAS, lambda array: array.astype(np.complex64)), "model.24.m.1.bias holds complex64, not numbers"),
        (changed(VARIANCE, put(-1)), "model.0.bn.running_var holds -1, which no training gives"),
        (changed("model.24.anchors", put(0)), "model.24.anchors holds 0, which no training gives"),
        (without("model.24.anchors"), "no detector of YOLOv5"),
        (lambda state: {"fc.weight": np.zeros((2, 2))}, "no detector of YOLOv5"),
        (changed("model.0.conv.weight", lambda array: array[:9]), "none of the sizes"),
    ],
)
def test_what_is_refused(change: Callable[[State], State], said: str, whole: State) -> None:
    with pytest.raises(CheckpointError, match=said) as caught:
        detector(told(change(whole)))
    assert str(caught.value).startswith("held.pt ")
    assert "\n" not in str(caught.value)


def test_a_channel_that_never_varied_is_no_damage(whole: State) -> None:
    assert detector(told(changed(VARIANCE, put(0))(whole))).state_dict()[VARIANCE][1] == 0


def test_release_3_is_named(whole: State) -> None:
    with pytest.raises(CheckpointError, match=r"v3.*v4.0 and later"):
        detector(told({**whole, lineage.CSP: np.zeros((8, 8, 1, 1), np.float32)}))


def test_a_segmentation_model_is_named(whole: State) -> None:
    with pytest.raises(CheckpointError, match="built with Proto, Segment"):
        detector(told(whole, layout="yolov5", settings={"blocks": ["Conv", "Segment", "Proto"]}))


def test_a_file_or_an_official_name(whole: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "held.safetensors"
    save_file(whole, file)
    model, found = load(str(file))
    assert found.path == str(file)
    assert model.classes == found.classes == 2
    asked: list[str] = []

    def located(name: str, **options: Any) -> str:
        asked.append(name)
        options["tell"]("comes from elsewhere")
        assert options["progress"] is silent
        return str(file)

    monkeypatch.setattr(releases, "locate", located)
    assert load("yolov5n", device="meta", tell=asked.append)[0].anchors.is_meta
    load("yolov5n6")
    assert asked == ["yolov5n", "comes from elsewhere", "yolov5n6"]


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no file"):
        load(str(tmp_path / "absent.pt"))


@needs_shared
@pytest.mark.parametrize(("path", "classes", "first"), [(COCO, 80, "person"), (FACE, 1, "face")])
@torch.no_grad()
def test_files_of_the_trainer(path: Path, classes: int, first: str) -> None:
    model, found = load(str(path))
    assert (model.size.name, model.classes, model.names[0]) == ("n", classes, first)
    assert list(model.state_dict()) == list(found.state)
    again, _ = load(str(path))
    assert apart(model(torch.ones(1, 3, 64, 64)), again(torch.ones(1, 3, 64, 64))) == 0


@needs_shared
@pytest.mark.parametrize(("classes", "copied"), [(80, 349), (2, 343)])
def test_transfer_counts_as_upstream_does(classes: int, copied: int) -> None:
    _, found = load(str(COCO))
    done = transfer(build("n", classes), found)
    assert done[:2] == (copied, 349)
    assert done.left == (
        () if classes == 80 else tuple(f"model.24.m.{n}.{part}" for n in range(3) for part in ("weight", "bias"))
    )


def test_transfer_copies_what_fits_and_leaves_the_rest(whole: State) -> None:
    model = build("n", 7).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    done = transfer(model, told({**whole, "else": np.zeros(3)}))
    assert (done.copied, done.of) == (343, 349)
    for name, tensor in model.state_dict().items():
        expected = before[name].numpy() if name in done.left else whole[name]
        np.testing.assert_array_equal(tensor.numpy(), expected)
    assert model.training
    assert all(weight.requires_grad for weight in model.parameters())


def test_transfer_without_anchors() -> None:
    own = np.full((3, 3, 2), 5, np.float32)
    model = build("n", 2, anchors=own)
    done = transfer(model, told(state_of()), anchors=False)
    assert done.left == ("model.24.anchors",)
    np.testing.assert_array_equal(model.anchors_px.numpy(), own)


def test_transfer_of_damaged_weights_changes_nothing(whole: State) -> None:
    model = build("n", 2)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(CheckpointError, match=r"model.24.m.1.bias are not finite"):
        transfer(model, told(changed(BIAS, put(np.nan))(whole)))
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (("cat", "dog"), ("cat", "dog"), None),
        (("cat", "dog"), (" Cat", "DOG"), None),
        ((), ("cat", "dog"), None),
        (("cat", "dog"), ("cat", "cow"), "class 1 is 'dog' in the weights, but 'cow' in the data set"),
        (
            ("cat", "dog"),
            ("dog", "cat"),
            "class 0 is 'cat' in the weights, but 'dog' in the data set, and 1 more of 2 differ",
        ),
        (("cat", "dog"), ("cat",), "the weights know 2 classes (cat, dog), the data set has 1 class (cat)"),
        ((), tuple("abcd"), "the weights know 2 classes, the data set has 4 classes (a, b, c …)"),
        (("cat", "dog"), (), "the weights know 2 classes (cat, dog), the data set has 0 classes"),
    ],
)
def test_classes_compared(ours: tuple[str, ...], theirs: tuple[str, ...], said: str | None) -> None:
    assert check_names(Checkpoint({}, "state-dict", names=ours, classes=2), theirs) == said
