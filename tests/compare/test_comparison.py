"""Two sides compared: differences and intervals obey their laws; the model is told apart from the ruler."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.example_compared import NAMES, lay_out
from tests.example_evidence import evidence, of_boxes, of_old, scored, worse
from yoloaudit.compare.comparison import MAIN, compare
from yoloaudit.compare.facts import facts_of
from yoloaudit.compare.pairing import NEW, SAME, UNCHANGED
from yoloaudit.errors import DataError, UsageError
from yoloaudit.train.score.draws import METRICS
from yoloaudit.train.score.evidence import Evidence, held_against, only
from yoloaudit.train.score.pairs import Detected

LAWS = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 10**6)


def big(seed: int = 1) -> Evidence:
    return evidence(seed, images=60, classes=3, labels=200, detections=500)


def relabelled(made: Evidence, seed: int = 0) -> Evidence:
    """A third of its labels gone: it is held against the others."""
    assert made.truth is not None
    kept = np.random.default_rng(seed).random(len(made.truth.images)) > 0.3
    return held_against(made, made.truth.at(kept))


@LAWS
@given(seed=SEEDS)
def test_a_run_does_not_differ_from_itself(seed: int, tmp_path: Path) -> None:
    folders = [lay_out(tmp_path / name, evidence(seed)) for name in "ab"]
    made = compare(folders[:1], folders[1:], samples=200)
    for row in (made.overall, *made.classes, *made.sizes):
        for estimate in row.scores.values():
            if np.isfinite(estimate.low):
                assert (estimate.difference, estimate.low, estimate.high, estimate.chance) == (0, 0, 0, 0.5)
    assert made.changed == ()
    assert made.budget == ()


@LAWS
@given(seed=SEEDS)
def test_swapped_sides_flip_every_sign(seed: int, tmp_path: Path) -> None:
    a, b = lay_out(tmp_path / "a", evidence(seed)), lay_out(tmp_path / "b", worse(evidence(seed), 0.3, seed))
    there, back = compare([a], [b], samples=200), compare([b], [a], samples=200)
    for one, other in zip((there.overall, *there.classes), (back.overall, *back.classes), strict=True):
        for metric in METRICS:
            first, second = one.scores[metric], other.scores[metric]
            assert (first.a, first.b) == (second.b, second.a)
            np.testing.assert_allclose(
                [first.difference, first.low, first.high, first.chance],
                [-second.difference, -second.high, -second.low, second.chance],
                atol=1e-9,
            )


@LAWS
@given(seed=SEEDS)
def test_the_order_of_images_does_not_matter(seed: int, tmp_path: Path) -> None:
    made, other = evidence(seed), worse(evidence(seed), 0.3, seed)
    order = np.random.default_rng(seed).permutation(12).tolist()
    a, b = lay_out(tmp_path / "a", made), lay_out(tmp_path / "b", other)
    turned = [lay_out(tmp_path / "c", only(made, order)), lay_out(tmp_path / "d", only(other, order[::-1]))]
    one, again = compare([a], [b], samples=200), compare(turned[:1], turned[1:], samples=200)
    for metric in METRICS:
        np.testing.assert_allclose(one.overall.scores[metric][:6], again.overall.scores[metric][:6], atol=1e-9)


def test_the_scores_are_those_of_the_evaluation(tmp_path: Path) -> None:
    first, second = big(), worse(big(), 0.2)
    made = compare([lay_out(tmp_path / "a", first)], [lay_out(tmp_path / "b", second)], samples=200)
    for side, own in (("a", first), ("b", second)):
        theirs = scored(own)
        means = theirs.precision.mean(), theirs.recall.mean(), theirs.ap[:, 0].mean(), theirs.ap.mean()
        for metric, mean in zip(METRICS, means, strict=True):
            assert getattr(made.overall.scores[metric], side) == pytest.approx(mean, abs=1e-9)
        for row, ap in zip(made.classes, theirs.ap.mean(axis=1), strict=True):
            assert getattr(row.scores[MAIN], side) == pytest.approx(ap, abs=1e-9)


def test_a_worse_run_is_a_regression_and_a_better_one_is_none(tmp_path: Path) -> None:
    a, b = lay_out(tmp_path / "a", big()), lay_out(tmp_path / "b", worse(big(), 0.3))
    there, back = compare([a], [b]), compare([b], [a])
    assert there.is_regression
    assert there.overall.scores[MAIN].chance > 0.99
    assert not back.is_regression
    assert back.overall.scores[MAIN].is_real
    assert facts_of(there)["verdict"] == "worse"
    assert [row.name for row in there.sizes] == ["small", "medium", "large"]
    assert sum(row.instances for row in there.sizes) == 200


def test_where_labels_changed_the_ruler_and_the_model_are_told_apart(tmp_path: Path) -> None:
    """The same model on other labels: all of the change is the ruler's, and none the model's."""
    made = big()
    a, b = lay_out(tmp_path / "a", made), lay_out(tmp_path / "b", relabelled(made))
    same = compare([a], [b], samples=200)
    assert same.ruler == NEW
    assert same.rulers is not None
    assert same.rulers.model[MAIN].difference == pytest.approx(0, abs=1e-12)
    assert same.rulers.ruler[MAIN].difference == pytest.approx(same.rulers.total[MAIN].difference, abs=1e-12)
    assert same.rulers.ruler[MAIN].difference < 0
    assert same.rulers.ruler[MAIN].high < 0
    assert same.overall.scores[MAIN].difference == same.rulers.model[MAIN].difference
    assert "held against B's" in " ".join(same.notes)


def test_another_model_on_other_labels(tmp_path: Path) -> None:
    made = big()
    other = relabelled(worse(made, 0.4))
    both = compare([lay_out(tmp_path / "a", made)], [lay_out(tmp_path / "b", other)], samples=200)
    rulers = both.rulers
    assert rulers is not None
    assert rulers.old_a[MAIN] == pytest.approx(scored(made).ap.mean(), abs=1e-9)
    assert rulers.new_b[MAIN] == pytest.approx(scored(other).ap.mean(), abs=1e-9)
    assert rulers.model[MAIN].difference < 0
    parts = rulers.ruler[MAIN].difference + rulers.model[MAIN].difference
    assert parts == pytest.approx(rulers.total[MAIN].difference)
    assert rulers.ruler_of_b[MAIN].difference == pytest.approx(rulers.new_b[MAIN] - rulers.old_b[MAIN])
    assert facts_of(both)["rulers"]["images"] == rulers.images


def test_records_of_old_are_compared_on_images_whose_labels_are_the_same(tmp_path: Path) -> None:
    made = big()
    other = relabelled(made)
    same = int(np.array([one == two for one, two in zip(made.digests, other.digests, strict=True)]).sum())
    old = compare([lay_out(tmp_path / "a", of_old(made))], [lay_out(tmp_path / "b", of_old(other))], samples=200)
    assert old.ruler == UNCHANGED
    assert old.rulers is None
    assert len(old.paired.images) == same
    assert old.sizes == ()
    assert "left out" in " ".join(old.notes)
    every = replace(of_old(made), digests=("other",) * 60)
    with pytest.raises(DataError, match="labels of all val images"):
        compare([lay_out(tmp_path / "c", of_old(made))], [lay_out(tmp_path / "d", every)])


def noisy(made: Evidence, seed: int) -> Evidence:
    """Another seed of the same: its boxes lie a little elsewhere."""
    assert made.boxes is not None
    assert made.truth is not None
    random = np.random.default_rng(seed)
    moved = np.maximum(made.boxes + random.normal(size=made.boxes.shape) * 2, 0).astype(np.float32)
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
    return of_boxes(Detected(made.image, made.classes, moved, made.scores), made.truth, len(made.images))


def test_several_seeds_a_side(tmp_path: Path) -> None:
    a = [lay_out(tmp_path / f"a{seed}", noisy(big(), seed), options={"seed": seed}) for seed in range(3)]
    b = [lay_out(tmp_path / f"b{seed}", noisy(worse(big(), 0.3), seed), options={"seed": seed}) for seed in range(3)]
    made = compare(a, b, samples=200)
    estimate = made.overall.scores[MAIN]
    assert len(estimate.seeds_a) == len(estimate.seeds_b) == 3
    assert estimate.a == pytest.approx(np.mean(estimate.seeds_a))
    assert made.is_regression
    assert not any("one run a side" in note for note in made.notes)
    again = compare(a[:1], b[:1], samples=200).overall.scores[MAIN]
    assert again.a == estimate.seeds_a[0]


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    a = lay_out(tmp_path / "a", big())
    with pytest.raises(UsageError, match="twice"):
        compare([a, a], [a])
    with pytest.raises(UsageError, match="two sides"):
        compare([a], [])
    bare = lay_out(tmp_path / "b", only(big(), range(5, 9)), ["x", "y", "z"])
    with pytest.raises(DataError, match="no class name"):
        compare([a], [bare])
    made = big()
    assert made.truth is not None
    unlabelled = held_against(made, made.truth.at(np.zeros(0, np.int64)))
    with pytest.raises(DataError, match="nothing is labelled"):
        compare([lay_out(tmp_path / "c", unlabelled)], [lay_out(tmp_path / "d", unlabelled)])


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    a, b = lay_out(tmp_path / "a", big()), lay_out(tmp_path / "b", worse(big(), 0.1))
    first, again, other = (facts_of(compare([a], [b], samples=200, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first["metrics"] != other["metrics"]


def test_notes_tell_of_what_was_left_out(tmp_path: Path) -> None:
    a = lay_out(tmp_path / "a", only(big(), range(40)), NAMES)
    b = lay_out(tmp_path / "b", only(big(), range(10, 60)), ("cat", "dog", "cow"), epochs=2)
    made = compare([a], [b], samples=200)
    said = " ".join(made.notes)
    assert made.ruler == SAME
    assert "10 val images of A alone" in said
    assert "20 val images of B alone" in said
    assert "bird, cow" in said
    assert "30 images are few" in said
    assert "b was trained on since its record was written, after 2 epochs" in said
