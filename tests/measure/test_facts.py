"""Records: nothing is known at first, and what a header or the pixels tell is written whole."""

import numpy as np

from yoloaudit.dataset.images import Header
from yoloaudit.files import Stamp
from yoloaudit.measure.facts import LOOKED, NO_TEXTS, UNREAD, Look, blank, records_of
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


def test_a_look_becomes_a_record_field_by_field() -> None:
    header = Header(640, 480, 123_456_789_012, "JPEG", "YCbCr", 3, 2, 6, complete=False)
    measured = Measured(0.125, 0.25, 0.5, 12.5, 0.375, True, 0.1, 0.2, 0.3)
    stamp, content, exact = Stamp(1, 2, 3, 4), bytes(range(16)), bytes(range(16, 32))
    look = Look(5, LOOKED, stamp, content, header, measured, reduced=1 << 63, exact=exact, taken=86_400)
    (record,) = records_of([look])
    assert {name: record[name].item() for name in stamp._fields} == stamp._asdict()
    assert (record["seen"], record["state"], record["reduced"], record["taken"]) == (5, LOOKED, 1 << 63, 86_400)
    assert (record["content"].tobytes(), record["exact"].tobytes()) == (content, exact)
    told = [record[name].item() for name in header._fields if name != "error"]
    assert told == [640, 480, 123_456_789_012, b"JPEG", b"YCbCr", 3, 2, 6, False]
    assert record["decoded"]
    for name, value in measured._asdict().items():
        assert record[name] == np.float32(value)
    assert record["contrast"] == record["entropy"] == record["perceptual"] == 0


def test_a_look_that_finds_nothing_is_a_blank_record_that_was_seen() -> None:
    expected = blank(1).records
    expected["seen"] = 9
    assert records_of([Look(9)]).tobytes() == expected.tobytes()
    assert len(records_of([])) == len(blank(0).records) == len(blank(0).texts) == 0


def test_a_header_that_tells_little_fits() -> None:
    (record,) = records_of([Look(1, header=Header(bytes=7, error="is damaged"))])
    assert (record["format"], record["mode"], record["bytes"], record["decoded"]) == (b"", b"", 7, False)


def test_a_side_beyond_all_bounds_fits() -> None:
    (record,) = records_of([Look(1, header=Header(1 << 40, (1 << 31) - 1, 10, "TIFF", "RGB", 3))])
    assert (record["width"], record["height"]) == ((1 << 31) - 1, (1 << 31) - 1)


def test_the_names_of_formats_and_modes_fit() -> None:
    (record,) = records_of([Look(1, header=Header(format="HEIF or AVIF", mode="I;16BS"))])
    assert (record["format"], record["mode"]) == (b"HEIF or AVIF", b"I;16BS")
