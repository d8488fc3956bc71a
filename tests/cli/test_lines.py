"""Lines keep to the width, and a path is never broken."""

from yoloaudit.cli.console import paper, written
from yoloaudit.cli.lines import cropped, paragraph, places


def test_paragraph_hangs_below_its_first_words() -> None:
    sheet = paper(40, lively=False)
    paragraph(sheet, "one two three four five six seven eight", indent=2, first="name: ")
    assert written(sheet) == ["  name: one two three four five six", "        seven eight"]


def test_places_are_aligned_and_long_ones_stand_alone() -> None:
    sheet = paper(60, lively=False)
    long = "labels/train/" + "x" * 80 + ".txt:7"
    places(sheet, [("a.txt:1", "short"), ("bb.txt:12", "other"), (long, "of a long path"), ("", "of none")])
    assert written(sheet) == [
        "  a.txt:1    short",
        "  bb.txt:12  other",
        f"  {long}",
        "      of a long path",
        "  of none",
    ]


def test_wide_letters_count_double() -> None:
    sheet = paper(60, lively=False)
    places(sheet, [("犬.txt", "a"), ("abc.txt", "b")])
    assert written(sheet) == ["  犬.txt   a", "  abc.txt  b"]


def test_cropped() -> None:
    from rich.text import Text

    sheet = paper(40, lively=False)
    cropped(sheet, Text("x" * 50))
    assert written(sheet) == ["x" * 39 + "…"]


def test_one_message_for_many_places_is_said_once() -> None:
    sheet = paper(60, lively=False)
    places(sheet, [(f"{name}.txt", "has no image") for name in "abc"])
    assert written(sheet) == ["  has no image", "  a.txt", "  b.txt", "  c.txt"]
