"""A file of weights is read, or refused in one line with its likely cause; whatever it asks for, nothing is run."""

import gzip
import io
import os
import random
import sys
import time
import zipfile
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from benchmarks import fuzz_checkpoints, mutate_checkpoints
from benchmarks.fuzz_checkpoints import Watch, flaw
from tests.example_checkpoints import Tensors, call, detector, mapping, module, name, pickle, read, saved, text, zipped
from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint import read as checkpoint
from yoloaudit.train.types import Checkpoint

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
PUBLISHED = SHARED / "weights" / "yolov5n_coco_v6.0.pt"
needs_weights = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published weights are not beside this checkout")


@pytest.fixture(scope="module")
def good() -> bytes:
    tensors = Tensors()
    return zipped(pickle(mapping({"model": detector(tensors, "n")})), tensors.storages)


def refused(path: Path | str) -> str:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.read(str(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_path_and_digest_of_what_was_read(tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pt").write_bytes(good)
    monkeypatch.chdir(tmp_path)
    made = checkpoint.read("a.pt")
    assert (made.path, made.size, made.classes) == ("a.pt", "n", 2)
    os.symlink("a.pt", "link.pt")
    assert checkpoint.read(str(tmp_path / "link.pt")).sha256 == made.sha256


@needs_weights
def test_a_published_file_is_read_in_no_time() -> None:
    checkpoint.read(str(PUBLISHED))
    began = time.perf_counter()
    made = checkpoint.read(str(PUBLISHED))
    assert time.perf_counter() - began < 0.3
    assert made.sha256 == "edd2e5cc4e3caa4b508168b51d9dc529da58b37813e0d2c8b49aba06aa3472dc"
    assert checkpoint.parameters(made.state) == 1_872_157
    assert checkpoint.damaged(made) is None
    assert checkpoint.unlike(made) is None
    assert made.anchors is not None
    assert made.anchors.astype(int).tolist()[0] == [[10, 13], [16, 30], [33, 23]]


def inner_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("weights/best.pt", b"")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n", "Git LFS"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf \n<HTML>", "web page"),
        (b"<?xml version='1.0'?><Error>", "web page"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\7", "RAR"),
        (bytes(257) + b"ustar\0" + bytes(300), "tar"),
        (b"\x08\x07\x12\x07pytorch\x1a\x051.9.0", "ONNX"),
        (b"\x1c\0\0\0TFL3" + bytes(20), "TensorFlow Lite"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (bytes(1000), "begins with zeros"),
        (pickle(call(name("os", "system"), text("true"))), "before 1.6"),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "before 1.6"),
        (b"cos\nsystem\n(S'true'\ntR.", "pickle of another kind is refused"),
        (b"hello", "is no checkpoint"),
        (b"PK\3\4" + bytes(100), "cut off"),
        (inner_zip(), "Unpack it"),
    ],
)
def test_likely_causes(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(content)
    told = refused(path)
    assert said in told
    assert str(path) in told


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    assert "is a folder" in refused(tmp_path)
    assert "is a named pipe" in refused(tmp_path / "pipe.pt")
    assert "is a device" in refused("/dev/zero")
    assert refused(tmp_path / "none.pt").endswith("none.pt does not exist. Name a .pt or .safetensors file")
    assert refused("") == "the path is a folder, not a regular file. Name a .pt or .safetensors file"
    assert "no file can have" in refused("a\0b.pt")


def test_a_file_that_is_too_large(tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pt").write_bytes(good)
    monkeypatch.setattr(checkpoint, "MOST_BYTES", 1000)
    assert "above the limit of 1,000" in refused(tmp_path / "a.pt")
    with (tmp_path / "sparse.pt").open("wb") as file:
        file.truncate(6 << 30)
    monkeypatch.undo()
    assert "above the limit" in refused(tmp_path / "sparse.pt")


def test_a_file_that_changes_while_it_is_read(tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    digest = checkpoint._digest

    def slow(file: Any) -> str:
        path.write_bytes(good + b"more")
        return digest(file)

    monkeypatch.setattr(checkpoint, "_digest", slow)
    assert "changed while it was read" in refused(path)


def test_a_disk_that_fails(tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pt").write_bytes(good)

    def fail(file: Any) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(checkpoint, "_digest", fail)
    assert "cannot be read: Input/output error" in refused(tmp_path / "a.pt")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_tensor_that_is_not_finite_is_named(value: float) -> None:
    tensors = Tensors("float32")
    parts = {
        "a": tensors.of(values=[1.0]),
        "b\x1b": tensors.of(values=[1.0, value, value]),
        "c": tensors.of(values=[value]),
    }
    told = checkpoint.damaged(read(zipped(pickle(mapping(parts)), tensors.storages)))
    assert told is not None
    assert "2 of the 3 weights in b\x1b are not finite" in told


def test_numbers_without_a_point_are_finite() -> None:
    state = {"a": np.ones(3, np.int64), "b": np.ones(2, np.bool_), "c": np.zeros((0, 3), np.float32)}
    assert checkpoint.damaged(Checkpoint(state, "state-dict")) is None


def built_with(*kinds: str) -> Checkpoint:
    tensors = Tensors()
    parts = {str(number): module(kind) for number, kind in enumerate(kinds)}
    whole = {"model": detector(tensors, "n"), **parts}
    return read(zipped(pickle(module("models.yolo.Model", modules=whole)), tensors.storages))


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["models.common.BottleneckCSP"], "v3, an older architecture"),
        (["models.common.C3TR", "models.common.TransformerBlock"], "built with C3TR, TransformerBlock"),
        (["torch.nn.modules.activation.Hardswish"], "built with Hardswish"),
        (["models.yolo.Segment"], "built with Segment"),
        (["models.common.SPP", "models.common.Focus"], "no detector"),
    ],
)
def test_weights_that_no_model_of_the_family_takes(kinds: list[str], said: str) -> None:
    told = checkpoint.unlike(built_with(*kinds))
    assert told is not None
    assert said in told


def test_weights_that_a_model_takes() -> None:
    for size, stem in (("n", "Conv"), ("x6", "Focus")):
        tensors = Tensors()
        made = read(zipped(pickle(detector(tensors, size, stem=stem)), tensors.storages))
        assert checkpoint.unlike(made) is None
    assert "none of the sizes" in str(checkpoint.unlike(Checkpoint(made.state, "state-dict", classes=2)))


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


def test_nothing_is_imported_opened_or_run_but_the_file_itself(tmp_path: Path, good: bytes, watch: Watch) -> None:
    evil = {
        "called": saved(model=call(name("os", "system"), text("true"))),
        "imported": saved(model=name("antigravity", "fly")),
        "state": saved(
            model=name("models.yolo", "Model") + b")\x81}" + text("__setstate__") + name("os", "system") + b"sb"
        ),
        "nested": saved(model=call(name("pickle", "loads"), text("x"))),
        "text": b"cos\nsystem\n(S'true'\ntR.",
        "good": good,
    }
    for number, content in enumerate(evil.values()):
        (tmp_path / f"{number}.pt").write_bytes(content)
    checkpoint.read(str(tmp_path / "5.pt"))
    for number, kind in enumerate(evil):
        path = str(tmp_path / f"{number}.pt")
        with watch.over() as events:
            if kind == "good":
                checkpoint.read(path)
            else:
                with pytest.raises(CheckpointError, match="refused"):
                    checkpoint.read(path)
        assert [event.split(",")[0] for event in events if "open (" not in event] == []
        assert events[0].startswith(f"open ('{path}'")
        assert len(events) == 2, "the file is opened, and Python makes a stream of it"


def test_mutated_checkpoints_are_read_or_refused(watch: Watch) -> None:
    rng, pool = random.Random(7), mutate_checkpoints.examples()
    fuzz_checkpoints.warm()
    for example in pool:
        assert flaw(example, watch) == (None, "read")
    ends = set()
    for _ in range(6000):
        example = mutate_checkpoints.mutated(rng.choice(pool), pool, rng)
        wrong, end = flaw(example, watch, lambda *_: None)
        assert wrong is None, (example.kind, example.data)
        ends.add(end.split(":")[0])
    assert len(ends) > 40


def test_files_that_torch_itself_writes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    state = {"a": torch.arange(6.0).reshape(2, 3).T, "b": torch.ones(2, dtype=torch.bfloat16), "c": torch.tensor(3)}
    for place, options in {"new.pt": {}, "fourth.pt": {"pickle_protocol": 4}}.items():
        torch.save(state, tmp_path / place, **options)
        made = checkpoint.read(str(tmp_path / place))
        assert made.state["a"].tolist() == [[0, 3], [1, 4], [2, 5]]
        assert (made.state["b"].tolist(), int(made.state["c"])) == ([1, 1], 3)
    torch.save(torch.nn.Conv2d(1, 2, 3), tmp_path / "module.pt")
    assert list(checkpoint.read(str(tmp_path / "module.pt")).state) == ["weight", "bias"]
    torch.save(state, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert "before 1.6" in refused(tmp_path / "old.pt")


def test_a_model_as_a_trainer_pickles_it_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes under upstream's names, saved by the torch, the NumPy and the Python that are installed."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    for place, words in {"models": (), "models.yolo": ("DetectionModel", "Detect"), "models.common": ("Conv",)}.items():
        made = ModuleType(place)
        for word in words:
            setattr(made, word, type(word, (torch.nn.Module,), {"__module__": place}))
        monkeypatch.setitem(sys.modules, place, made)
    conv, head, model = (
        sys.modules[f"models.{place}"].__dict__[word]()
        for place, word in (("common", "Conv"), ("yolo", "Detect"), ("yolo", "DetectionModel"))
    )
    conv.conv, conv.bn, conv.act = torch.nn.Conv2d(3, 16, 6, bias=False), torch.nn.BatchNorm2d(16), torch.nn.SiLU()
    head.m = torch.nn.ModuleList(torch.nn.Conv2d(width, 21, 1) for width in (64, 128, 256))
    head.register_buffer("anchors", torch.ones(3, 3, 2))
    head.stride = model.stride = torch.tensor([8.0, 16.0, 32.0])
    model.model = torch.nn.Sequential(conv, *(torch.nn.Identity() for _ in range(23)), head)
    model.names, model.yaml = {0: "a", 1: "b"}, {"nc": 2}
    top = {"epoch": 3, "best_fitness": np.array([0.25]), "model": None, "ema": model.half(), "git": {"branch": None}}
    top |= {"opt": {"evolve": Path("/data")}, "date": datetime(2026, 8, 21, 1, 2, 3), "score": np.float64(0.5)}
    torch.save({**top, "optimizer": torch.optim.SGD(model.parameters(), 0.1).state_dict()}, tmp_path / "last.pt")
    told = checkpoint.read(str(tmp_path / "last.pt"))
    assert {name: array.tolist() for name, array in told.state.items()} == {
        name: tensor.tolist() for name, tensor in model.state_dict().items()
    }
    assert list(told.state) == list(model.state_dict())
    assert (told.version, told.names, told.strides, told.classes) == ("v7.0 or later", ("a", "b"), (8, 16, 32), 2)
    assert told.settings["opt"] == {"evolve": "/data"}
    assert (told.settings["date"], told.settings["score"]) == ("2026-08-21T01:02:03", 0.5)
    assert told.settings["best_fitness"] == [0.25]
