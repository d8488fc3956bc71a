"""Model YAMLs: the family's, scaled otherwise, and all those that are refused in one line."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.example_models import COCO, needs_shared
from yoloaudit.errors import UsageError
from yoloaudit.train.anchors.defaults import default
from yoloaudit.train.checkpoint.read import read
from yoloaudit.train.family import SIZES, Size
from yoloaudit.train.model_yaml import Described, described, is_file

SMALL = """
nc: 80  # counts for nothing
depth_multiple: 0.5
width_multiple: 0.4
anchors:
  - [10,13, 16,30, 33,23]  # P3/8
  - [30,61, 62,45, 59,119]
  - [116,90, 156,198, 373,326]

backbone:
  # [from, number, module, args]
  [[-1, 1, Conv, [64, 6, 2, 2]],  # 0-P1/2
   [-1, 1, Conv, [128, 3, 2]],
   [-1, 3, C3, [128]],
   [-1, 1, Conv, [256, 3, 2]],
   [-1, 6, C3, [256]],
   [-1, 1, Conv, [512, 3, 2]],
   [-1, 9, C3, [512]],
   [-1, 1, Conv, [1024, 3, 2]],
   [-1, 3, C3, [1024]],
   [-1, 1, SPPF, [1024, 5]],
  ]

head:
  [[-1, 1, Conv, [512, 1, 1]],
   [-1, 1, nn.Upsample, [None, 2, 'nearest']],
   [[-1, 6], 1, Concat, [1]],
   [-1, 3, C3, [512, False]],

   [-1, 1, Conv, [256, 1, 1]],
   [-1, 1, nn.Upsample, [null, 2, nearest]],
   [[-1, 4], 1, Concat, [1]],
   [-1, 3, C3, [256, False]],

   [-1, 1, Conv, [256, 3, 2]],
   [[-1, 14], 1, Concat, [1]],
   [-1, 3, C3, [512, False]],
   [-1, 1, Conv, [512, 3, 2]],
   [[-1, 10], 1, Concat, [1]],
   [-1, 3, C3, [1024, False]],
   [[17, 20, 23], 1, Detect, [nc, anchors]],
  ]
"""
PLAIN: dict[str, Any] = yaml.safe_load(SMALL)
LARGE = """
nc: 80
depth_multiple: 1
width_multiple: 1.0
backbone:
  - [-1, 1, Conv, [64, 6, 2, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C3, [128]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 6, C3, [256]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [-1, 9, C3, [512]]
  - [-1, 1, Conv, [768, 3, 2]]
  - [-1, 3, C3, [768]]
  - [-1, 1, Conv, [1024, 3, 2]]
  - [-1, 3, C3, [1024]]
  - [-1, 1, SPPF, [1024, 5]]
head:
  - [-1, 1, Conv, [768, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 8], 1, Concat, [1]]
  - [-1, 3, C3, [768, False]]
  - [-1, 1, Conv, [512, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]]
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 3, C3, [256, False]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 20], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [[-1, 16], 1, Concat, [1]]
  - [-1, 3, C3, [768, False]]
  - [-1, 1, Conv, [768, 3, 2]]
  - [[-1, 12], 1, Concat, [1]]
  - [-1, 3, C3, [1024, False]]
  - [[23, 26, 29, 32], 1, Detect, [nc, anchors]]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own.yaml"


def told(path: Path, text: str) -> Described:
    path.write_text(text)
    return described(str(path))


def changed(**values: Any) -> str:
    return yaml.safe_dump({**PLAIN, **values})


def test_other_depth_and_width(path: Path) -> None:
    found = told(path, SMALL)
    assert found.size == Size("d0.5w0.4", 0.5, 0.4, 5)
    assert found.anchors is not None
    np.testing.assert_array_equal(found.anchors, default(5))


def test_six_levels_and_the_anchors_of_the_family(path: Path) -> None:
    assert told(path, LARGE) == Described(SIZES["l6"], None)


def test_other_anchors(path: Path) -> None:
    found = told(path, changed(anchors=[[10, 20], [30, 40], [50, 60.5]]))
    assert found.anchors is not None
    assert found.anchors.tolist() == [[[10, 20]], [[30, 40]], [[50, 60.5]]]


def test_the_defaults_of_what_may_not_be_changed(path: Path) -> None:
    assert told(path, changed(ch=3, channel_multiple=8)).size.name == "d0.5w0.4"


@needs_shared
def test_what_upstream_keeps_in_its_weights(path: Path) -> None:
    found = told(path, yaml.safe_dump(read(str(COCO)).settings["yaml"]))
    assert found.size is SIZES["n"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nc: 1", "has no list `backbone` or no list `head`"),
        (changed(backbone=7), "has no list `backbone`"),
        (changed(activation="nn.ReLU()"), "activation: nn.ReLU() is not supported. Only depth_multiple, width_m"),
        (changed(ch=4), "ch: 4 is not supported"),
        (changed(channel_multiple=16), "channel_multiple: 16 is not supported"),
        (
            SMALL.replace("C3, [256]", "C3TR, [256]"),
            "line 16: layer 4 is [-1, 6, 'C3TR', [256]], not [-1, 6, 'C3', [256]]",
        ),
        (SMALL.replace("[-1, 14]", "[-1, 13]"), "line 36: layer 19 is [[-1, 13], 1, 'Concat', [1]], not [[-1, 14], 1"),
        (SMALL.replace("SPPF, [1024, 5]", "SPPF, 5"), "layer 9 is [-1, 1, 'SPPF', 5], not"),
        (changed(head=PLAIN["head"][:-1]), "has 24 layers, not 25. Only"),
        (changed(head=[]), "has 10 layers, not 25"),
        (changed(width_multiple=0), "width_multiple is a number above 0, at most 2, not 0"),
        (changed(width_multiple=100), "at most 2, not 100"),
        (changed(depth_multiple=True), "depth_multiple is a number above 0, at most 2, not True"),
        (changed(depth_multiple=float("nan")), "not no number"),
        (SMALL.replace("depth_multiple: 0.5", ""), "depth_multiple is a number above 0, at most 2, not None"),
        (changed(anchors=3), "anchors are 3 lists of widths and heights in pixels, not 3. For new ones"),
        (changed(anchors=[[1, 2], [3, 4]]), "anchors are 3 lists"),
        (changed(anchors=[[1, 2], [3, 4], [5, 6, 7, 8]]), "anchors are 3 lists"),
        (changed(anchors=[[1, 2], [3, 4], [5, 0]]), "anchors are 3 lists"),
        (changed(anchors=[[1, 2], [3, 4], ["5", 6]]), "anchors are 3 lists"),
        (changed(anchors=[[], [], []]), "anchors are 3 lists"),
        ("- 1", "a YAML mapping of a model is expected"),
        ("a: &a 1", "anchor or alias"),
    ],
)
def test_another_model_is_refused_in_a_line(path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        told(path, text)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(st.sampled_from(sorted(PLAIN)), values)
def test_whatever_a_key_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any
) -> None:
    with suppress(UsageError):
        assert told(tmp_path_factory.mktemp("model") / "own.yaml", changed(**{key: value})).size.levels == 5


def test_a_name_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_file("yolov5n")
    assert not is_file("yolov5n.yaml")
    (tmp_path / "yolov5n.yaml").write_text("")
    assert is_file("yolov5n.yaml")
