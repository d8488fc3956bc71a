"""The model in a pickle becomes a flat state dictionary, in the order that torch has; no tree of modules is a trap."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.example_checkpoints import (
    Tensors,
    call,
    detector,
    group,
    listing,
    mapping,
    module,
    name,
    number,
    pickle,
    plain,
    read,
    saved,
    tensor,
    text,
    zipped,
)
from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint import pickles
from yoloaudit.train.types import Checkpoint

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
SYSTEM = name("os", "system")
BY_ID = plain({0: "class 0", 1: "class 1"})


def refused(data: bytes) -> str:
    with pytest.raises(CheckpointError) as caught:
        read(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def trained(tensors: Tensors, model: bytes, **top: bytes) -> Checkpoint:
    return read(zipped(pickle(mapping({"epoch": number(-1), "model": model, **top})), tensors.storages))


@pytest.mark.parametrize(
    ("stem", "root", "top", "said", "version"),
    [
        ("Focus", "Model", {}, {}, "v4.0"),
        ("Focus", "Model", {"ema": b"N", "updates": b"N"}, {}, "v5.0"),
        ("Conv", "Model", {"ema": b"N"}, {}, "v6.0"),
        ("Conv", "Model", {"ema": b"N", "date": plain("2022-02-13")}, {}, "v6.1"),
        ("Conv", "DetectionModel", {"ema": b"N", "opt": plain({"epochs": 3})}, {}, "v6.2"),
        (
            "Conv",
            "DetectionModel",
            {"ema": b"N", "git": b"}"},
            {"names": plain({0: "class 0", 1: "class 1"})},
            "v7.0 or later",
        ),
    ],
)
def test_layouts_of_the_releases(
    stem: str, root: str, top: dict[str, bytes], said: dict[str, bytes], version: str
) -> None:
    tensors = Tensors()
    made = trained(tensors, detector(tensors, "s", stem=stem, root=root, attributes=said), **top)
    assert (made.layout, made.size, made.version, made.classes) == ("yolov5", "s", version, 2)
    assert made.names == ("class 0", "class 1")
    assert made.strides == (8, 16, 32)
    assert made.anchors is not None
    assert made.anchors[2].tolist() == [[13 * 32, 14 * 32], [15 * 32, 16 * 32], [17 * 32, 18 * 32]]
    assert list(made.state)[-4:] == ["model.24.anchors", *(f"model.24.m.{level}.weight" for level in range(3))]
    assert {str(array.dtype) for array in made.state.values()} == {"float16", "int64"}
    assert made.settings["blocks"][:2] == [root, "Sequential"]


def test_the_moving_average_comes_before_the_model() -> None:
    tensors = Tensors()
    made = trained(tensors, detector(tensors, "n"), ema=detector(tensors, "m"))
    assert made.size == "m"
    assert "ema" not in made.settings


def test_a_model_that_was_pickled_alone() -> None:
    tensors = Tensors()
    made = read(zipped(pickle(detector(tensors, "n")), tensors.storages))
    assert (made.size, made.version, list(made.settings)) == ("n", "v6.0", ["blocks"])


def test_settings_are_plain_and_hold_what_the_model_says() -> None:
    tensors = Tensors()
    path = call(name("pathlib", "PosixPath"), text("/"), text("data"))
    extra = {"hyp": plain({"lr0": 0.01}), "yaml": plain({"nc": 2})}
    top = {"date": text("2022"), "opt": mapping({"evolve_population": path}), "optimizer": plain({"state": {}})}
    made = trained(tensors, detector(tensors, "n", attributes=extra), **top)
    wanted = {
        "epoch": -1,
        "date": "2022",
        "opt": {"evolve_population": "/data"},
        "hyp": {"lr0": 0.01},
        "yaml": {"nc": 2},
    }
    assert {key: value for key, value in made.settings.items() if key != "blocks"} == wanted


@pytest.mark.parametrize(
    "names", [plain(["a"]), plain(["a", "b", "c"]), plain({0: "a", 2: "b"}), plain("ab"), plain([1, 2]), b"N"]
)
def test_names_that_do_not_fit_are_left_out(names: bytes) -> None:
    tensors = Tensors()
    made = trained(tensors, detector(tensors, "n", attributes={"names": names}))
    assert (made.names, made.classes) == ((), 2)


def test_buffers_that_are_not_part_of_the_state() -> None:
    tensors = Tensors()
    made = module(
        "torch.nn.modules.conv.Conv2d",
        {"weight": tensors.of(2), "bias": b"N"},
        {"kept": tensors.of(1), "passing": tensors.of(1), "anchor_grid": tensors.of(1)},
        attributes={"_non_persistent_buffers_set": call(name("builtins", "set"), listing(text("passing")))},
    )
    assert list(trained(tensors, module("models.yolo.Model", modules={"a": made})).state) == ["a.weight", "a.kept"]


@pytest.mark.parametrize("passing", [number(1), text("weight"), b"N", listing(b"]"), call(name("builtins", "set"))])
def test_a_set_of_passing_buffers_that_is_none(passing: bytes) -> None:
    tensors = Tensors()
    said = {"_non_persistent_buffers_set": passing}
    made = module("torch.nn.modules.conv.Conv2d", buffers={"weight": tensors.of(1)}, attributes=said)
    assert list(trained(tensors, made).state) == ["weight"]


@pytest.mark.parametrize("place", ["", "model", "state_dict"])
def test_plain_state_dictionaries(place: str) -> None:
    tensors = Tensors("float32")
    held = mapping({"b": tensors.of(values=[1.5]), "a": tensors.of(0, 5), "model.24.anchor_grid": tensors.of(1)})
    made = read(zipped(pickle(mapping({place: held, "epoch": number(3)}) if place else held), tensors.storages))
    assert (made.layout, list(made.state), made.classes, made.settings) == ("state-dict", ["b", "a"], 0, {})
    assert made.state["b"].tolist() == [1.5]
    assert made.state["a"].shape == (0, 5)


@pytest.mark.parametrize(
    ("storage", "data", "values"),
    [
        ("BFloat16Storage", np.array([1.5, -2], np.float32).view(np.uint32) >> 16, [1.5, -2.0]),
        ("BoolStorage", np.array([0, 7], np.uint8), [False, True]),
        ("CharStorage", np.array([-1, 1], np.int8), [-1, 1]),
        ("HalfStorage", np.array([0.5, 65504], np.float16), [0.5, 65504.0]),
    ],
)
def test_types_of_storages(storage: str, data: Any, values: list[Any]) -> None:
    raw = data.astype(np.uint16).tobytes() if storage == "BFloat16Storage" else data.tobytes()
    body = mapping({"a": tensor(2, 0, (2,), (1,), storage=storage)})
    held = read(zipped(pickle(body), {"0": raw})).state["a"]
    assert held.tolist() == values
    assert str(held.dtype) == {"BFloat16Storage": "float32", "BoolStorage": "bool"}.get(storage, str(data.dtype))


def test_views_into_one_storage() -> None:
    data = np.arange(24, dtype=np.float32)
    views = {
        "turned": tensor(24, 0, (4, 6), (1, 4)),
        "part": tensor(24, 5, (2, 2), (6, 1)),
        "repeated": tensor(24, 1, (3, 2), (0, 1)),
        "one": tensor(24, 23, (), ()),
        "odd": tensor(24, 0, (1, 2), (1 << 60, 1)),
    }
    state = read(zipped(pickle(mapping(views)), {"0": data.tobytes()})).state
    assert state["turned"].tolist() == data.reshape(6, 4).T.tolist()
    assert state["part"].tolist() == [[5, 6], [11, 12]]
    assert state["repeated"].tolist() == [[1, 2]] * 3
    assert state["one"] == 23
    assert state["one"].shape == ()
    assert all(array.flags.c_contiguous and array.flags.writeable for array in state.values())


@pytest.mark.parametrize(
    "value",
    [
        number(7),
        b"]",
        b"N",
        text("model"),
        group(),
        mapping({}),
        mapping({"x": number(1)}),
        mapping({"model": number(7)}),
        mapping({"model": b"]"}),
        mapping({"model": b"N", "ema": b"N"}),
        mapping({"model": name("models.yolo", "Model")}),
        mapping({"model": name("models.yolo", "Model") + b")\x81"}),
        mapping({"model": call(name("builtins", "set"), b"]")}),
        mapping({"model": module("models.yolo.Model")}),
        mapping({"model": module("models.yolo.Model", {"a": number(1)})}),
        mapping({"model": module("models.yolo.Model", {"a": text("x")})}),
        mapping({"model": module("models.yolo.Model", modules={"a": tensor()})}),
        mapping({"model": module("models.yolo.Model", attributes={"_modules": b"]"})}),
        mapping({"model": module("models.yolo.Model", attributes={"_parameters": plain({1: 2})})}),
        mapping({"model": module("models.yolo.Model", {"a" * 2000: tensor()})}),
        mapping({"state_dict": mapping({"a": tensor(), "b": number(1)})}),
        mapping({"a": tensor(), "\x1b[31m\n::error::": number(1)}),
        b"}(" + number(1) + tensor() + b"u",
        mapping({"a" * 2000: tensor()}),
    ],
)
def test_what_holds_no_model(value: bytes) -> None:
    said = refused(zipped(pickle(value)))
    assert "checkpoint" in said or "tensors" in said
    assert said.isascii()


def test_two_tensors_of_one_name() -> None:
    tensors = Tensors()
    inner = module("models.common.Conv", {"b": tensors.of(1)})
    model = module("models.yolo.Model", {"a.b": tensors.of(1)}, modules={"a": inner})
    assert "two tensors" in refused(zipped(pickle(mapping({"model": model})), tensors.storages))


MODEL = name("models.yolo", "Model")


def nested(state: bytes) -> bytes:
    """A model, remembered as 1, whose state comes after."""
    return MODEL + b")\x81q\x01" + state + b"b"


@pytest.mark.parametrize(
    "model",
    [
        nested(mapping({"_modules": mapping({"a": b"h\x01"})})),
        nested(mapping({"_modules": mapping({"a": b"h\x01", "b": b"h\x01"})})),
        nested(mapping({"_modules": b"}q\x02(" + b"".join(text(str(i)) + b"h\x01" for i in range(3000)) + b"u"})),
    ],
)
def test_a_model_that_holds_itself(model: bytes) -> None:
    began = time.perf_counter()
    assert "holds itself" in refused(saved(model=model))
    assert time.perf_counter() - began < 2


def test_a_model_whose_parts_are_shared_a_thousandfold(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = Tensors()
    leaf = module("models.common.Conv", {str(index): b"N" for index in range(2000)})
    body = leaf + b"q\x010" + module("models.yolo.Model", modules={str(index): b"h\x01" for index in range(2000)})
    began = time.perf_counter()
    assert "parts" in refused(zipped(pickle(body), tensors.storages))
    twice = module("models.common.Conv", {"a": tensor()}) + b"q\x010"
    for _ in range(40):
        twice += module("models.common.Conv", modules={"a": b"h\x01", "b": b"h\x01"}) + b"q\x010"
    assert "parts" in refused(zipped(pickle(twice + b"h\x01")))
    assert time.perf_counter() - began < 5


def test_tensors_that_are_larger_than_the_file_can_be() -> None:
    views = {str(index): tensor(1000, 0, (1000,), (1,)) for index in range(100)}
    assert "in all" in refused(zipped(pickle(mapping(views)), {"0": bytes(4000)}))


def test_a_malicious_pickle_beside_a_good_model() -> None:
    tensors = Tensors()
    model = detector(tensors, "n")
    for top in ({"opt": call(SYSTEM, text("true"))}, {"optimizer": SYSTEM}, {"date": listing(SYSTEM)}):
        data = zipped(pickle(mapping({"model": model, **top})), tensors.storages)
        assert "asks for os.system" in refused(data)


@pytest.mark.skipif(not (SHARED / "weights").exists(), reason="the published weights are not beside this checkout")
def test_the_published_model_as_its_trainer_sees_it() -> None:
    golden = json.loads((SHARED / "reference/golden/yolov5n_state_dict_keys.json").read_text(encoding="utf-8"))
    made = read((SHARED / "weights/yolov5n_coco_v6.0.pt").read_bytes())
    held = {name: {"shape": list(array.shape), "dtype": str(array.dtype)} for name, array in made.state.items()}
    removed = golden["v61_and_later"]["keys_removed"]
    wanted = {name: each for name, each in golden["checkpoint"]["entries"].items() if name not in removed}
    assert list(held.items()) == list(wanted.items())
    assert len(held) == golden["v61_and_later"]["count"]
    assert (made.size, made.version, made.classes, made.names[0]) == ("n", "v6.0", 80, "person")
    assert pickles.MODELS[0] == "ema"
