"""Each kind of fix of a row: what becomes of it, and when it is left alone."""

import pytest

from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.label_text import Frame, LabelText
from yoloaudit.repair.rows import ROWS, polygon_to_box, shift

FRAME = Frame(200, 100)
POLYGON = "1 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.4"


def mended(kind: str, row: str, *others: str, frame: Frame | None = FRAME) -> str:
    text = LabelText.of("\n".join((row, *others)).encode())
    mender = shift if kind == "shift" else ROWS[kind]
    mender(text, 1, frame)
    return text.lines.data().decode().split("\n")[0]


@pytest.mark.parametrize(
    ("kind", "row", "after"),
    [
        ("separators", "0, 0.5, 0.5, 0.2, 0.2", "0 0.5 0.5 0.2 0.2"),
        ("separators", "0;0.5;0.5;0.2;0.2;", "0 0.5 0.5 0.2 0.2"),
        ("separators", ",0 0.5 0.5\t0.2 ,0.2", "0 0.5 0.5\t0.2 0.2"),
        ("drop-column", "0 0.5  0.5 0.2 0.2 0.87", "0 0.5  0.5 0.2 0.2"),
        ("drop-column", " 0 0.5 0.5 0.2 0.2\t0.87 ", " 0 0.5 0.5 0.2 0.2 "),
        ("rewrite-class", "1.0  0.50 .5 0.2 2e-1", "1  0.50 .5 0.2 2e-1"),
        ("rewrite-class", "+1e0 0.5 0.5 0.2 0.2", "1 0.5 0.5 0.2 0.2"),
        ("rewrite-class", "-0.0 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2"),
        ("shift", "2 0.5 0.5 0.2 0.2", "1 0.5 0.5 0.2 0.2"),
        ("shift", "1 cat", "0 cat"),
        ("normalise", "0 100 50 20 10", "0 0.500000 0.500000 0.100000 0.100000"),
        ("normalise", "0 20 10 60 10 60 30.5", "0 0.100000 0.100000 0.300000 0.100000 0.300000 0.305000"),
        ("convert", "0 0.1 0.2 0.3 0.6", "0 0.200000 0.400000 0.200000 0.400000"),
        ("clip", "0 0.95 0.50 0.2 0.20", "0 0.925000 0.50 0.150000 0.20"),
        ("clip", "0 0.9500000001 0.5 0.2 0.2", "0 0.9250000001 0.5 0.1499999999 0.2"),
        ("clip", "0 0.5 0.5 1.2 -0.0001", None),
        ("clip", "0 -0 0.5 0.2 0.2", "0 0.050000 0.5 0.100000 0.2"),
        ("clip", "0 0.5 0.5 -0.0 0.2", None),
        ("clip", "0 1.5 0.5 0.2 0.2", None),
        ("clip", "0 -0.1 0.1 0.3 1.1 0.3 0.3", "0 0.000000 0.1 0.3 1.000000 0.3 0.3"),
        ("delete", "0 0.5 0.5 0 0.2", ""),
        ("drop-line", "0 0.5 0.5 0 0.2", ""),
    ],
)
def test_a_row_becomes(kind: str, row: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(NotMended):
            mended(kind, row)
    else:
        assert mended(kind, row) == after


@pytest.mark.parametrize(
    ("kind", "row", "others"),
    [
        ("clip", "0 0.95 0.5 0.2 0.2", (POLYGON,)),
        ("normalise", "0 100 50 20 10", (POLYGON,)),
        ("convert", "0 0.3 0.6 0.1 0.2", ()),
        ("rewrite-class", "0.5 0.5 0.5 0.2 0.2", ()),
        ("rewrite-class", "cat 0.5 0.5 0.2 0.2", ()),
        ("rewrite-class", "1e30 0.5 0.5 0.2 0.2", ()),
        ("drop-column", "0 0.5 0.5 0.2 0.2", ()),
        ("shift", "0 0.5 0.5 0.2 0.2", ()),
        ("shift", "nan 0.5 0.5 0.2 0.2", ()),
        ("separators", "0, cat", ()),
    ],
)
def test_a_row_is_left_as_it_is(kind: str, row: str, others: tuple[str, ...]) -> None:
    text = LabelText.of("\n".join((row, *others)).encode())
    before = text.lines.data()
    with pytest.raises(NotMended):
        (shift if kind == "shift" else ROWS[kind])(text, 1, FRAME)
    assert text.lines.data() == before


def test_pixels_of_an_image_of_unknown_size_stay() -> None:
    with pytest.raises(NotMended, match="size"):
        mended("normalise", "0 100 50 20 10", frame=None)


def test_polygons_become_the_boxes_around_them_and_boxes_stay() -> None:
    text = LabelText.of(f" {POLYGON}\r\n0 .5 .5 .2 .2\r\n".encode())
    assert text.polygons
    assert polygon_to_box(text) == 1
    assert text.lines.data() == b" 1 0.200000 0.250000 0.200000 0.300000\r\n0 .5 .5 .2 .2\r\n"


@pytest.mark.parametrize("row", ["1 0.1 0.1 0.3 0.1 0.3 0.3 0.1", "1 0.1 x 0.3 0.1 0.3 0.3"])
def test_a_file_with_another_defect_keeps_its_polygons(row: str) -> None:
    text = LabelText.of(f"{POLYGON}\n{row}\n0 .5 .5 .2 .2\n".encode())
    with pytest.raises(NotMended, match="line 2"):
        polygon_to_box(text)
    assert text.lines.data() == f"{POLYGON}\n{row}\n0 .5 .5 .2 .2\n".encode()


@pytest.mark.parametrize("data", [b"\xff\xfe0\x00", b"0 0.5 \xff", b"0 0\0"])
def test_rows_of_what_is_no_text_are_not_touched(data: bytes) -> None:
    with pytest.raises(NotMended, match="its label file"):
        LabelText.of(data)
