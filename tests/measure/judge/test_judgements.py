"""Known errors rank above right labels; bad input is no crash; few labels and useless models are no certainty."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.example_scenes import Flawed, World, dataset_of, flawed, tables_of, world
from tests.example_seen import labels_of, predictions_of, skill_of
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import JUDGEMENTS, PREDICTION_SOURCES, Judgements, Predictions, categorical
from yoloaudit.evidence import Floats, overlaps
from yoloaudit.measure.coverage import with_coverage
from yoloaudit.measure.judge import learning
from yoloaudit.measure.judge.judgements import DISCOUNT, FEWEST, FEWEST_IMAGES, LEAST, judge
from yoloaudit.measure.judge.planting import CLASS, DUPLICATE, LOOSE, SHIFTED, SPURIOUS, TIGHT

NAN, INF = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "ROUNDS", 20)


def judged(dataset: Dataset, predictions: Predictions, seed: int = 0) -> Judgements:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return judge(dataset, predictions, skill_of(len(dataset.names)), seed=seed, threads=1)


@cache
def example(seed: int) -> tuple[Flawed, Judgements]:
    drawn = world(seed)
    made = flawed(drawn, seed + 9)
    return made, judged(*tables_of(drawn, made.labels))


def auroc(right: Floats, wrong: Floats) -> float:
    """Share of pairs in which the wrong one has the higher score."""
    return float(((wrong[:, None] > right[None]) + 0.5 * (wrong[:, None] == right[None])).mean())


@pytest.mark.parametrize(
    ("kind", "numbers", "least"),
    [
        ("location", (LOOSE, SHIFTED, TIGHT), 0.9),
        ("class", (CLASS,), 0.8),
        ("spurious", (SPURIOUS,), 0.9),
        ("duplicate", (DUPLICATE,), 0.7),
    ],
)
def test_errors_rank_above_right_labels(kind: str, numbers: tuple[int, ...], least: float) -> None:
    ranks, right = [], []
    for made, found in map(example, range(2)):
        rows = found[found["kind"] == kind]
        score = np.zeros(len(made.kinds))
        score[rows["box"].to_numpy()] = rows["score"]
        ranks.append(auroc(score[made.kinds == 0], score[np.isin(made.kinds, numbers)]))
        right.append(score[made.kinds == 0].mean())
    assert np.mean(ranks) > least
    assert max(right) < 0.08


def test_objects_that_lack_a_label_are_found_and_their_boxes_fit() -> None:
    made, found = example(0)
    rows = found[(found["kind"] == "missing") & (found["score"] > 0.1)]
    boxes = rows[["x1", "y1", "x2", "y2"]].to_numpy(float)
    overlap = overlaps(made.dropped[:, 2:], boxes)[0] * (made.dropped[:, :1] == rows["image"].to_numpy()[None])
    assert (overlap.max(axis=1) > 0.6).sum() >= 11
    assert (overlap.max(axis=0) <= 0.6).sum() <= 12
    right = made.dropped[overlap.argmax(axis=0), 1] == rows["class_id"].to_numpy()
    assert right[overlap.max(axis=0) > 0.6].mean() > 0.8
    assert (rows["box"] == -1).all()


def test_boxes_that_are_proposed_for_displaced_labels_are_better_ones() -> None:
    drawn, (made, found) = world(0), example(0)
    rows = found[(found["kind"] == "location") & (found["score"] > 0.3)]
    rows = rows[np.isin(made.kinds[rows["box"]], (LOOSE, SHIFTED, TIGHT))]
    assert len(rows) > 10
    better = []
    for image, box, *proposed in rows[["image", "box", "x1", "y1", "x2", "y2"]].to_numpy(float).tolist():
        truth = drawn.labels[drawn.labels[:, 0] == image, 2:]
        given = made.labels[int(box), 2:][None]
        better.append(overlaps(np.array([proposed]), truth)[0].max() > overlaps(given, truth)[0].max())
    assert np.mean(better) > 0.85


def test_another_class_is_proposed_for_a_swapped_one() -> None:
    made, found = example(0)
    rows = found[found["kind"] == "class"]
    rows = rows[made.kinds[rows["box"]] == CLASS]
    assert len(rows) >= 5
    assert (rows["class_id"].to_numpy() != made.labels[rows["box"], 1]).all()


def test_the_table_is_as_it_is_promised() -> None:
    made, found = example(0)
    assert list(found.columns) == list(JUDGEMENTS)
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == dict(JUDGEMENTS)
    assert found["score"].between(LEAST, 1).all()
    order = found.assign(kind=found["kind"].cat.codes)[["image", "box", "kind"]]
    assert order.equals(order.sort_values(["image", "box", "kind"], kind="stable"))
    assert not order.duplicated().loc[(found["box"] >= 0).to_numpy()].any()
    rows = found[found["box"] >= 0]
    assert (made.labels[rows["box"], 0] == rows["image"]).all()
    boxes = found[["x1", "y1", "x2", "y2"]].to_numpy(float)
    assert (np.isnan(boxes) | ((boxes >= 0) & (boxes <= 640))).all()
    assert np.isnan(boxes[(found["kind"] == "spurious").to_numpy()]).all()
    assert (found["error_px"].isna() | (found["error_px"] > 0)).all()


def test_clean_labels_are_left_in_peace() -> None:
    found = judged(*tables_of(world(3, images=40)))
    assert found["score"].sum() < 12
    assert (found["score"] > 0.5).sum() <= 4


def test_the_order_of_images_changes_nothing() -> None:
    """The same files listed otherwise, which a list of images can do: equal chances, to the last digit."""
    drawn = world(1, images=16)
    dataset, predictions = tables_of(drawn)
    order = np.random.default_rng(0).permutation(drawn.images)
    place = np.argsort(order)
    images = dataset.images.iloc[order].reset_index(drop=True)
    labels, found = drawn.labels.copy(), drawn.found.copy()
    labels[:, 0], found[:, 0] = place[labels[:, 0].astype(int)], place[found[:, 0].astype(int)]
    at = np.argsort(labels[:, 0], kind="stable")
    other = judged(dataset_of(images, labels_of(labels[at].tolist(), images)), predictions_of(found.tolist()))
    one = judged(dataset, predictions)
    assert len(one) > 5
    boxes = other["box"].to_numpy()
    back = other.assign(image=order[other["image"]], box=np.where(boxes < 0, -1, at[boxes]))
    keys = ["image", "box", "kind", "score"]
    pd.testing.assert_frame_equal(
        one[keys].sort_values(keys, ignore_index=True), back[keys].sort_values(keys, ignore_index=True),
        check_dtype=False, check_exact=True,
    )  # fmt: skip


def test_a_seed_gives_the_same_again() -> None:
    tables = tables_of(world(2, images=12))
    pd.testing.assert_frame_equal(judged(*tables), judged(*tables))


def test_on_images_that_the_model_was_trained_on_less_is_believed() -> None:
    drawn = world(0)
    dataset, _ = tables_of(drawn, flawed(drawn, 9).labels)
    one, other = (judged(dataset, predictions_of(drawn.found.tolist(), source)) for source in ("val", "in-sample"))
    both = one.merge(other, on=["image", "box", "kind", "x1"])
    assert len(both) > 5
    np.testing.assert_allclose(both["score_y"], DISCOUNT * both["score_x"], rtol=1e-5)
    assert (other["source"] == PREDICTION_SOURCES[2]).all()


def test_images_that_were_not_looked_at_are_not_judged() -> None:
    dataset, predictions = tables_of(world(0, images=20))
    seen = np.arange(20) < 14
    predictions = predictions[predictions["image"] < 14].reset_index(drop=True)
    found = judged(dataset, with_coverage(predictions, seen))
    assert len(found)
    assert (found["image"] < 14).all()
    pd.testing.assert_frame_equal(found, judged(dataset, predictions))


def few(count: int) -> Floats:
    """The first labels of a world, an image with one each."""
    return np.asarray(world(0).labels[::5][:count])


@pytest.mark.parametrize(
    "labels",
    [
        few(0),
        few(1),
        few(FEWEST - 1),
        world(0).labels[: (FEWEST_IMAGES - 1) * 5].repeat(2, axis=0),
        np.concatenate([np.zeros((300, 1)), world(0).labels[:, 1:]], axis=1),
    ],
    ids=["none", "one", "few", "few images", "one image"],
)
def test_too_few_labels_to_learn_from_are_not_judged(labels: Floats) -> None:
    found = judged(*tables_of(world(0), labels))
    assert not len(found)
    assert list(found.columns) == list(JUDGEMENTS)


def test_without_a_detection_nothing_is_judged() -> None:
    drawn = world(0)
    dataset, none = tables_of(drawn._replace(found=drawn.found[:0]))
    assert not len(judged(dataset, none))
    dataset.images["width"] = 0
    assert not len(judged(dataset, tables_of(drawn)[1])), "of images without size nobody knows where labels are"


def odd_numbers(found: Floats) -> Floats:
    """Detections that are none, among others."""
    rows = found.copy()
    rows[::7, 2], rows[1::7, 2], rows[2::7, 3], rows[3::7, 5] = NAN, INF, -INF, NAN
    rows[4::7, 3:] += 1e30
    rows[5::7, 5] = rows[5::7, 3] - 5
    return rows


@pytest.mark.parametrize(
    ("column", "add", "of"),
    [(1, 2147483640, "labels"), (1, 5000, "found"), (3, 620, "found")],
    ids=["huge classes", "other classes", "far to the right"],
)
def test_odd_numbers_are_no_crash(column: int, add: float, of: str) -> None:
    drawn = world(0, images=16)
    rows = getattr(drawn, of).copy()
    rows[:, column] += add
    if column == 3:
        rows[:, 5] += add
    found = judged(*tables_of(drawn._replace(**{of: rows})))
    assert found["score"].between(0, 1).all()


def test_detections_that_are_no_boxes_are_passed_over() -> None:
    drawn = world(0, images=16)
    odd = np.concatenate([drawn.found, odd_numbers(drawn.found)[np.arange(len(drawn.found)) % 7 != 6]])
    kept = [row for row in odd.tolist() if -1e9 < row[3] < row[5] < 1e9 and 0 <= row[2] <= 1]
    one, other = (judged(*tables_of(drawn._replace(found=np.array(rows)))) for rows in (odd, kept))
    pd.testing.assert_frame_equal(one.drop(columns="detection"), other.drop(columns="detection"))


def test_images_without_size_have_no_say() -> None:
    drawn = world(0, images=16)
    dataset, predictions = tables_of(drawn)
    dataset.images.loc[:4, ["width", "height"]] = 0
    unsized = dataset.boxes["image"] <= 4
    dataset.boxes.loc[unsized, ["x1", "y1", "x2", "y2"]] = np.nan
    found = judged(dataset, predictions)
    assert len(found)
    assert (found["image"] > 4).all(), "what is seen there would all lack a label"


def test_one_class() -> None:
    drawn = world(0, images=16)
    labels, seen = drawn.labels * [1, 0, 1, 1, 1, 1], drawn.found * [1, 0, 1, 1, 1, 1, 1]
    found = judged(*tables_of(drawn._replace(labels=labels, found=seen)))
    assert "class" not in set(found["kind"])


def test_a_file_that_is_listed_twice_teaches_once() -> None:
    """With each image listed in two splits, chances are about what they are with each listed once."""
    drawn = world(0, images=16)
    twice = [np.concatenate([rows, rows + np.eye(rows.shape[1])[0] * 16]) for rows in (drawn.labels, drawn.found)]
    dataset, predictions = tables_of(World(twice[0], twice[1], 32))
    dataset.images["path"] = pd.Series([f"images/{at % 16}.png" for at in range(32)], dtype=object)
    found = judged(dataset, predictions)
    score = found[found["kind"] == "location"].set_index("image")["score"]
    first, second = (score[(score.index >= low) & (score.index < low + 16)] for low in (0, 16))
    np.testing.assert_allclose(first, second, err_msg="the two are the same picture")


def test_rows_of_unknown_kind_of_file_are_passed_over() -> None:
    dataset, predictions = tables_of(world(0, images=16))
    errors = dataset.boxes["error"].cat.codes.to_numpy().copy()
    errors[:10] = 0
    boxes = dataset.boxes.assign(error=categorical(errors, list(dataset.boxes["error"].cat.categories)))
    found = judged(dataset_of(dataset.images, boxes), predictions)
    assert not (found["box"].between(0, 9)).any()


def test_labels_that_are_too_small_to_carry_an_error_are_left_in_peace() -> None:
    drawn = world(0, images=16)
    tiny = drawn.labels.copy()
    tiny[:, 4:] = tiny[:, 2:4] + 3
    found = judged(*tables_of(drawn._replace(labels=tiny)))
    assert (found["box"] < 0).all()
