"""Label files that are no plain text are written as UTF-8 with line feeds, or left."""

import pytest

from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.encoding import encoded

ROWS = "0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n"


@pytest.mark.parametrize(
    "data",
    [
        ROWS.encode("utf-8-sig"),
        ROWS.encode("utf-16"),
        ROWS.encode("utf-16-le"),
        ROWS.encode("utf-16-be"),
        ROWS.replace("\n", "\r\n").encode("utf-16"),
        ROWS.replace("\n", "\r").encode(),
    ],
)
def test_the_text_is_the_same_in_utf_8(data: bytes) -> None:
    assert encoded(data)[0] == ROWS.encode()


def test_a_mark_alone_is_taken_away_and_line_ends_stay() -> None:
    assert encoded(b"\xef\xbb\xbf0 1\r\n") == (b"0 1\r\n", "byte order mark taken away")


@pytest.mark.parametrize("data", [b"0 0.5 \xff\n", b"0 0.5\0\n" * 9, ROWS.encode("utf-16")[:-1], b"\xff\xfe\0\xd8"])
def test_what_cannot_be_told_is_left(data: bytes) -> None:
    with pytest.raises(NotMended, match="cannot be told"):
        encoded(data)
