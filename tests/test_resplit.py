"""A split without a leak: nothing that is tied crosses splits, and every usable image is in one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from yoloaudit.dataset.tables import HASHES, PIXELS, Hashes, Images, Pixels, table
from yoloaudit.errors import DataError
from yoloaudit.resplit import Resplit, connected, leaks, resplit, summary

SHARES = {"train": 0.7, "val": 0.2, "test": 0.1}


def hashes_of(count: int, cluster: Sequence[int] | None = None) -> Hashes:
    """Images of which no two have equal bytes; they are near one another as `cluster` says."""
    return table(HASHES, {"content": np.arange(count), "cluster": np.arange(count) if cluster is None else cluster})


def pixels_of(count: int, **columns: Any) -> Pixels:
    return table(PIXELS, {"decoded": np.ones(count, dtype=bool), "damage": [None] * count, **columns})


def made_of(images: Images, shares: Mapping[str, float] = SHARES, seed: int = 0, **columns: Any) -> Resplit:
    """A split of images that each show one object of class 0, unless `rows` says otherwise."""
    count = len(images)
    rows = columns.pop("rows", [(image, 0, 0.5, 0.5, 0.2, 0.2) for image in range(count)])
    hashes = columns.pop("hashes", hashes_of(count))
    boxes = boxes_of(rows, images)
    return resplit(images, boxes, hashes, pixels_of(count, **columns), shares, seed)


@given(data=st.data(), count=st.integers(30, 120), seed=st.integers(0, 5))
def test_what_is_tied_stays_together(data: st.DataObject, count: int, seed: int) -> None:
    draw = data.draw
    rare = st.integers(0, 5 * count)
    cluster = draw(st.lists(rare, min_size=count, max_size=count))
    source = draw(st.lists(st.none() | rare.map(str), min_size=count, max_size=count))
    minute = draw(st.lists(st.just(-1) | rare, min_size=count, max_size=count))
    broken = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    splits = draw(st.lists(st.sampled_from(["train", "val"]), min_size=count, max_size=count))
    images = images_of(count, source=source, split=splits)
    taken = [60 * number if number >= 0 else -1 for number in minute]
    pixels: dict[str, Any] = {"camera": ["phone"] * count, "taken": taken}
    damage = ["ends early" if each else None for each in broken]
    try:
        made = made_of(images, seed=seed, hashes=hashes_of(count, cluster), damage=damage, **pixels)
    except DataError:
        assume(False)
    assert [split is None for split in made.split] == broken
    frame = pd.DataFrame({"split": made.split, "cluster": cluster, "source": source, "minute": minute})
    for tie in ("cluster", "source"):
        assert frame.dropna(subset=["split", tie]).groupby(tie)["split"].nunique().le(1).all()
    assert frame[frame["minute"] >= 0].dropna(subset=["split"]).groupby("minute")["split"].nunique().le(1).all()
    assert not any(leaks(made.group, made.split).values())
    assert set(made.split) - {None} == {"train", "val", "test"}


@given(edges=st.lists(st.lists(st.integers(-1, 12), min_size=25, max_size=25), min_size=1, max_size=4))
def test_connected_parts_are_those_of_a_walk(edges: list[list[int]]) -> None:
    def walk(start: int) -> frozenset[int]:
        found, waiting = {start}, [start]
        while waiting:
            row = waiting.pop()
            ties = [tie for tie in edges if tie[row] >= 0]
            near = {other for tie in ties for other in range(25) if tie[other] == tie[row]} - found
            found |= near
            waiting += near
        return frozenset(found)

    numbers = connected([np.array(tie) for tie in edges])
    assert {frozenset(np.flatnonzero(numbers == number).tolist()) for number in numbers} == set(map(walk, range(25)))


def test_a_chain_of_ties_is_one_group_and_found_quickly() -> None:
    rows = np.arange(100_000)
    assert connected([rows // 2, (rows + 1) // 2]).max() == 0


@pytest.mark.parametrize(("seed", "same"), [(7, True), (8, False)])
def test_the_seed_decides(seed: int, same: bool) -> None:
    images = images_of(200)
    assert (made_of(images, seed=7).split.tolist() == made_of(images, seed=seed).split.tolist()) is same


def test_shares_of_images_classes_and_backgrounds() -> None:
    rng = np.random.default_rng(1)
    labels = rng.choice(4, 500, p=[0.6, 0.25, 0.1, 0.05])
    rows = [(image, label, 0.5, 0.5, 0.2, 0.2) for image, label in enumerate(labels) if label != 2]
    made = made_of(images_of(500), rows=rows)
    for split, share in SHARES.items():
        own = labels[made.split == split]
        assert len(own) / 500 == pytest.approx(share, abs=0.01)
        for label in range(4):
            assert (own == label).sum() / (labels == label).sum() == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("seed", range(4))
def test_instances_are_spread_too(seed: int) -> None:
    crowd = [40] * 10 + [1] * 90
    rows = [(image, 0, 0.5, 0.5, 0.2, 0.2) for image, size in enumerate(crowd) for _ in range(size)]
    made = made_of(images_of(100), {"train": 0.8, "val": 0.2}, seed, rows=rows)
    assert np.array(crowd)[made.split == "val"].sum() / sum(crowd) == pytest.approx(0.2, abs=0.02)


def test_what_labels_make_the_trainer_drop_stays_in_the_lists() -> None:
    images = images_of(20, fate=["dropped"] * 10 + ["used"] * 10)
    assert made_of(images).listed.all()


def test_left_out_is_what_no_list_can_hold_or_no_trainer_can_read() -> None:
    images = images_of(20)
    names = ["a\nb", "a\u2028b", "a\x85b", "a\udcffb", "a\\b", "a b", "ä'\"\x1b[1m"]
    images["path"] = [f"images/{name}.png" for name in names] + images["path"].tolist()[len(names) :]
    images.loc[10, ["width", "height"]] = (9, 400)
    images.loc[11, ["width", "height"]] = (10, 10)
    images.loc[12, "error"] = "is no image"
    made = made_of(images, damage=[None] * 13 + ["ends early"] + [None] * 6)
    assert np.flatnonzero(~made.listed).tolist() == [0, 1, 2, 3, 4, 10, 12, 13]
    assert made.left_out[[0, 5, 10, 12, 13]].tolist() == [
        "its name cannot stand in an image list",
        None,
        "a side is below 10 px",
        "is no image",
        "ends early",
    ]


def test_an_image_in_two_splits_is_listed_once() -> None:
    images = images_of(40, split=["train"] * 20 + ["val"] * 20)
    images["path"] = images["path"].tolist()[:20] * 2
    made = made_of(images, hashes=hashes_of(40, [*range(20), *range(20)]))
    assert made.listed.tolist() == [True] * 20 + [False] * 20
    assert leaks(made.group, images["split"].astype(object).to_numpy()) == {"val": 20, "test": 0}


def test_equal_bytes_are_tied_where_nothing_was_decoded() -> None:
    hashes = hashes_of(12, [-1] * 12).assign(content=[1, 1, 1, *range(3, 12)])
    made = made_of(images_of(12), {"train": 0.5, "val": 0.5}, hashes=hashes, decoded=np.zeros(12, dtype=bool))
    assert len(made.groups) == 10
    assert len(set(made.split[:3])) == 1


def test_a_minute_ties_photographs_of_one_camera_alone() -> None:
    cameras, taken = ["a", "a", "b", None, "a", "a"], [0, 59, 30, 30, 60, -1]
    made = made_of(images_of(6), {"train": 0.5, "val": 0.5}, camera=cameras, taken=taken)
    assert made.group.tolist() == [0, 0, 1, 2, 3, 4]


def test_a_clip_is_one_group_across_splits_and_photographs_with_numbers_are_not() -> None:
    images = images_of(
        24,
        split=["train", "val"] * 12,
        source=["drive"] * 12 + ["party"] * 12,
        frame=[*range(12), *range(12)],
    )
    rng = np.random.default_rng(0)
    still = [(image, 0, 0.5, 0.5, 0.2, 0.2) for image in range(12)]
    moving = [(image, 0, *rng.uniform(0.2, 0.8, 2), 0.1, 0.1) for image in range(12, 24)]
    made = made_of(images, {"train": 0.5, "val": 0.5}, rows=[*still, *moving])
    assert sorted(made.groups.tolist()) == [1] * 12 + [12]
    assert len(set(made.split[:12])) == 1
    assert set(made.numbered) == {None, "party"}


@pytest.mark.parametrize(
    ("source", "count", "said"),
    [
        (["a"] * 10, 10, "all 10 images are one group"),
        (["a"] * 5 + ["b"] * 5, 10, "3 splits take 3 groups"),
        (None, 0, "no image can be listed"),
    ],
)
def test_what_cannot_be_split_is_told(source: list[str] | None, count: int, said: str) -> None:
    with pytest.raises(DataError, match=said):
        made_of(images_of(count, source=source))


def test_leaks_count_images_that_an_earlier_split_has_kin_of() -> None:
    split = np.array(["train", "val", "val", "test", "test", "test", None, "val"], dtype=object)
    group = np.array([0, 0, 1, 1, 0, 2, 3, 3])
    assert leaks(group, split) == {"val": 1, "test": 2}


def test_summary_counts_the_old_and_the_new() -> None:
    images = images_of(20, split=["train"] * 10 + ["val"] * 10, source=[None] * 8 + ["a"] * 4 + [None] * 8)
    rows = [(image, image % 2 * 9, 0.5, 0.5, 0.2, 0.2) for image in range(18) for _ in range(2)]
    boxes = boxes_of(rows, images)
    damage = [None] * 19 + ["ends early"]
    made = resplit(images, boxes, hashes_of(20), pixels_of(20, damage=damage), {"train": 0.8, "val": 0.2})
    facts = summary(images, boxes, ["cat"], made)
    assert facts["images"] == 19
    assert facts["groups"] == {"count": 16, "largest": 4}
    assert facts["leaks"]["before"] == {"val": {"images": 10, "leaking": 2}}
    assert facts["leaks"]["after"]["val"]["leaking"] == 0
    splits = facts["splits"]
    assert [splits[name]["images_before"] for name in ("train", "val")] == [10, 10]
    assert sum(split["images"] for split in splits.values()) == 19
    assert sum(split["groups"] for split in splits.values()) == 16
    assert sum(split["backgrounds"] for split in splits.values()) == 1
    assert facts["left_out"] == [{"image": "images/19.png", "why": "ends early"}]
    assert [(each["id"], each["name"]) for each in facts["classes"]] == [(0, "cat"), (9, None)]
    for each in facts["classes"]:
        assert sum(split["images"] for split in each["splits"].values()) == 9
        assert sum(split["instances"] for split in each["splits"].values()) == 18
