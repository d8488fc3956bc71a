"""What raw heads say of boxes: the right cells are asked, mirrored or not, and boxes come back to where they were."""

import warnings

import numpy as np
import pytest
import torch

from tests.example_detector import CPU, NAMES, eager
from tests.example_pictures import texture
from yoloaudit.evidence import Floats, Integers
from yoloaudit.train import views as module
from yoloaudit.train.eye import scaled
from yoloaudit.train.images.augment import Letterboxed, letterbox
from yoloaudit.train.images.data import Fitted
from yoloaudit.train.model import fuse
from yoloaudit.train.objective.assign import assign
from yoloaudit.train.views import SCALES, View, Viewer

BOXES = np.array([[8.0, 8, 40, 40], [20, 5, 60, 50], [50, 30, 90, 60], [2, 30, 12, 60]])
CLASSES = np.array([0, 1, 2, 0])


@pytest.fixture(scope="module")
def viewer() -> Viewer:
    torch.set_num_threads(1)
    return Viewer(eager(), device=CPU)


def picture(seed: int = 0, width: int = 96, height: int = 64, shape: tuple[int, int] = (64, 96)) -> Fitted:
    pixels = texture(seed, width, height)
    made, boxed = letterbox(pixels, shape, auto=False)
    return Fitted(0, made, boxed, (height, width))


def symmetric() -> Fitted:
    left = texture(3, 48, 64)
    return Fitted(0, np.ascontiguousarray(np.concatenate([left, left[:, ::-1]], axis=1)), Letterboxed(), (64, 96))


def mirrored(boxes: Floats, width: float = 96) -> Floats:
    return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)


def test_each_scale_is_seen_twice(viewer: Viewer) -> None:
    views = viewer.look(picture())
    assert len(views) == len(SCALES)
    assert [view.size.tolist() for view in views] == [[96, 64], [96, 64], [128, 96]]
    for view in views:
        assert len(view.boxes) == len(view.objectness) == len(view.probabilities)
        assert view.probabilities.shape[1] == len(NAMES)
        assert (view.boxes >= 0).all()
        assert (view.boxes <= [96, 64, 96, 64]).all()
        assert (view.objectness > module.CANDIDATE).all()
        for side in (view.mirrored, ~view.mirrored):
            assert side.any()
            assert (np.diff(view.objectness[side]) <= 0).all()


def test_a_symmetric_picture_looks_the_same_in_the_mirror(viewer: Viewer) -> None:
    """At the scale at which nothing is padded, the mirrored view is the view, and says of a mirrored box the same."""
    view = viewer.look(symmetric())[0]
    for level in view.heads:
        torch.testing.assert_close(level[0], level[1], atol=1e-4, rtol=1e-4)
    one, other = viewer._cells(view, BOXES, CLASSES), viewer._cells(view, mirrored(BOXES), CLASSES)
    np.testing.assert_allclose(one[:, :, 0], other[:, :, 1], atol=1e-4)
    np.testing.assert_allclose(one[:, :, 1], other[:, :, 0], atol=1e-4)
    plain, mirror = view.boxes[~view.mirrored], view.boxes[view.mirrored]
    np.testing.assert_allclose(np.sort(plain[:, 0])[:50], np.sort(96 - mirror[:, 2])[:50], atol=0.01)


def test_the_mirrored_view_is_the_view_of_the_mirrored_picture(viewer: Viewer) -> None:
    one = picture(5)
    assert one.image is not None
    flipped = one._replace(image=np.ascontiguousarray(one.image[:, ::-1]))
    mirror, plain = viewer.look(one)[0], viewer.look(flipped)[0]
    np.testing.assert_allclose(mirror.objectness[mirror.mirrored], plain.objectness[~plain.mirrored], atol=1e-5)
    np.testing.assert_allclose(mirror.boxes[mirror.mirrored], mirrored(plain.boxes[~plain.mirrored]), atol=0.01)
    asked = viewer._cells(mirror, BOXES, CLASSES), viewer._cells(plain, mirrored(BOXES), CLASSES)
    np.testing.assert_allclose(asked[0][:, :, 1], asked[1][:, :, 0], atol=1e-4)


