"""crowded-image: the mean is that of labelled images."""

from tests.example_tables import Rows, boxes_of, images_of
from yoloaudit.checks.boxes.crowded_image import CrowdedImage


def crowd(images: int, boxes: int) -> Rows:
    one_each: Rows = [(number, 0, 0.5, 0.5, 0.1, 0.1) for number in range(images)]
    return one_each + [(images, 0, 0.001 * number, 0.5, 0.1, 0.1) for number in range(boxes)]


def test_the_crowd_is_named() -> None:
    images = images_of(21)
    defects = CrowdedImage().find(boxes_of(crowd(20, 30), images), images)
    assert defects["image"].tolist() == [20]
    assert defects["value"].tolist() == [30]


def test_backgrounds_do_not_lower_the_mean() -> None:
    images = images_of(1000)
    assert not len(CrowdedImage().find(boxes_of(crowd(3, 30), images), images))


def test_ids_of_a_scoped_table_hold() -> None:
    images = images_of(30)
    boxes = boxes_of([(image + 9, *rest) for image, *rest in crowd(20, 30)], images)
    assert CrowdedImage().find(boxes, images.iloc[9:])["image"].tolist() == [29]


def test_no_boxes() -> None:
    images = images_of(1)
    assert not len(CrowdedImage().find(boxes_of([], images), images))
