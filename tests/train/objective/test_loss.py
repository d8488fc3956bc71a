"""The loss against upstream's figures, alone and through the network, and on odd targets."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.example_models import COCO, GOLDEN, golden, needs_shared
from yoloaudit.train.config import Hyper, hyper
from yoloaudit.train.model import Detector, build
from yoloaudit.train.objective import loss as module
from yoloaudit.train.objective.assign import assign
from yoloaudit.train.objective.loss import Loss, Variant, gains
from yoloaudit.train.types import Losses
from yoloaudit.train.weights import load

CASES = golden("loss_meta.json")["synthetic_cases"] if GOLDEN.exists() else {}
SHAPES = [(8, 10), (4, 5), (2, 3)]


@pytest.fixture(autouse=True)
def drawn_numbers() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def detector(classes: int, levels: int = 3) -> Detector:
    return build("n" if levels == 3 else "n6", classes, device="cpu")


def drawn_heads(classes: int, batch: int = 2, kind: torch.dtype = torch.float32) -> list[Tensor]:
    """Heads in the order of memory in which the network makes them."""
    heads = [torch.randn(batch, 3, 5 + classes, *shape, dtype=kind).permute(0, 1, 3, 4, 2) for shape in SHAPES]
    return [head.requires_grad_() for head in heads]


def drawn_targets(count: int, classes: int, batch: int = 2) -> Tensor:
    columns = [torch.randint(batch, (count, 1)), torch.randint(classes, (count, 1)), torch.rand(count, 4) * 0.5 + 0.1]
    return torch.cat([column.float() for column in columns], 1)


def synthetic(shapes: list[list[int]], classes: int) -> list[Tensor]:
    """The heads of section 11.2 of the specification, a batch of two."""
    heads = []
    for level, (height, width) in enumerate(shapes):
        b, a, y, x, k = np.ogrid[:2, :3, :height, :width, : 5 + classes]
        number = (7919 * b + 104729 * a + 1299709 * y + 15485863 * x + 32452843 * k + 49979687 * level) % 2001
        heads.append(torch.from_numpy((number / 2001 * 6 - 3).astype(np.float32)).requires_grad_())
    return heads


def two_images() -> Tensor:
    """The images of section 11.1 of the specification, numbers 0 and 1."""
    row, column = np.mgrid[:320, :320]
    values = [
        (np.abs((3 * row + 2 * column + 40 * c + 97 * n) % 510 - 255) + (row * column // 64 + 85 * c + 53 * n) % 256)
        // 2
        for n in range(2)
        for c in range(3)
    ]
    return torch.from_numpy(np.stack(values).reshape(2, 3, 320, 320).astype(np.float32) / 255)


def items(losses: Losses) -> list[float]:
    return [losses.box.item(), losses.objectness.item(), losses.classes.item()]


def gradients(losses: Losses, heads: list[Tensor]) -> tuple[Tensor, ...]:
    return torch.autograd.grad(losses.total, heads)


@needs_shared
@pytest.mark.parametrize("name", CASES)
def test_synthetic_cases_are_upstreams(name: str) -> None:
    case = CASES[name]
    changed: dict[str, Any] = dict(case["hyp_overrides"])
    smoothing = changed.pop("label_smoothing", 0.0)
    share = 1.0 if case["gr"] is None else case["gr"]
    variant = Variant(adapts=case["autobalance"], overlap=share, largest=case["sort_obj_iou"])
    settings = hyper("scratch-low", **changed)
    model = detector(case["nc"], len(case["shapes"]))
    loss = Loss(model, settings, imgsz=case["imgsz"], label_smoothing=smoothing, variant=variant)
    heads, targets = synthetic(case["shapes"], case["nc"]), torch.tensor(case["targets"]).view(-1, 6)
    found = loss(heads, targets)
    assert found.total.item() == pytest.approx(case["loss_total"], rel=1e-6)
    assert items(found) == pytest.approx(case["items"], rel=1e-6)
    norms = [gradient.norm().item() for gradient in gradients(found, heads)]
    assert norms == pytest.approx(case["grad_norm_per_layer"], rel=2e-6)
    assert loss.balance == pytest.approx(case["balance_after"][: len(heads)], rel=1e-9)
    shapes = [(height, width) for height, width in case["shapes"]]
    assigned = assign(targets, shapes, model.anchors, settings.anchor_t)
    assert [len(level) for level in assigned] == case["assigned"]


@needs_shared
def test_thirteen_cases() -> None:
    assert len(CASES) == 13


@needs_shared
@pytest.mark.parametrize("imgsz", [320, 640])
def test_losses_and_gradients_through_the_network_are_upstreams(imgsz: int) -> None:
    expected, figures = golden("loss_meta.json")[f"train_imgsz{imgsz}"], np.load(GOLDEN / "loss.npz")
    model = load(str(COCO))[0].train().requires_grad_(True)
    loss = Loss(model, Hyper(), imgsz=imgsz)
    assert loss.gains.objectness == pytest.approx(expected["gains"]["obj"])
    heads, targets = model(two_images()), torch.from_numpy(figures["targets"])
    found = loss(heads, targets)
    assert found.total.item() == pytest.approx(expected["loss_total"], rel=1e-6)
    assert items(found) == pytest.approx(expected["items_box_obj_cls"], rel=1e-6)
    assigned = assign(targets, [(40, 40), (20, 20), (10, 10)], model.anchors, 4.0)
    assert [len(level) for level in assigned] == expected["assigned_per_layer"]

    names, parameters = zip(*model.named_parameters(), strict=True)
    norms = dict(zip(names, (part.norm().item() for part in torch.autograd.grad(found.total, parameters)), strict=True))
    assert set(names) == set(figures["grad_param_names"])
    for name, norm in zip(figures["grad_param_names"], figures[f"grad_norms_{imgsz}"], strict=True):
        assert norms[name] == pytest.approx(norm, rel=1e-4), name
    assert math.hypot(*norms.values()) == pytest.approx(expected["grad_norm_total"], rel=2e-6)


@needs_shared
def test_loss_in_evaluation_mode_is_upstreams() -> None:
    expected = golden("loss_meta.json")["eval_imgsz320"]
    model = load(str(COCO))[0]
    with torch.no_grad():
        found = Loss(model, Hyper(), imgsz=320)(
            model(two_images()), torch.from_numpy(np.load(GOLDEN / "loss.npz")["targets"])
        )
    assert found.total.item() == pytest.approx(expected["loss_total"], rel=1e-6)
    assert items(found) == pytest.approx(expected["items"], rel=1e-6)


def test_gains_are_for_80_classes_640_pixels_and_3_levels() -> None:
    assert gains(Hyper(), 80, 3, 640) == module.Gains(0.05, 1.0, 0.5)
    assert gains(Hyper(), 20, 4, 1280) == module.Gains(0.05 * 0.75, 4 * 0.75, 0.5 * 0.25 * 0.75)


@pytest.mark.parametrize("classes", [1, 3, 1000])
def test_no_target(classes: int) -> None:
    heads = drawn_heads(classes)
    found = Loss(detector(classes), Hyper(), imgsz=640)(heads, torch.zeros(0, 6))
    assert found.box.item() == found.classes.item() == 0
    assert found.total.item() == pytest.approx(2 * found.objectness.item())
    for head, gradient in zip(heads, gradients(found, heads), strict=True):
        assert gradient[..., 4].ne(0).all()
        assert gradient[..., :4].eq(0).all()
        assert gradient[..., 5:].eq(0).all()
        assert gradient.stride() == head.stride()


@pytest.mark.parametrize("classes", [1, 2, 1000])
def test_any_number_of_classes(classes: int) -> None:
    heads = drawn_heads(classes)
    found = Loss(detector(classes), Hyper(), imgsz=640, label_smoothing=0.1)(heads, drawn_targets(20, classes))
    assert all(math.isfinite(value) for value in items(found))
    assert (found.classes.item() > 0) == (classes > 1)
    assert all(gradient.isfinite().all() for gradient in gradients(found, heads))


@pytest.mark.parametrize(
    "box",
    [(0.0, 0.0, 0.1, 0.1), (1.0, 1.0, 0.1, 0.1), (0.5, 0.5, 0.0, 0.0), (0.5, 0.5, 0.0, 0.3), (0.5, 0.5, 1.0, 1.0)],
)
def test_targets_at_the_border_and_without_extent(box: tuple[float, ...]) -> None:
    heads = drawn_heads(3)
    found = Loss(detector(3), Hyper(), imgsz=640)(heads, torch.tensor([[1, 2, *box]]))
    assert all(math.isfinite(value) for value in items(found))
    assert all(gradient.isfinite().all() for gradient in gradients(found, heads))


def test_a_class_that_the_model_does_not_know_is_no_class_of_it() -> None:
    heads = drawn_heads(3)
    found = Loss(detector(3), Hyper(), imgsz=640)(heads, torch.tensor([[0, 99, 0.5, 0.5, 0.3, 0.3]]))
    assert all(math.isfinite(value) for value in items(found))


def test_what_is_not_finite_comes_out_as_it_is() -> None:
    heads = [head.detach().clone() for head in drawn_heads(3)]
    heads[0][..., 4] = math.nan
    found = Loss(detector(3), Hyper(), imgsz=640)(heads, drawn_targets(5, 3))
    assert math.isnan(found.total.item())
    assert math.isfinite(found.box.item())


def test_the_head_is_read_and_its_gradient_made_as_by_plain_indexing() -> None:
    head = drawn_heads(3)[0]
    place = tuple(torch.randint(size, (50,)) for size in head.shape[:4])
    weights = torch.randn(head.shape[:4].numel()), torch.randn(50, 8)
    read, plain = module._Read.apply(head, *place), (head[..., 4].flatten(), head[place])
    one, other = (
        torch.autograd.grad(sum((part * weight).sum() for part, weight in zip(parts, weights, strict=True)), head)[0]
        for parts in (read, plain)
    )
    assert torch.equal(read[0], plain[0])
    assert torch.equal(read[1], plain[1])
    torch.testing.assert_close(one, other)


def test_the_last_of_several_targets_of_a_cell_tells_the_objectness() -> None:
    first, second = [0.0, 0, 0.51, 0.51, 0.2, 0.2], [0.0, 0, 0.52, 0.52, 0.4, 0.4]
    orders = [torch.tensor(order) for order in ([first, second], [second, first])]
    model, heads = detector(1), drawn_heads(1)
    last = [Loss(model, Hyper(), imgsz=640)(heads, order).objectness.item() for order in orders]
    assert last[0] != last[1]
    variant = Variant(largest=True)
    largest = [Loss(model, Hyper(), imgsz=640, variant=variant)(heads, order).objectness.item() for order in orders]
    assert largest[0] == pytest.approx(largest[1], rel=1e-6)


def test_last_assignments() -> None:
    assert sorted(module._last(torch.tensor([5, 3, 5, 9, 3, 3])).tolist()) == [2, 3, 5]
    assert module._last(torch.zeros(0, dtype=torch.int64)).tolist() == []


def test_images_of_a_batch_may_change_places() -> None:
    heads, targets = [head.detach() for head in drawn_heads(3)], drawn_targets(12, 3)
    swapped = targets.clone()
    swapped[:, 0] = 1 - swapped[:, 0]
    loss = Loss(detector(3), Hyper(), imgsz=640)
    assert items(loss(heads, targets)) == pytest.approx(
        items(loss([head.flip(0) for head in heads], swapped)), rel=1e-5
    )


def test_a_batch_twice_has_the_same_items_and_twice_the_total() -> None:
    heads, targets = [head.detach() for head in drawn_heads(3)], drawn_targets(12, 3)
    again = targets.clone()
    again[:, 0] += 2
    loss = Loss(detector(3), Hyper(), imgsz=640)
    one, two = loss(heads, targets), loss([torch.cat((head, head)) for head in heads], torch.cat((targets, again)))
    assert items(one) == pytest.approx(items(two), rel=1e-5)
    assert two.total.item() == pytest.approx(2 * one.total.item(), rel=1e-5)


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_narrow_heads_are_computed_with_in_32_bits(kind: torch.dtype) -> None:
    heads, targets = drawn_heads(3, kind=kind), drawn_targets(12, 3)
    loss = Loss(detector(3), Hyper(), imgsz=640)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = loss(heads, targets)
    wide = loss([head.detach().float() for head in heads], targets)
    assert found.total.dtype == torch.float32
    assert items(found) == items(wide)
    assert [gradient.dtype for gradient in gradients(found, heads)] == [kind] * 3


def test_anchors_are_those_at_the_time_it_is_made() -> None:
    model, heads, targets = detector(3), drawn_heads(3), drawn_targets(12, 3)
    loss = Loss(model, Hyper(), imgsz=640)
    before = items(loss(heads, targets))
    model.anchors.mul_(2)
    assert items(loss(heads, targets)) == before
    assert items(Loss(model, Hyper(), imgsz=640)(heads, targets)) != before


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("place", ["cpu", "cuda"])
def test_cuda_gives_what_a_processor_gives(place: str) -> None:
    heads, targets = drawn_heads(3), drawn_targets(12, 3)
    loss = Loss(detector(3), Hyper(), imgsz=640)
    there = [head.detach().cuda().requires_grad_() for head in heads]
    found, expected = loss(there, targets.to(place)), loss(heads, targets)
    assert items(found) == pytest.approx(items(expected), rel=1e-5)
    for one, other in zip(gradients(found, there), gradients(expected, heads), strict=True):
        torch.testing.assert_close(one.cpu(), other)
