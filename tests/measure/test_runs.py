"""Run folders, of YOLOv5 and of yoloaudit, as they are left behind, spoilt and planted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.example_runs import HYPER, OPTIONS, of_yoloaudit, of_yolov5
from yoloaudit.checks.base import Training
from yoloaudit.errors import UsageError
from yoloaudit.measure.runs import read_run

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
COCO = SHARED / "weights" / "yolov5n_coco_v6.0.pt"
needs_weights = pytest.mark.skipif(not COCO.exists(), reason="needs shared/weights")


def test_a_run_of_yolov5(tmp_path: Path) -> None:
    run = read_run(str(of_yolov5(tmp_path / "exp")))
    assert run.epochs is not None
    assert (len(run.epochs), run.epochs.best) == (3, 1)
    assert (run.imgsz, run.batch, run.planned, run.evaluated_at) == (640, 16, 3, 640)
    assert (run.anchor_t, run.scale, run.data) == (4.0, 0.5, "data/coco128.yaml")
    assert run.changed == ()
    assert [run.map50, run.anchors, run.fingerprint, run.most_batch] == [None] * 4
    assert run.problems == ()


def test_settings_that_are_not_the_default(tmp_path: Path) -> None:
    options = OPTIONS.replace("cos_lr: false", "cos_lr: true").replace("workers: 8", "workers: 2")
    run = read_run(str(of_yolov5(tmp_path / "exp", options=options, hyper=HYPER.replace("lr0: 0.01", "lr0: 0.02"))))
    assert run.changed is not None
    assert [(each.name, each.value, each.default, each.kind) for each in run.changed] == [
        ("cos_lr", "on", "off", "option"),
        ("lr0", "0.02", "0.01", "hyper-parameter"),
    ]


@needs_weights
def test_anchors_are_those_of_the_weights(tmp_path: Path) -> None:
    run = read_run(str(of_yolov5(tmp_path / "exp", weights=COCO)))
    assert run.anchors is not None
    assert run.anchors.shape == (3, 3, 2)
    assert run.anchors[0, 0].tolist() == [10, 13]


def test_a_run_of_yoloaudit_has_evidence(tmp_path: Path) -> None:
    record = {"most_batch": 64, "dataset": {"fingerprint": "f00d"}}
    run = read_run(str(of_yoloaudit(tmp_path / "exp", Training(images=50, record=record))))
    assert run.map50 is not None
    assert run.map50.low < run.map50.value < run.map50.high
    assert run.map50.images == 50
    assert (run.most_batch, run.fingerprint) == (64, "f00d")
    assert run.anchors is not None
    assert [run.baseline, run.difference] == [None, None]


def test_a_run_against_an_earlier_one(tmp_path: Path) -> None:
    better, worse = (of_yoloaudit(tmp_path / str(right), Training(right=right)) for right in (0.8, 0.6))
    run = read_run(str(worse), baseline=str(better))
    assert run.baseline is not None
    assert run.difference is not None
    assert run.difference.high < 0
    same = read_run(str(better), baseline=str(better)).difference
    assert same is not None
    assert (same.low, same.value, same.high) == (0, 0, 0)
    of_other = read_run(str(worse), baseline=str(of_yolov5(tmp_path / "other")))
    assert of_other.difference is None


@pytest.mark.parametrize("kept", ["results.csv", "opt.yaml", "record.json"])
def test_one_file_is_enough(kept: str, tmp_path: Path) -> None:
    folder = of_yoloaudit(tmp_path / "exp")
    for path in folder.iterdir():
        if path.name != kept:
            path.unlink()
    run = read_run(str(folder))
    assert (run.epochs is not None) == (kept == "results.csv")
    assert (run.imgsz is not None) == (kept == "opt.yaml")
    assert (run.map50 is not None) == (kept == "record.json")
    assert (run.changed is not None) == (kept == "opt.yaml")


def test_no_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing", "a\0b"):
        with pytest.raises(UsageError, match=r"^--run .*(no run|no such)"):
            read_run(str(tmp_path / folder))
    of_yolov5(tmp_path / "exp")
    with pytest.raises(UsageError, match=r"^--baseline "):
        read_run(str(tmp_path / "exp"), baseline=str(tmp_path / "empty"))


SPOILT: dict[str, list[bytes]] = {
    "results.csv": [b"", b"\x89PNG", b"epoch\n", b"epoch,train/box_loss\0"],
    "opt.yaml": [
        b"!!python/object/apply:os.system [touch planted]\n", b"a: &a 1\nb: *a\n", b"", b"- 1\n", b"\xff\xfe\0\0",
        b"<<: {a: 1}\n", b"x: " + b"[" * 50 + b"]" * 50, b"imgsz: [640", b"z: 2023-02-30\nq: !!binary x\n",
    ],
    "hyp.yaml": [b"!!python/name:os.system\n", b"lr0: *x\n"],
    "record.json": [
        b"", b"[1]", b"{", b'{"evaluation": ' + b"[" * 99 + b"]" * 99 + b"}", b"\xff", b"NaN", b'"x"',
        b'{"evaluation": {"evidence": {"images": ["a"], "digests": "x y"}}}', b'{"evaluation": {"evidence": []}}',
    ],
    "weights/best.pt": [b"", b"PK\3\4junk", b"<html>", b"\x80\2c__builtin__\neval\n."],
}  # fmt: skip


@pytest.mark.parametrize("name", list(SPOILT))
def test_a_spoilt_file_costs_what_it_tells_and_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, content in enumerate(SPOILT[name]):
        folder = of_yolov5(tmp_path / str(number))
        (folder / name).write_bytes(content)
        run = read_run(str(folder))
        (problem,) = run.problems
        assert name in problem
        assert "\n" not in problem
        assert "train, val and names" not in problem
        assert (run.epochs is None) == (name == "results.csv")
    assert not Path("planted").exists()


HOSTILE = [
    "imgsz: 99999999999999999999\nbatch_size: -1\nepochs: 1.5\ndata: [1]\n",
    "imgsz: .nan\nbatch_size: .inf\nepochs: yes\n",
    "imgsz: [640, 640]\nfreeze: {a: 1}\noptimizer: [1, [2]]\npatience: 1e999\n",
    "imgsz: 0\noptimizer: '" + "x" * 5000 + "'\n",
    "hyp: 5\nweights: null\n",
    "? [a]\n: 1\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_values_that_nobody_writes(text: str, tmp_path: Path) -> None:
    folder = of_yolov5(tmp_path / "exp", options=text, hyper="anchor_t: -4\nscale: .nan\nlr0: [1, 2]\nbox: {a: b}\n")
    run = read_run(str(folder))
    assert run.imgsz is None or run.imgsz == 640
    assert run.batch is None or run.batch > 0
    assert (run.anchor_t, run.scale) == (4.0, 0.5)
    assert run.changed is not None
    assert all(len(each.value) <= 40 for each in run.changed)


@pytest.mark.parametrize(
    "anchors", [[], "x", [[1, 2]], [[["a", 1]]], [[[0, 1]]], [[[1e999, 1]]], {"a": 1}, [[[1], [2, 3]]]]
)
def test_anchors_that_are_none(anchors: object, tmp_path: Path) -> None:
    folder = of_yoloaudit(tmp_path / "exp")
    values = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps(values | {"anchors": anchors}))
    assert read_run(str(folder)).anchors is None


@pytest.mark.parametrize("name", ["results.csv", "opt.yaml", "weights/best.pt"])
def test_links_out_of_the_folder_are_not_followed(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("imgsz: 320\n")
    folder = of_yolov5(tmp_path / "exp")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)
    run = read_run(str(folder))
    assert run.imgsz != 320
    assert [problem for problem in run.problems if name in problem and "outside" in problem]
    assert not [problem for problem in run.problems if "data set" in problem]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_does_not_hang(tmp_path: Path) -> None:
    folder = of_yolov5(tmp_path / "exp")
    for name in ("results.csv", "hyp.yaml"):
        (folder / name).unlink()
        os.mkfifo(folder / name)
    (folder / "weights" / "best.pt").mkdir()
    assert len(read_run(str(folder)).problems) == 3


def test_reading_a_run_takes_no_torch(tmp_path: Path) -> None:
    folder = of_yoloaudit(tmp_path / "exp")
    read = f"import sys; from yoloaudit.measure.runs import read_run; read_run({str(folder)!r})"
    code = f"{read}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_epochs_are_as_they_were_written(tmp_path: Path) -> None:
    epochs = read_run(str(of_yolov5(tmp_path / "exp"))).epochs
    assert epochs is not None
    assert epochs.map50_95.tolist() == [0.12, 0.22, 0.21]
    assert np.allclose(epochs.val_losses[2], [0.08, 0.05, 0.04])
