"""Rows then and now: laws that hold for any rows, and the cases that people name."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.against.rows import Row, overlaps, row_changes

NAMES = ("car", "bus")


def row(name: str, cx: float, cy: float = 0.5, w: float = 0.2, h: float = 0.2) -> Row:
    return Row(name, f"{cx} {cy} {w} {h}", (cx, cy, w, h))


def broken(text: str) -> Row:
    return Row("", text, None)


ROWS = st.lists(
    st.one_of(
        st.builds(row, st.sampled_from(NAMES), st.integers(1, 9).map(lambda tenth: tenth / 10)),
        st.builds(broken, st.sampled_from(["0 x", "1 y"])),
    ),
    max_size=8,
)


def told(then: list[Row], now: list[Row]) -> Counter[str]:
    return Counter(change.what for change in row_changes(then, now))


@given(ROWS, st.randoms())
def test_another_order_is_no_change(rows: list[Row], rng: random.Random) -> None:
    other = rows[:]
    rng.shuffle(other)
    assert row_changes(rows, other) == []


@given(ROWS, ROWS)
def test_every_row_is_told_once_and_the_numbers_add_up(then: list[Row], now: list[Row]) -> None:
    changes = row_changes(then, now)
    for side in (1, 2):
        places = [change[side] for change in changes if change[side] is not None]
        assert len(places) == len(set(places))
    counts = Counter(change.what for change in changes)
    assert len(now) - len(then) == counts["added"] - counts["removed"]
    assert counts == told(now, then) or counts["added"] + counts["removed"] >= 0
    backwards = told(now, then)
    assert (counts["added"], counts["removed"]) == (backwards["removed"], backwards["added"])


def test_what_people_name() -> None:
    cat, dog = row("cat", 0.5), row("dog", 0.8)
    assert told([cat, dog], [dog]) == {"removed": 1}
    assert told([dog], [cat, dog]) == {"added": 1}
    assert told([cat, dog], [row("cat", 0.55), dog]) == {"moved": 1}
    assert told([cat], [row("cat", 0.9)]) == {"moved": 1}, "far, but as many have gone as have come"
    assert told([cat], [row("bus", 0.5)]) == {"re-classed": 1}
    assert told([cat], [row("bus", 0.51)]) == {"re-classed": 1}
    assert told([cat], [row("bus", 0.9)]) == {"removed": 1, "added": 1}
    assert told([cat], [cat, broken("0 x")]) == {"added": 1}
    assert told([cat, cat], [cat]) == {"removed": 1}


def test_the_box_that_overlaps_most_is_the_same_one() -> None:
    changes = row_changes([row("cat", 0.4), row("cat", 0.6)], [row("cat", 0.59), row("cat", 0.41), row("cat", 0.1)])
    assert {(change.then, change.now) for change in changes if change.what == "moved"} == {(0, 1), (1, 0)}
    assert [change.now for change in changes if change.what == "added"] == [2]


def test_overlaps() -> None:
    one, half, apart = (0.5, 0.5, 0.2, 0.2), (0.6, 0.5, 0.2, 0.2), (0.9, 0.9, 0.1, 0.1)
    bad = (float("nan"), 0.5, 0.2, 0.2)
    found = overlaps([one, bad], [one, half, apart, (0.5, 0.5, 0.0, 0.0)])
    assert found.round(4).tolist() == [[1.0, 0.3333, 0.0, 0.0], [0.0] * 4]


def test_many_rows_are_bounded() -> None:
    then = [row("cat", 0.3 + number * 1e-6) for number in range(3000)]
    now = [row("cat", 0.3 + number * 1e-6 + 1e-7) for number in range(3000)]
    assert told(then, now)["moved"] == 3000
