"""Hyper-parameters and options: presets, files that are clean and files that are not, what people get wrong."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from yoloaudit.errors import UsageError
from yoloaudit.train.config import ELSEWHERE, PRESETS, Hyper, Options, describe, hyper, options


def test_presets_are_those_of_yolov5() -> None:
    assert list(PRESETS) == ["scratch-low", "scratch-med", "scratch-high", "no-augmentation", "VOC", "Objects365"]
    assert PRESETS["scratch-low"] == Hyper() == hyper()
    changed = {"lrf": 0.1, "cls": 0.3, "obj": 0.7, "scale": 0.9, "mixup": 0.1}
    assert PRESETS["scratch-med"] == Hyper().model_copy(update=changed)
    assert PRESETS["scratch-high"] == PRESETS["scratch-med"].model_copy(update={"copy_paste": 0.1})
    plain = PRESETS["no-augmentation"]
    assert plain.hsv_h == plain.hsv_s == plain.hsv_v == plain.translate == plain.scale == plain.fliplr == 0
    assert (plain.mosaic, plain.lr0, plain.lrf) == (0, 0.01, 0.1)
    assert (PRESETS["VOC"].anchors, PRESETS["VOC"].warmup_epochs, PRESETS["VOC"].mosaic) == (3.412, 3.3835, 0.85834)
    assert (PRESETS["Objects365"].anchors, PRESETS["Objects365"].cls_pw, PRESETS["Objects365"].obj_pw) == (
        3.2,
        0.825,
        1,
    )


def test_a_preset_is_known_by_the_name_of_its_file_too() -> None:
    for name, preset in PRESETS.items():
        assert hyper(name) == hyper(f"hyp.{name}.yaml") == preset


def test_a_file_goes_before_the_preset_it_is_named_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hyp.VOC.yaml").write_text("lr0: 0.5\n")
    (tmp_path / "VOC").write_text("lr0: 0.5\n")
    assert hyper("hyp.VOC.yaml") == Hyper(lr0=0.5)
    assert hyper("VOC") == PRESETS["VOC"]


def test_a_file_gives_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("# mine\nlr0: 1e-3  # text to YAML 1.1\nmosaic: 1\nanchors:\n")
    assert hyper(str(path)) == Hyper(lr0=0.001, mosaic=1.0)
    assert hyper(str(path), lr0=0.02, degrees=5) == Hyper(lr0=0.02, degrees=5.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lr1: 0.1", "unknown key 'lr1'. Did you mean 'lrf'?"),
        ("lr0: -1", "lr0: input should be greater than 0, not -1"),
        ("lr0: .nan", "lr0: input should be"),
        ("momentum: .inf", "momentum: input should be less than 1"),
        ("lr0: yes", "lr0: input should be a valid number, not True"),
        ("lr0: [1]", "lr0: input should be a valid number"),
        ("lr0: fast", "lr0: input should be a valid number, not 'fast'"),
        ("lr0: 0.1\nlr0: 0.2", "line 2: 'lr0' stands twice"),
        ("scale: 1.0", "scale: input should be less than 1"),
        ("label_smoothing: 0.1", "it is an option, --label-smoothing"),
        ("lr0: !!python/object/apply:os.system ['true']", "refused as unsafe"),
        ("a: &a [1]\nb: *a", "anchor or alias"),
        ("", "is empty: a YAML mapping of hyper-parameters is expected"),
        ("- 1", "is a list: a YAML mapping of hyper-parameters is expected"),
        ("lr0: 1\x00", "NUL bytes"),
        ("\x1b[31mred: 1", "control characters are not allowed"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        hyper(str(path))
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "scratch", "no\0name", "folder/", "a" * 5000, "\x1b[31m"])
def test_a_name_that_is_none_is_refused_in_a_line(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        hyper(name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_missing_file_names_the_preset_that_may_be_meant() -> None:
    with pytest.raises(UsageError, match=r"does not exist\. The preset of that name is 'scratch-med'"):
        hyper("data/hyps/hyp.scratch-med.yaml")


def test_a_folder_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    for path in (str(tmp_path), "/dev/zero"):
        with pytest.raises(UsageError):
            hyper(path)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_usage_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("hyp") / "any.yaml"
    path.write_bytes(data)
    with suppress(UsageError):
        assert isinstance(hyper(str(path)), Hyper)


def test_overrides_are_judged_too() -> None:
    for given_, told in (({"lr1": 0.1}, "Did you mean"), ({"lr0": 11.0}, "lr0"), ({"mosaic": None}, "mosaic")):
        with pytest.raises(UsageError, match=told):
            hyper(**given_)


def test_values_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        setattr(Hyper(), "lr0", 1.0)  # noqa: B010  # mypy knows it too
    with pytest.raises(ValidationError):
        setattr(Options(), "epochs", 1)  # noqa: B010


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"batch_size": 0}, "batch-size"),
        ({"batch_size": -2}, "batch-size"),
        ({"folds": 1}, "folds"),
        ({"folds": 6}, "folds"),
        ({"epochs": 0}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"optimizer": "sgd"}, "'SGD', 'Adam' or 'AdamW'"),
        ({"imgsz": 8}, "imgsz"),
        ({"freeze": [-1]}, "freeze"),
        ({"freeze": []}, "freeze"),
        ({"label_smoothing": 1.0}, "label-smoothing"),
        ({"epoch": 3}, "Did you mean 'epochs'?"),
        ({"bucket": "gs://x"}, "--bucket: nothing is sent"),
        ({"cache": "gpu"}, "'ram', 'disk' or 'val'"),
    ],
)
def test_options_that_cannot_be_followed(given_: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        options(given_)
    assert told in str(caught.value)


def test_defaults_are_yolov5s() -> None:
    usual = Options()
    assert (usual.weights, usual.epochs, usual.batch_size, usual.imgsz) == ("yolov5s.pt", 100, 16, 640)
    assert (usual.optimizer, usual.patience, usual.save_period, usual.workers, usual.seed) == ("SGD", 100, -1, 8, 0)
    assert (usual.project, usual.name, usual.freeze, usual.label_smoothing) == ("runs/train", "exp", (0,), 0)
    assert not any(value for value in usual.model_dump().values() if isinstance(value, bool))
    assert not ELSEWHERE.keys() & Options.model_fields.keys()


def test_options_are_laid_over_others() -> None:
    base = options({"epochs": 300})
    assert options({"imgsz": 320, "freeze": [2, 1, 2]}, base) == Options(epochs=300, imgsz=320, freeze=(2, 1, 2))


def test_text_that_looks_like_a_number_stays_text() -> None:
    assert options({"name": "1e5"}).name == "1e5"


def test_layers_that_do_not_learn() -> None:
    assert Options().frozen() == ()
    assert options({"freeze": [3]}).frozen() == (0, 1, 2)
    assert options({"freeze": [9, 0, 9]}).frozen() == (0, 9)


@pytest.mark.parametrize(
    ("imgsz", "stride", "side"),
    [(640, 32, 640), (641, 32, 672), (640, 64, 640), (320, 64, 320), (32, 32, 64), (33, 64, 128)],
)
def test_sides_are_multiples_of_the_stride(imgsz: int, stride: int, side: int) -> None:
    assert options({"imgsz": imgsz}).side(stride) == side


def test_every_setting_is_described_with_whether_it_is_the_default() -> None:
    told = describe(Options(epochs=300), hyper("scratch-med"))
    assert [setting.name for setting in told if not setting.is_default] == [
        *("epochs", "lrf", "cls", "obj", "scale", "mixup")
    ]
    assert len(told) == len(Options.model_fields) + len(Hyper.model_fields)
    assert all(setting.is_default for setting in describe(Options(epochs=300), Hyper(), Options(epochs=300)))
    assert all(field.description for kind in (Hyper, Options) for field in kind.model_fields.values())
