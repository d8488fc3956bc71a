"""What is said of a model's anchors, what is proposed in their place, and what it would cost."""

import numpy as np
import pytest

from tests.example_labels import coco128, needs_coco128
from yoloaudit.train.anchors.auto import Fit, Proposal, check, is_taken, sentences, sizes
from yoloaudit.train.anchors.defaults import default
from yoloaudit.train.types import Floats

ANCHORS = default(5)


def looked(wanted: Floats, anew: int | None = None, anchors: Floats = ANCHORS) -> Fit:
    return check(wanted, anchors, anchor_t=4.0, rng=np.random.default_rng(0), anew=anew)


def labels(imgsz: int) -> Floats:
    found = coco128("train2017")
    return sizes(found.shares, found.sides[found.images], imgsz)


def strips(count: int = 200) -> Floats:
    """Boxes that no default anchor fits."""
    return np.random.default_rng(1).uniform((200, 4), (300, 8), (count, 2)).astype(np.float32)


def test_sizes_are_those_of_the_longer_side() -> None:
    shares, images = np.array([[0.5, 0.5], [0.1, 1]], np.float32), np.array([[1000, 500], [30, 60]], np.float32)
    assert sizes(shares, images, 640).tolist() == [[320, 160], [32, 640]]


@needs_coco128
def test_good_anchors_are_kept() -> None:
    found = looked(labels(640))
    assert found.proposal is None
    assert found.bpr == pytest.approx(0.99462, abs=1e-5)
    assert sentences(found, trained=True) == ["anchors: for 99.5% of 929 boxes one fits, 4.3 on average; they are kept"]


@needs_coco128
def test_poor_anchors_come_with_a_proposal_and_its_price() -> None:
    found = looked(labels(320))
    assert found.bpr == pytest.approx(0.96233, abs=1e-5)
    assert found.proposal is not None
    assert found.proposal.bpr > 0.99
    assert found.proposal.kept is not None
    assert found.proposal.kept < 0.5
    told = sentences(found, trained=True)
    assert f"comes out with an IoU of {found.proposal.kept:.2f}" in told[1]
    assert "--autoanchor" in told[2]


def test_a_trained_model_is_left_alone_unasked() -> None:
    found = looked(strips())
    assert found.proposal is not None
    assert found.proposal.bpr > 0.98 > found.bpr
    assert [is_taken(found, trained=trained, asked=asked) for trained in (False, True) for asked in (False, True)] == [
        *(True, True, False, True)
    ]
    assert sentences(found, trained=False)[-1] == "anchors: the others are taken"
    assert sentences(found, trained=True, asked=True)[-1] == "anchors: the others are taken, as asked"
    assert not is_taken(looked(np.array([[16, 30]], np.float32)), trained=False, asked=True)


def test_the_price_of_anchors_of_half_the_size_is_a_quarter_of_the_overlap() -> None:
    wanted = np.tile(ANCHORS.reshape(-1, 2) * 8, (30, 1))
    found = looked(wanted)
    assert found.bpr < 0.98
    assert found.proposal is not None
    assert found.proposal.kept is not None
    assert 0 < found.proposal.kept < 0.5


def test_nothing_better_is_no_proposal() -> None:
    hopeless = np.full((20, 2), 0.01, np.float32)
    assert looked(hopeless) == Fit(20, 0, 0, 0, None)


@pytest.mark.parametrize("anew", [2, 3, 5])
def test_anchors_anew_are_proposed_whatever_the_old_ones_are(anew: int) -> None:
    wanted = np.random.default_rng(0).uniform(10, 300, (300, 2)).astype(np.float32)
    found = looked(wanted, anew)
    assert found.proposal is not None
    assert found.proposal.anchors.shape == (3, anew, 2)
    assert (found.proposal.kept is None) == (anew != 3)
    area = found.proposal.anchors.prod(axis=2).flatten()
    assert (np.diff(area) >= 0).all()
    assert len(sentences(found, trained=True)) == 3


def test_no_label() -> None:
    none = np.zeros((0, 2), np.float32)
    assert looked(none) == Fit(0, 0, 0, 0, None)
    assert sentences(looked(none), trained=True) == ["anchors: there is no box to hold them against"]
    anew = looked(none, 4, default(6))
    assert anew.proposal is not None
    assert anew.proposal.anchors.shape == (4, 4, 2)
    assert np.isfinite(anew.proposal.anchors).all()


def test_the_same_seed_gives_the_same_proposal() -> None:
    one, other = looked(strips()).proposal, looked(strips()).proposal
    assert isinstance(one, Proposal)
    assert isinstance(other, Proposal)
    assert np.array_equal(one.anchors, other.anchors)
