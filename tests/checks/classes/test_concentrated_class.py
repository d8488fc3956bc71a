"""concentrated-class: few images, one source, and when sources are judged."""

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.classes.concentrated_class import ConcentratedClass
from yoloaudit.dataset.tables import Defects

NAMES = ("cat", "dog")


def found(per_image: list[int], source: list[str | None] | None = None) -> Defects:
    images = images_of(len(per_image), source=source)
    rows = [(image, 1, 0.001 * k, 0.5, 0.1, 0.1) for image, many in enumerate(per_image) for k in range(many)]
    return ConcentratedClass().find(boxes_of(rows, images), images, NAMES)


def test_less_than_a_twentieth_of_the_images() -> None:
    (defect,) = found([51] + [1] * 49 + [1]).to_dict("records")
    assert (defect["class_id"], defect["place"]) == (1, "2 of its 51 images")
    assert not len(found([40, *[2] * 19])), "one of twenty images is a twentieth"
    assert not len(found([30] + [1] * 30)), "half is not more than half"


def test_one_source_of_three() -> None:
    source = [*"aaaa", *"bbbb", *"cccc"]
    (defect,) = found([2] * 4 + [20] * 4 + [2] * 4, source).to_dict("records")
    assert defect["place"] == "one of several sources, 'b'"
    assert defect["value"] == 80 / 96


def test_two_sources_or_mostly_unknown_ones_are_not_judged() -> None:
    assert not len(found([2] * 4 + [20] * 4, [*"aaaa", *"bbbb"]))
    assert not len(found([2] * 4 + [20] * 4, ["a", None, "b", None, "c", None, "a", None]))


def test_a_source_of_most_images_explains_itself() -> None:
    assert not len(found([2] * 4 + [20] * 10 + [2] * 4, [*"aaaa", *"b" * 10, *"cccc"]))


def test_nothing_to_judge() -> None:
    assert not len(found([0, 0, 0], ["a", "b", "c"]))
    assert not len(found([]))
