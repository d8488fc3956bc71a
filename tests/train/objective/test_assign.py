"""Targets → cells and anchors: upstream's 69 cases, a plain loop over the written rule, and the odd targets."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.example_models import GOLDEN, golden, needs_shared
from yoloaudit.train.anchors import defaults
from yoloaudit.train.objective.assign import Assigned, assign

SQUARE, WIDE = [(20, 20), (10, 10), (5, 5)], [(12, 20), (6, 10), (3, 5)]
ANCHORS = torch.from_numpy(defaults.default(5)) / torch.tensor([8.0, 16, 32]).view(3, 1, 1)
CASES = golden("assign.json")["cases"] if GOLDEN.exists() else {}
NO_TARGET = torch.zeros(0, 6)


def rows(level: Assigned) -> list[tuple[float, ...]]:
    columns = (level.image, level.anchor, level.row, level.column, level.classes, *level.boxes.T, *level.anchors.T)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@needs_shared
@pytest.mark.parametrize("name", CASES)
def test_assignments_and_their_order_are_upstreams(name: str) -> None:
    targets = torch.tensor(CASES[name]["targets"], dtype=torch.float32).view(-1, 6)
    shapes = WIDE if "note" in CASES[name] else SQUARE
    for level, expected in zip(assign(targets, shapes, ANCHORS, 4.0), CASES[name]["layers"], strict=True):
        assert level.image.tolist() == expected["b"]
        assert level.anchor.tolist() == expected["a"]
        assert level.row.tolist() == expected["gj"]
        assert level.column.tolist() == expected["gi"]
        assert level.classes.tolist() == expected["cls"]
        assert level.boxes.tolist() == np.array(expected["tbox"], np.float32).reshape(-1, 4).tolist()
        assert level.anchors.tolist() == np.array(expected["anchor"], np.float32).reshape(-1, 2).tolist()
        assert len(level) == expected["n"]


@needs_shared
def test_all_cases_are_looked_at() -> None:
    assert sum(len(case["layers"]) for case in CASES.values()) == 69


@np.errstate(over="ignore")
def by_the_rule(targets: Tensor, shape: tuple[int, int], anchors: Tensor, anchor_t: float) -> list[tuple[float, ...]]:
    """Assignments of one level, by a loop over the sentences of the specification, section 5.1."""
    found = []
    height, width = (np.float32(side) for side in shape)
    for place, (image, class_id, *box) in enumerate(targets.numpy().tolist()):
        share = np.array(box, np.float32)
        x, y, w, h = share[0] * width, share[1] * height, share[2] * width, share[3] * height
        near = {
            0: True,
            1: x % 1 < 0.5 and x > 1,
            2: y % 1 < 0.5 and y > 1,
            3: (width - x) % 1 < 0.5 and width - x > 1,
            4: (height - y) % 1 < 0.5 and height - y > 1,
        }
        for number, (wide, high) in enumerate(anchors.numpy()):
            if min(w, h) <= 0 or not max(w / wide, wide / w, h / high, high / h) < anchor_t:
                continue
            for kind, (left, above) in enumerate(((0, 0), (0.5, 0), (0, 0.5), (-0.5, 0), (0, -0.5))):
                if not near[kind]:
                    continue
                column = min(max(int(x - np.float32(left)), 0), int(width) - 1)
                row = min(max(int(y - np.float32(above)), 0), int(height) - 1)
                key = (kind, number, place)
                found.append((key, (image, number, row, column, class_id, x - column, y - row, w, h, wide, high)))
    return [tuple(map(float, row)) for _, row in sorted(found, key=lambda pair: pair[0])]


share = st.one_of(st.floats(0, 1, width=32), st.integers(0, 40).map(lambda number: number / 40))
target = st.tuples(st.integers(0, 3), st.integers(0, 79), share, share, share, share)


@given(st.lists(target, max_size=6), st.sampled_from([1.5, 2.0, 3.3744, 4.0]), st.sampled_from([SQUARE, WIDE]))
def test_a_plain_loop_assigns_the_same(
    drawn: list[tuple[float, ...]], anchor_t: float, shapes: list[tuple[int, int]]
) -> None:
    targets = torch.tensor(drawn, dtype=torch.float32).view(-1, 6)
    for level, shape, anchors in zip(assign(targets, shapes, ANCHORS, anchor_t), shapes, ANCHORS, strict=True):
        assert rows(level) == by_the_rule(targets, shape, anchors, anchor_t)


@given(st.lists(target, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_targets_changes_only_the_order(drawn: list[tuple[float, ...]], random: "st.DataObject") -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random here
    one, other = (assign(torch.tensor(each), SQUARE, ANCHORS, 4.0) for each in (drawn, shuffled))
    assert [sorted(rows(level)) for level in one] == [sorted(rows(level)) for level in other]


def test_no_target() -> None:
    for level in assign(NO_TARGET, SQUARE, ANCHORS, 4.0):
        assert len(level) == 0
        assert level.boxes.shape == (0, 4)
        assert level.anchors.shape == (0, 2)
        assert level.image.dtype == torch.int64


def test_a_box_without_extent_or_without_numbers_is_assigned_nowhere() -> None:
    odd = [[0, 0, 0.5, 0.5, w, h] for w, h in ((0, 0), (0, 0.2), (0.2, 0), (math.nan, 0.2), (1e-30, 1e-30), (1e30, 1))]
    assert [len(level) for level in assign(torch.tensor(odd), SQUARE, ANCHORS, 4.0)] == [0, 0, 0]


def test_targets_on_the_border_stay_inside() -> None:
    corners = [[0, 0, x, y, 0.075, 0.09] for x in (0.0, 1.0) for y in (0.0, 1.0)]
    level = assign(torch.tensor(corners), SQUARE, ANCHORS, 4.0)[0]
    assert {*level.row.tolist()} == {*level.column.tolist()} == {0, 19}
    assert {*level.boxes[:, :2].flatten().tolist()} == {0.0, 1.0}


def test_wider_numbers_are_narrowed_first() -> None:
    targets = torch.rand(40, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for one, other in zip(*(assign(each, SQUARE, ANCHORS, 4.0) for each in (targets, targets.float())), strict=True):
        assert rows(one) == rows(other)
        assert one.boxes.dtype == torch.float32


def test_four_levels() -> None:
    anchors = torch.from_numpy(defaults.default(6)) / torch.tensor([8.0, 16, 32, 64]).view(4, 1, 1)
    targets = torch.tensor([[0.0, 1, 0.3, 0.3, 0.5, 0.5]])
    found = assign(targets, [(80, 80), (40, 40), (20, 20), (10, 10)], anchors, 4.0)
    for level, shape, own in zip(found, ((80, 80), (40, 40), (20, 20), (10, 10)), anchors, strict=True):
        assert rows(level) == by_the_rule(targets, shape, own, 4.0)
