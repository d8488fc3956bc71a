"""narrow-season at its boundaries."""

from tests.example_looks import at, number, pixels_of
from tests.example_tables import images_of
from yoloaudit.checks.variety.narrow_season import NarrowSeason
from yoloaudit.dataset.tables import Defects


def find(months: list[int], untimed: int = 0) -> Defects:
    taken = [at(month, 12) for month in months] + [-1] * untimed
    return NarrowSeason().find(images_of(len(taken)), pixels_of(len(taken), taken=taken))


def test_quarters_are_those_of_the_calendar() -> None:
    for months, quarters in (([1, 2, 3], 1), ([3, 4], 2), ([6, 7], 2), ([10, 11, 12], 1), ([1, 4, 7, 10], 4)):
        assert number(find(months * 20)) == quarters


def test_one_quarter_is_too_few_and_two_are_enough() -> None:
    assert len(find([7] * 40)) == 1
    assert not len(find([7] * 38 + [12] * 2))
    assert len(find([7] * 39 + [12] * 2)) == 1


def test_unknown_where_most_images_tell_no_date() -> None:
    assert number(find([7] * 40, untimed=41)) is None
    assert number(find([7] * 40, untimed=40)) == 1


def test_years_do_not_matter() -> None:
    year = 366 * 86400
    taken = [at(7, 12) + year * (i % 2) for i in range(40)]
    assert number(NarrowSeason().find(images_of(40), pixels_of(40, taken=taken))) == 1
