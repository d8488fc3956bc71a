"""narrow-time-of-day at its boundaries."""

from tests.example_looks import at, number, pixels_of, sentences
from tests.example_tables import images_of
from yoloaudit.checks.variety.narrow_time_of_day import NarrowTimeOfDay
from yoloaudit.dataset.tables import Defects


def find(hours: list[int], untimed: int = 0) -> Defects:
    taken = [at(5, hour) for hour in hours] + [-1] * untimed
    return NarrowTimeOfDay().find(images_of(len(taken)), pixels_of(len(taken), taken=taken))


def test_parts_begin_at_full_quarters_of_the_day() -> None:
    for hours, parts in (([0, 5], 1), ([5, 6], 2), ([11, 12, 17], 2), ([17, 18, 23], 2), ([0, 6, 12, 18], 4)):
        assert number(find(hours * 20)) == parts


def test_two_parts_are_too_few_and_three_are_enough() -> None:
    assert len(find([9, 14] * 20)) == 1
    assert not len(find([9, 14, 20] * 20))


def test_a_part_counts_from_a_twentieth_on() -> None:
    assert number(find([9] * 20 + [14] * 18 + [2] * 2)) == 3
    assert number(find([9] * 20 + [14] * 19 + [2] * 2)) == 2


def test_unknown_where_most_images_tell_no_time() -> None:
    assert number(find([9] * 40, untimed=40)) == 1
    unknown = find([9] * 40, untimed=41)
    assert (number(unknown), len(unknown)) == (None, 0)
    assert unknown.attrs["why"] == "40 of 81 training images tell when they were taken, below 50%"
    assert number(find([9] * 29)) is None


def test_the_sentence_tells_the_shares() -> None:
    (said,) = sentences(NarrowTimeOfDay(), find([9, 14, 15, 16] * 10))
    assert "cover 2 of 4 parts of the day, below 3" in said
    assert "night (0 to 6 h) 0 %, morning (6 to 12 h) 25 %, afternoon (12 to 18 h) 75 %" in said