def test_the_cells_are_those_that_training_would_ask(viewer: Viewer) -> None:
    view = viewer.look(picture())[0]
    said = viewer._cells(view, BOXES, CLASSES)[:, :, 0]
    centres, sides = (BOXES[:, :2] + BOXES[:, 2:]) / 2 / [96, 64], (BOXES[:, 2:] - BOXES[:, :2]) / [96, 64]
    targets = np.concatenate([np.zeros((4, 1)), np.arange(4)[:, None], centres, sides], axis=1)
    shapes = [(level.shape[2], level.shape[3]) for level in view.heads]
    objectness: list[list[float]] = [[] for _ in BOXES]
    for level, mine in enumerate(assign(torch.from_numpy(targets), shapes, viewer.grid, module.ANCHOR_T)):
        for anchor, row, column, place in zip(mine.anchor, mine.row, mine.column, mine.classes, strict=True):
            objectness[int(place)].append(float(view.heads[level][0, anchor, row, column, 4].sigmoid()))
    assert all(len(each) >= 3 for each in objectness)
    np.testing.assert_allclose(said[:, 0], [max(each) for each in objectness], rtol=1e-5)
    np.testing.assert_allclose(said[:, 1], [np.mean(each) for each in objectness], rtol=1e-5)
    assert ((said >= 0) & (said <= 1)).all()


@pytest.mark.parametrize("scale", [0.75, 1.3])
def test_a_scaled_view_is_as_large_as_the_picture_became(viewer: Viewer, scale: float) -> None:
    """What the padding leaves of the input is the picture: its far corner lies where the picture ends."""
    one = picture(0, 101, 67, (96, 128))
    view = viewer.look(one)[SCALES.index(scale)]
    assert one.image is not None
    made = scaled(torch.ones((1, 3, *one.image.shape[:2])), scale, 32)
    ends = [int((made[0, 0].max(dim=axis).values == 1).sum()) for axis in (0, 1)]
    for side, gain, padding, pixels, end in zip((0, 1), view.gain, view.padding, (101, 67), ends, strict=True):
        ratio, left = one.letterboxed.ratio[side], one.letterboxed.padding[side]
        assert pixels * gain + padding == pytest.approx((pixels * ratio + left) / one.image.shape[1 - side] * end)


@pytest.mark.parametrize("scale", SCALES)
def test_a_scaled_picture_is_that_of_test_time_augmentation(scale: float) -> None:
    one = picture(0, 101, 67, (96, 128)).image
    assert one is not None
    made, ratio = module._scaled(one, scale, 32)
    expected = scaled(torch.from_numpy(one).permute(2, 0, 1)[None] / 255, scale, 32)[0].permute(1, 2, 0)
    assert made.shape == tuple(expected.shape)
    assert np.abs(made / 255 - expected.numpy()).max() < 1.5 / 255
    np.testing.assert_allclose(ratio, [int(128 * scale) / 128, int(96 * scale) / 96])


