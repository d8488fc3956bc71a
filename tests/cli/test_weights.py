"""`yoloaudit weights` tells what a checkpoint is, to a person or a program, and refuses what is none in one line."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from tests.example_checkpoints import Tensors, detector, mapping, number, pickle, plain, tensor, zipped
from yoloaudit.cli import boundary
from yoloaudit.cli import weights as module

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
HOSTILE = ["\x1b[31mred", "::error::x", "##[error]x", "[bold]x[/bold]", "a\nb", "\u202eevil", "é"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tensors = Tensors()
    model = detector(tensors, "s", attributes={"hyp": plain({"lr0": 0.01, "bad": float("nan")})})
    top = mapping({"epoch": number(7), "model": model, "date": plain("2022"), "best_fitness": plain(0.123456789)})
    (tmp_path / "good.pt").write_bytes(zipped(pickle(top), tensors.storages))
    many = Tensors()
    names = plain([HOSTILE[index % 7] for index in range(40)])
    model = detector(many, "n", 40, attributes={"names": names, "hyp": plain({HOSTILE[0]: HOSTILE[1]})})
    top = mapping({"model": model, HOSTILE[0]: plain(HOSTILE), HOSTILE[1]: plain(HOSTILE[4]), "opt": plain([[1], [2]])})
    (tmp_path / "hostile.pt").write_bytes(zipped(pickle(top), many.storages))
    (tmp_path / "plain.pt").write_bytes(zipped(pickle(mapping({HOSTILE[0]: tensor()}))))
    (tmp_path / "nan.pt").write_bytes(
        zipped(pickle(mapping({HOSTILE[0]: tensor()})), {"0": np.full(4, np.nan, np.float32).tobytes()})
    )
    (tmp_path / "none.pt").write_bytes(b"hello")
    return tmp_path


def command(arguments: list[str]) -> int:
    """The command as the app runs it."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(module.weights)
    outcome = typer.main.get_command(app)(args=arguments, prog_name="weights", standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def run(*arguments: Any) -> int:
    return boundary.guarded(command, [str(argument) for argument in arguments])


def test_a_checkpoint_for_a_person(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder / "good.pt") == 0
    out = capsys.readouterr().out
    assert "yolov5s, v6.1" in out
    assert "2: class 0, class 1" in out
    assert "float16" in out
    assert "stride 16 px: 112 × 128, 144 × 160, 176 × 192" in out
    assert "epoch: 7" in out
    assert "best_fitness: 0.123457" in out
    assert "hyp: 2 values" in out
    assert "note" not in out


def test_a_checkpoint_for_a_program(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder / "good.pt", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == 1
    assert (told["layout"], told["size"], told["version"], told["classes"]) == ("yolov5", "s", "v6.1", 2)
    assert (told["names"], told["strides"], told["unlike"]) == (["class 0", "class 1"], [8, 16, 32], None)
    assert told["settings"]["hyp"] == {"lr0": 0.01, "bad": None}
    assert len(told["sha256"]) == 64
    assert told["parameters"] == sum(told["dtypes"].values()) - 18 - 32 - 8 - 2
    assert told["anchors"][1] == [[112, 128], [144, 160], [176, 192]]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("name", ["hostile.pt", "plain.pt"])
def test_texts_of_the_file_are_data(folder: Path, name: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder / name, "--format", form) == 0
    out = capsys.readouterr().out
    assert not CONTROL.search(out)
    assert not re.search(r"(?m)^\s*::\S|##\[", out)
    if form == "json":
        assert json.loads(out)
    elif name == "hostile.pt":
        assert "… and 20 more: --format json" in " ".join(out.split())
        assert "[bold]x[/bold]" in out
    else:
        assert "holds no detector of YOLOv5" in out


def test_names_that_do_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tensors = Tensors()
    model = detector(tensors, "n", attributes={"names": plain(["a", "b", "c"])})
    (tmp_path / "a.pt").write_bytes(zipped(pickle(model), tensors.storages))
    assert run(tmp_path / "a.pt") == 0
    assert "2, and no names that fit them" in capsys.readouterr().out


NONE = {"none.pt": "is no checkpoint", "nan.pt": "not finite", "": "is a folder", "absent.pt": "does not exist"}


@pytest.mark.parametrize(("name", "said"), NONE.items())
def test_what_is_no_checkpoint(folder: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "json"):
        assert run(folder / name, "--format", form) == 2
        out, err = capsys.readouterr()
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert said in err
        assert not CONTROL.search(err)
        assert (said in json.loads(out)["error"]["message"]) if form == "json" else out == ""


def test_another_format(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder / "good.pt", "--format", "sarif") == 2
    assert "text or json" in capsys.readouterr().err
