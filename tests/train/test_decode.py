"""Heads → boxes, and the choice among boxes: against the definition, torchvision, laws, and upstream's results."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchvision.ops import batched_nms, box_iou

from tests.example_models import COCO, GOLDEN, SHARED, as_images, formula, golden, needs_shared, picture
from tests.example_rows import by_hand, drawn_rows, drawn_sets, row, rows_of, settings
from yoloaudit.errors import UsageError
from yoloaudit.train import decode as module
from yoloaudit.train.decode import Settings, candidates, decode, likely, nms
from yoloaudit.train.images.augment import letterbox, resize
from yoloaudit.train.model import fuse
from yoloaudit.train.weights import load

ANCHORS = torch.tensor([[[10.0, 13], [16, 30]], [[30, 61], [62, 45]]])
STRIDES = (8, 16)
VAL = Settings(0.001, 0.6, 300, multi_label=True)
DEMO = {
    "detect_default": Settings(),
    "agnostic": Settings(agnostic=True),
    "classes_0": Settings(classes=(0,)),
    "multi_label_conf.001_iou.6": VAL,
}


def heads_of(batch: int = 2, classes: int = 3, height: int = 4, width: int = 6, seed: int = 0) -> list[Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    shapes = [(batch, 2, height // cut, width // cut, 5 + classes) for cut in (1, 2)]
    return [torch.randn(shape, generator=drawn) * 3 for shape in shapes]


def test_each_cell_as_defined() -> None:
    heads = heads_of()
    expected = []
    for head, anchors, stride in zip(heads, ANCHORS.tolist(), STRIDES, strict=True):
        for anchor, (wide, high) in enumerate(anchors):
            for y in range(head.shape[2]):
                for x in range(head.shape[3]):
                    s = [1 / (1 + math.exp(-value)) for value in head[1, anchor, y, x].tolist()]
                    at = (2 * s[0] - 0.5 + x) * stride, (2 * s[1] - 0.5 + y) * stride
                    expected.append([*at, (2 * s[2]) ** 2 * wide, (2 * s[3]) ** 2 * high, *s[4:]])
    torch.testing.assert_close(decode(heads, ANCHORS, STRIDES)[1], torch.tensor(expected), rtol=1e-5, atol=1e-4)


@given(st.integers(0, 10**6), st.sampled_from([0.1, 1.0, 30.0]))
def test_boxes_stay_near_their_cells(seed: int, spread: float) -> None:
    heads = [head * spread for head in heads_of(1, seed=seed)]
    found = decode(heads, ANCHORS, STRIDES).split_with_sizes([head[0, ..., 0].numel() for head in heads], 1)
    for rows, head, anchors, stride in zip(found, heads, ANCHORS, STRIDES, strict=True):
        cells = rows.view(head.shape)[0]
        for axis, count in ((0, head.shape[3]), (1, head.shape[2])):
            index = torch.arange(count).view((1, -1) if axis == 0 else (-1, 1))
            offset = cells[..., axis] / stride - index
            assert offset.min() >= -0.5
            assert offset.max() <= 1.5
        share = cells[..., 2:4] / anchors[:, None, None]
        assert share.min() >= 0
        assert share.max() <= 4
        assert cells[..., 4:].min() >= 0
        assert cells[..., 4:].max() <= 1


def test_heads_are_left_as_they_are() -> None:
    heads = [head.requires_grad_() for head in heads_of()]
    before = [head.detach().clone() for head in heads]
    assert not decode(heads, ANCHORS, STRIDES).requires_grad
    likely(heads, ANCHORS, STRIDES, 0.1)
    assert all(torch.equal(head, copy) for head, copy in zip(heads, before, strict=True))


def test_half_precision_and_maps_in_another_order() -> None:
    heads = heads_of()
    whole = decode(heads, ANCHORS, STRIDES)
    half = decode([head.half() for head in heads], ANCHORS, STRIDES)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, whole, rtol=1e-2, atol=0.2)
    turned = [head.permute(0, 2, 3, 1, 4).contiguous().permute(0, 3, 1, 2, 4) for head in heads]
    torch.testing.assert_close(decode(turned, ANCHORS, STRIDES), whole)
    assert [found.dtype for found in nms(half.half(), Settings())] == [torch.float32] * 2


@given(st.integers(0, 10**6), settings)
def test_likely_rows_suffice(seed: int, chosen: Settings) -> None:
    heads = heads_of(3, 5, seed=seed)
    whole = nms(decode(heads, ANCHORS, STRIDES), chosen)
    some = nms(likely(heads, ANCHORS, STRIDES, chosen.conf), chosen)
    for one, other in zip(whole, some, strict=True):
        torch.testing.assert_close(one, other)


def test_likely_rows_are_those_above_the_threshold_in_order() -> None:
    heads = heads_of()
    whole = decode(heads, ANCHORS, STRIDES)
    for image, rows in enumerate(likely(heads, ANCHORS, STRIDES, 0.7)):
        torch.testing.assert_close(rows, whole[image][whole[image, :, 4] > 0.7])
    assert [len(rows) for rows in likely(heads, ANCHORS, STRIDES, 1.0)] == [0, 0]


@given(drawn_sets, settings)
def test_the_choice_is_greedy(rows: Tensor, chosen: Settings) -> None:
    (kept,) = nms(rows, chosen)
    expected = by_hand(rows[0], chosen)
    assert kept.shape == (len(expected), 6)
    np.testing.assert_allclose(kept.numpy(), np.array(expected).reshape(-1, 6), rtol=1e-5)


@given(drawn_sets, settings)
def test_laws_of_the_choice(rows: Tensor, chosen: Settings) -> None:
    (kept,) = nms(rows, chosen)
    assert len(kept) <= chosen.max_detections
    assert (kept[:, 4] > chosen.conf).all()
    assert (kept[:-1, 4] >= kept[1:, 4]).all()
    same = torch.ones(len(kept), len(kept), dtype=torch.bool) if chosen.agnostic else kept[:, 5] == kept[:, 5:6]
    overlaps = box_iou(kept[:, :4], kept[:, :4]).triu(1)
    assert not (overlaps > chosen.iou + 1e-6)[same].any()
    again = torch.zeros(1, len(kept), rows.shape[2])
    again[0, :, :2], again[0, :, 2:4] = (kept[:, :2] + kept[:, 2:4]) / 2, kept[:, 2:4] - kept[:, :2]
    again[0, :, 4] = 1
    again[0, torch.arange(len(kept)), 5 + kept[:, 5].long()] = kept[:, 4]
    torch.testing.assert_close(nms(again, chosen)[0], kept)


@pytest.mark.parametrize("classes", [1, 2, 80, 1000])
def test_it_agrees_with_torchvision(classes: int) -> None:
    rows = drawn_rows(classes, 800, classes, side=640)
    rows[..., 5:] **= max(1, math.log(classes))
    found = candidates(rows[0], VAL)
    kept = batched_nms(found.boxes, found.scores, found.classes, VAL.iou)[:300]
    expected = torch.cat((found.boxes, found.scores[:, None], found.classes[:, None]), 1)[kept]
    assert len(expected) == 300
    assert torch.equal(nms(rows, VAL)[0], expected)


@pytest.mark.parametrize("most", [1, 30, 5000])
def test_looking_at_some_first_changes_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, chosen = drawn_rows(5, 400, 3), Settings(0.01, 0.3, most, multi_label=True)
    (whole,) = nms(rows, chosen)
    monkeypatch.setattr(module, "FIRST", 7)
    monkeypatch.setattr(module, "FURTHER", 2)
    assert torch.equal(nms(rows, chosen)[0], whole)


@pytest.mark.parametrize("classes", [1, 80])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_nothing_to_choose_from(classes: int, count: int) -> None:
    for chosen in (Settings(), VAL, Settings(conf=1), Settings(classes=())):
        assert [found.shape for found in nms(torch.zeros(2, count, 5 + classes), chosen)] == [(0, 6)] * 2
    assert nms(torch.zeros(0, count, 5 + classes), VAL) == []


def test_the_threshold_itself_is_not_above_it() -> None:
    rows = rows_of(row(20, 20, 9, 9, 0.5, 1), row(60, 20, 9, 9, 1, 0.5), row(90, 20, 9, 9, 1, 0.625))
    assert nms(rows, Settings(conf=0.5))[0][:, 4].tolist() == [0.625]


def test_an_overlap_at_the_limit_is_kept() -> None:
    rows = rows_of(row(5, 5, 10, 10, 0.9, 1), row(5, 7.5, 10, 5, 0.8, 1))
    assert len(nms(rows, Settings(iou=0.5))[0]) == 2
    assert len(nms(rows, Settings(iou=0.49))[0]) == 1


def test_several_classes_of_a_box() -> None:
    rows = rows_of(row(20, 20, 9, 9, 1, 0.5, 0.75, 0.2))
    assert nms(rows, Settings())[0][:, 4:].tolist() == [[0.75, 1]]
    assert nms(rows, Settings(multi_label=True))[0][:, 4:].tolist() == [[0.75, 1], [0.5, 0]]
    assert nms(rows, Settings(multi_label=True, classes=(0, 2)))[0][:, 5].tolist() == [0]
    assert len(nms(rows, Settings(classes=(0, 2)))[0]) == 0
    assert nms(rows, Settings(multi_label=True, agnostic=True))[0][:, 5].tolist() == [1]


def test_equal_scores_keep_their_order() -> None:
    rows = torch.tensor([row(30 * place, 5, 9, 9, 0.5, 0.8, 0.8) for place in range(300)])[None]
    (kept,) = nms(rows, Settings(multi_label=True))
    assert kept[::2, 0].tolist() == (torch.arange(300) * 30 - 4.5).tolist()
    assert kept[:, 5].tolist() == [0, 1] * 300


BAD = [math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("chosen", [Settings(), VAL, Settings(agnostic=True)])
def test_what_is_not_finite_is_dropped(bad: float, place: int, chosen: Settings) -> None:
    good, broken = row(20, 20, 9, 9, 0.9, 0.9, 0), row(20, 20, 9, 9, 0.95, 0.95, 0)
    broken[place] = bad
    (kept,) = nms(rows_of(broken, good), chosen)
    assert kept.tolist() == [pytest.approx([15.5, 15.5, 24.5, 24.5, 0.81, 0])]


def test_a_box_too_large_for_its_corners() -> None:
    rows = rows_of(row(3e38, 0, 3e38, 9, 0.9, 0.9), row(20, 20, 9, 9, 0.9, 0.9), row(0, 0, 3e38, 9, 0.8, 0.9))
    assert nms(rows, Settings())[0][:, 4].tolist() == pytest.approx([0.81, 0.72])


@pytest.mark.parametrize(("classes", "side"), [(80, 20_000), (1000, 640), (1000, 100_000)])
def test_classes_do_not_mix_and_nothing_is_coarse(classes: int, side: int) -> None:
    """A box of 4 pixels for each class, at the far end, and one beside it that overlaps by a third."""
    rows = torch.zeros(1, 2 * classes, 5 + classes)
    rows[..., :5] = torch.tensor(row(side - 10, side - 10, 4, 4, 0.9))
    rows[0, classes:, 0] += 2
    rows[0, classes:, 4] = 0.8
    rows[0, torch.arange(2 * classes), 5 + torch.arange(2 * classes) % classes] = 1
    rows[0, 0, :2] = 10
    assert len(nms(rows, Settings(iou=0.34, max_detections=5000))[0]) == 2 * classes
    assert len(nms(rows, Settings(iou=0.32, max_detections=5000))[0]) == classes + 1


def test_as_many_compete_as_may(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = drawn_rows(1, 200, 3)
    everyone = candidates(rows[0], VAL)
    monkeypatch.setattr(module, "MOST_CANDIDATES", 50)
    best = candidates(rows[0], VAL)
    assert len(everyone.scores) > 500
    for some, every in zip(best, everyone, strict=True):
        assert torch.equal(some, every[:50])


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"conf": -0.1}, "confidence threshold is -0.1"),
        ({"conf": math.nan}, "confidence threshold is nan"),
        ({"iou": 1.5}, "overlap .IoU. threshold is 1.5"),
        ({"max_detections": 0}, "at most 0 detections"),
    ],
)
def test_settings_out_of_bounds(given_: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Settings(**given_)


@needs_shared
@torch.no_grad()
def test_decoded_output_of_upstream() -> None:
    """Of its own heads, and of those of our network, whose rounding the largest anchors enlarge."""
    held = {name: torch.from_numpy(array) for name, array in np.load(GOLDEN / "forward.npz").items()}
    model, _ = load(str(COCO))
    rows = decode([held[f"head{level}"] for level in range(3)], model.anchors_px, model.strides)
    torch.testing.assert_close(rows, held["decoded"], rtol=0, atol=1e-4)
    rows = decode(model(formula()), model.anchors_px, model.strides)
    torch.testing.assert_close(rows, held["decoded"], rtol=2e-6, atol=1e-4)


@needs_shared
@torch.no_grad()
def test_decoded_output_of_upstream_for_a_photograph() -> None:
    held = np.load(GOLDEN / "forward.npz")
    image, _ = letterbox(picture(str(GOLDEN / "bus.jpg")), (640, 640))
    assert list(image.shape) == held["bus_letterbox_shape"].tolist()
    fused = fuse(load(str(COCO))[0])
    rows = decode(fused(as_images(image)), fused.anchors_px, fused.strides)[0]
    assert list(rows.shape) == held["bus_decoded_shape"].tolist()[1:]
    top = torch.from_numpy(held["bus_top_rows"])
    torch.testing.assert_close(rows[held["bus_top_index"].tolist()], top, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(rows.double().mean(0).numpy(), held["bus_col_mean"], rtol=1e-4, atol=1e-6)


def same_as_upstream(kept: Tensor, expected: Sequence[Sequence[float]], count: int) -> None:
    assert len(kept) == count
    theirs = torch.tensor(expected, dtype=torch.float32).view(-1, 6)
    ours = kept[: len(theirs)]
    assert (ours[:, :4] - theirs[:, :4]).abs().max() < 0.5
    assert (ours[:, 4] - theirs[:, 4]).abs().max() < 1e-3
    assert torch.equal(ours[:, 5], theirs[:, 5])


@needs_shared
@torch.no_grad()
@pytest.mark.parametrize("name", ["bus.jpg", "zidane.jpg"])
def test_detections_of_upstream(name: str) -> None:
    fused = fuse(load(str(COCO))[0])
    image, _ = letterbox(picture(str(GOLDEN / name)), (640, 640))
    heads = fused(as_images(image))
    for setting, chosen in DEMO.items():
        expected = golden("nms.json")["demo"][name][setting]
        for rows in (decode(heads, fused.anchors_px, fused.strides), likely(heads, fused.anchors_px, fused.strides, 0)):
            same_as_upstream(nms(rows, chosen)[0], expected["det_letterbox_xyxy_conf_cls"], expected["n"])


@needs_shared
@torch.no_grad()
def test_detections_of_upstream_in_validation() -> None:
    fused = fuse(load(str(COCO))[0])
    entries = golden("nms.json")["val8"]["images"]
    folder = SHARED / "data" / "coco128" / "images" / "val2017"
    images = [letterbox(resize(picture(str(folder / one["file"])), 640), (640, 640), auto=False)[0] for one in entries]
    found = nms(decode(fused(as_images(*images)), fused.anchors_px, fused.strides), VAL)
    for kept, entry in zip(found, entries, strict=True):
        same_as_upstream(kept, entry["det_letterbox"], entry["n"])