class Pointing(torch.nn.Module):
    """Raw heads that see one thing, in the cell of its centre, of just its size; asked for one scale after another."""

    def __init__(self, viewer: Viewer, fitted: Fitted, box: Floats) -> None:
        super().__init__()
        assert fitted.image is not None
        self.anchor = viewer.pixels[0, 2].numpy()
        self.box = box * fitted.letterboxed.ratio[0] + np.tile(fitted.letterboxed.padding, 2)
        self.sides = np.array(fitted.image.shape[1::-1])
        self.scales = iter(SCALES)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        heads = [torch.full((2, 3, images.shape[2] // s, images.shape[3] // s, 8), -20.0) for s in (8, 16, 32)]
        shrunk = (self.sides * next(self.scales)).astype(int) / self.sides
        box = self.box * np.tile(shrunk, 2)
        for side in (0, 1):
            middle, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
            middle[0] = images.shape[3] - middle[0] if side else middle[0]
            cell = (middle // 8).astype(int)
            numbers = np.concatenate([(middle / 8 - cell + 0.5) / 2, np.sqrt(size / self.anchor) / 2])
            heads[0][side, 2, cell[1], cell[0], :4] = torch.logit(torch.tensor(numbers, dtype=torch.float32))
            heads[0][side, 2, cell[1], cell[0], 4:6] = 9
        return heads


@pytest.mark.parametrize("size", [(96, 64), (202, 134), (60, 50), (333, 111)])
def test_boxes_come_back_to_where_they_were(size: tuple[int, int]) -> None:
    """What a detector sees at a place in every view lies at that place of the image, and is asked for there."""
    one = picture(0, *size, (64, 96))
    box = np.array([0.2, 0.2, 0.5, 0.8]) * np.tile(size, 2)
    viewer = Viewer(eager(), device=CPU)
    viewer.model = Pointing(viewer, one, box)  # type: ignore[assignment]  # it is called as a model is
    views = viewer.look(one)
    for view in views:
        assert view.mirrored.tolist() == [False, True]
        np.testing.assert_allclose(view.boxes, [box, box], atol=0.01)
        assert viewer._cells(view, box[None], np.array([0]))[0, 4:].min() > 0.99, "the very cell is asked"
    said = viewer.ask(views, box[None], np.array([0]))
    np.testing.assert_allclose(said.boxes[0], box, atol=0.01)
    assert said.spread.max() < 0.01


def asked(viewer: Viewer, boxes: Floats, classes: Integers, views: list[View] | None = None) -> module.Asked:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return viewer.ask(views or viewer.look(picture()), boxes, classes)


@pytest.mark.parametrize("classes", [(0, 1, 2, 0), (3, 80, 2147483647, -1)])
def test_classes_that_the_model_lacks_are_no_crash(viewer: Viewer, classes: tuple[int, ...]) -> None:
    made = asked(viewer, BOXES, np.array(classes))
    assert made.numbers.shape[0] == 4
    assert np.isfinite(made.numbers).all()
    assert made.boxes.shape == made.spread.shape == (4, 4)


def test_odd_boxes_and_none(viewer: Viewer) -> None:
    width = asked(viewer, BOXES, CLASSES).numbers.shape[1]
    boxes = np.array([[0.0, 0, 96, 64], [5, 5, 5, 5], [-40, -40, 300, 300], [95.9, 63.9, 96, 64], [500, 500, 600, 600]])
    made = asked(viewer, boxes, np.zeros(5, np.int64))
    assert np.isfinite(made.numbers).all()
    assert np.isfinite(made.boxes).all()
    assert asked(viewer, np.zeros((0, 4)), np.zeros(0, np.int64)).numbers.shape == (0, width)


def test_boxes_are_asked_about_one_by_one_or_together(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    views = viewer.look(picture())
    whole = asked(viewer, BOXES, CLASSES, views)
    monkeypatch.setattr(module, "AT_ONCE", 3)
    for one, other in zip(whole, asked(viewer, BOXES, CLASSES, views), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-6)
    alone = asked(viewer, BOXES[2:3], CLASSES[2:3], views)
    np.testing.assert_allclose(alone.numbers[0], whole.numbers[2], rtol=1e-3, atol=1e-6)


def test_weights_that_are_no_numbers_say_nothing(viewer: Viewer) -> None:
    broken = Viewer(fuse(eager()), device=CPU)
    with torch.no_grad():
        broken.model.head.m[0].bias[0::8] = float("nan")  # type: ignore[operator]  # a convolution has a bias
        broken.model.head.m[1].bias[:] = float("nan")  # type: ignore[operator]  # as above
    made = asked(broken, BOXES, CLASSES, broken.look(picture()))
    assert np.isfinite(made.numbers).all()
    assert np.isfinite(made.boxes).all()


def test_a_model_that_sees_nothing(viewer: Viewer) -> None:
    blind = Viewer(fuse(eager()), device=CPU)
    with torch.no_grad():
        for level in blind.model.head.m:
            level.weight[:] = 0  # type: ignore[operator]  # as above
            level.bias[:] = -9  # type: ignore[operator]  # as above
    made = asked(blind, BOXES, CLASSES, blind.look(picture()))
    np.testing.assert_array_equal(made.boxes, BOXES)
    assert not made.spread.any()
    assert np.isfinite(made.numbers).all()
