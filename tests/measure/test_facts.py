"""Records: nothing is known at first, and what a header or the pixels tell is written whole."""

import numpy as np

from yoloaudit.dataset.images import Header
from yoloaudit.measure.facts import NO_TEXTS, UNREAD, blank, put_header, put_measured
from yoloaudit.measure.pixels import Measured


def test_of_a_blank_record_nothing_is_known() -> None:
    facts = blank(3)
    assert facts.texts == [NO_TEXTS] * 3
    assert facts.pictures.shape == (3, 64, 64)
    assert not facts.pictures.any()
    record = facts.records[1]
    assert (record["state"], record["seen"], record["taken"]) == (UNREAD, 0, -1)
    assert (record["width"], record["orientation"], record["frames"], record["complete"]) == (0, 1, 1, True)
    assert not record["decoded"]
    assert record["content"].tobytes() == record["exact"].tobytes() == bytes(16)


def test_blank_records_share_nothing() -> None:
    facts = blank(2)
    put_header(facts.records[0], Header(640, 480, 1000, "PNG", "RGB", 3))
    assert facts.records["width"].tolist() == [640, 0]
    assert len(blank(0).records) == len(blank(0).texts) == 0


def test_a_header_is_written_whole() -> None:
    facts = blank(1)
    header = Header(640, 480, 123_456_789_012, "JPEG", "YCbCr", 3, 2, 6, complete=False)
    put_header(facts.records[0], header)
    told = [facts.records[0][name].item() for name in header._fields if name != "error"]
    assert told == [640, 480, 123_456_789_012, b"JPEG", b"YCbCr", 3, 2, 6, False]


def test_a_header_that_tells_little_fits() -> None:
    facts = blank(1)
    put_header(facts.records[0], Header(bytes=7, error="is damaged"))
    assert (facts.records[0]["format"], facts.records[0]["mode"], facts.records[0]["bytes"]) == (b"", b"", 7)


def test_a_side_beyond_all_bounds_fits() -> None:
    facts = blank(1)
    put_header(facts.records[0], Header(1 << 40, (1 << 31) - 1, 10, "TIFF", "RGB", 3))
    assert (facts.records[0]["width"], facts.records[0]["height"]) == ((1 << 31) - 1, (1 << 31) - 1)


def test_the_names_of_formats_and_modes_fit() -> None:
    facts = blank(1)
    put_header(facts.records[0], Header(format="HEIF or AVIF", mode="I;16BS"))
    assert (facts.records[0]["format"], facts.records[0]["mode"]) == (b"HEIF or AVIF", b"I;16BS")


def test_numbers_of_pixels_are_written_by_name() -> None:
    facts = blank(1)
    measured = Measured(0.125, 0.25, 0.5, 12.5, 0.375, True, 0.1, 0.2, 0.3)
    put_measured(facts.records[0], measured)
    assert facts.records[0]["decoded"]
    for name, value in measured._asdict().items():
        assert facts.records[0][name] == np.float32(value)
