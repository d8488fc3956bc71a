"""Which file names are believed to tell of a clip."""

from tests.example_tables import Rows, boxes_of, images_of
from yoloaudit.checks.scenes import sources_of


def still(count: int) -> Rows:
    return [(image, 0, 0.5, 0.5, 0.2, 0.2) for image in range(count)]


def test_a_clip_is_believed_where_objects_stay() -> None:
    images = images_of(8, source="clip", frame=range(8))
    codes, names = sources_of(images, boxes_of(still(8), images))
    assert [names[code] for code in codes] == ["clip"] * 8
    moving = boxes_of([(image, 0, 0.1 + image % 3 * 0.3, 0.5, 0.1, 0.1) for image in range(8)], images)
    assert sources_of(images, moving)[0].tolist() == [-1] * 8
    assert sources_of(images, moving.iloc[:0])[0].tolist() == [-1] * 8


def test_only_the_clip_that_is_one_is_believed() -> None:
    images = images_of(16, source=["clip"] * 8 + ["photo"] * 8, frame=[*range(8), *range(8)])
    rows = still(8) + [(image, 0, 0.1 + image % 3 * 0.3, 0.5, 0.1, 0.1) for image in range(8, 16)]
    codes, names = sources_of(images, boxes_of(rows, images))
    assert {names[code] for code in codes[:8]} == {"clip"}
    assert codes[8:].tolist() == [-1] * 8


def test_originals_are_believed_and_no_name_is_no_source() -> None:
    images = images_of(4, source=["one", "one", None, "two"])
    codes, names = sources_of(images, boxes_of(still(4), images))
    assert codes[2] == -1
    assert [names[code] for code in codes[[0, 1, 3]]] == ["one", "one", "two"]


def test_images_in_scope_keep_their_ids() -> None:
    images = images_of(12, source=[None] * 4 + ["clip"] * 8, frame=[-1] * 4 + list(range(8)))
    boxes = boxes_of(still(12), images)
    codes, _ = sources_of(images.iloc[4:], boxes)
    assert codes.tolist() == [0] * 8
