"""Which pictures show a finding, and which boxes are drawn on them: labels, what is proposed, and the others."""

from dataclasses import replace

import pytest

from tests.example_seen import labels_of
from tests.example_tables import images_of
from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Location, Severity, Suggestion
from yoloaudit.report.thumbnails import Thumbnail
from yoloaudit.report.thumbnails_marks import Labels, Plan, picture, plans

BOX = (10.0, 20.0, 110.0, 220.0)
OTHER = (12.0, 20.0, 120.0, 230.0)
OWN = Location("train", "images/0.png", "labels/0.txt", 4, 0, BOX)


def finding(where: Location = OWN, **facts: object) -> Finding:
    return replace(Finding("loose-box", Severity.WARNING, "said", where), **facts)  # type: ignore[arg-type]  # any of its fields


def test_the_label_is_drawn_and_another_box_that_is_proposed() -> None:
    (plain,) = plans(finding())
    assert (plain.labels, plain.proposed) == ((BOX,), None)
    (proposed,) = plans(finding(suggestion=Suggestion(0, OTHER, 0.9)))
    assert (proposed.labels, proposed.proposed) == ((BOX,), OTHER)
    assert proposed.wanted == ("images/0.png", (BOX, OTHER))
    (alike,) = plans(finding(suggestion=Suggestion(1, (10.4, 20.0, 110.0, 220.9), 0.9)))
    assert alike.proposed is None


def test_an_object_without_a_label_is_drawn_as_proposed() -> None:
    (plan,) = plans(finding(replace(OWN, line=None, label=None), suggestion=Suggestion(0, BOX, 0.9), score=0.8))
    assert (plan.labels, plan.proposed) == ((), BOX)


def test_a_place_without_a_box_shows_the_whole_image() -> None:
    (plan,) = plans(finding(replace(OWN, box=None)))
    assert plan.wanted == ("images/0.png", ())


def test_other_images_of_a_finding_are_shown_beside_it() -> None:
    twins = tuple(Location("val", f"images/{number}.png") for number in (1, 1, 2, 3))
    assert [plan.where.image for plan in plans(finding(related=twins))] == [
        "images/0.png",
        "images/1.png",
        "images/2.png",
    ]
    assert [plan.caption for plan in plans(finding(related=twins))] == ["images/0.png", "images/1.png", "images/2.png"]
    boxes = tuple(Location("val", "images/1.png", "labels/1.txt", line, 0, BOX) for line in (1, 2))
    assert plans(finding(related=(twins[0], *boxes)))[1].labels == (BOX, BOX)
    inside = Location("train", "images/0.png", "labels/0.txt", 5, 0, OTHER)
    (both,) = plans(finding(related=(inside,)))
    assert both.labels == (BOX, OTHER)
    assert both.caption == ""


def test_a_root_cause_shows_examples() -> None:
    places = tuple(replace(OWN, image=f"images/{number}.png") for number in range(20))
    shown = plans(finding(Location(split="train"), related=places, folded=4000))
    assert [plan.where.image for plan in shown] == ["images/0.png", "images/1.png", "images/2.png"]
    assert not plans(finding(Location(split="train", class_id=3)))


def dataset() -> Dataset:
    boxes = labels_of([(1, 0, 1, 1, 30, 30), (0, 0, *BOX), (0, 0, 200, 200, 300, 300), (0, 0, 500, 500, 600, 600)])
    names = ("root", "names", "images", "labels", "boxes", "listed", "strays", "descriptor")
    facts = dict.fromkeys(names) | {"images": images_of(2), "boxes": boxes}
    return Dataset(**facts)  # type: ignore[arg-type]  # what is not asked for is left out


def test_other_labels_in_view_are_drawn_once() -> None:
    labels = Labels(dataset(), ["images/0.png", "images/never.png"])
    assert len(labels.within("images/0.png", (0, 0, 640, 640))) == 3
    assert labels.within("images/0.png", (400, 400, 640, 640)) == [(500, 500, 600, 600)]
    assert labels.within("images/never.png", (0, 0, 640, 640)) == []
    (plan,) = plans(finding(suggestion=Suggestion(0, OTHER, 0.9)))
    thumbnail = Thumbnail("data:image/webp;base64,", (0, 0, 320, 240), (0, 0, 320, 240))
    shown = picture(plan, thumbnail, labels)
    assert [mark.kind for mark in shown.marks] == ["other", "label", "proposed"]
    assert (shown.marks[1].x, shown.marks[1].y, shown.marks[1].width, shown.marks[1].height) == (10, 20, 100, 200)
    assert shown.view == "0 0 320 240"
    assert shown.said == "images/0.png: 1 label drawn solid, a proposed box drawn dashed"


@pytest.mark.parametrize("box", [(1e300, -1e300, 1e300, 1e300), (5.0, 5.0, 1.0, 1.0)])
def test_absurd_boxes_are_drawn_without_harm(box: tuple[float, float, float, float]) -> None:
    plan = Plan(replace(OWN, box=box), (box,), None, "")
    shown = picture(plan, Thumbnail("data:image/webp;base64,", (0, 0, 9, 9), (0, 0, 9, 9)), Labels(dataset(), ()))
    (mark,) = shown.marks
    assert mark.width >= 0
    assert abs(mark.x) <= 1e6


def test_why_there_is_no_picture_is_said() -> None:
    (plan,) = plans(finding())
    shown = picture(plan, "the image is empty\x1b", Labels(dataset(), ()))
    assert (shown.uri, shown.problem) == ("", "No picture: the image is empty\\x1b")
