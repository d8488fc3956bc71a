"""Many plain files at once give what each line gives by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.dataset.bulk import ParsedRows, parse_in_bulk
from yoloaudit.dataset.grammar import parse_row, split_fields
from yoloaudit.dataset.tables import KINDS

field = st.one_of(
    st.floats(0, 1, width=32).map(lambda value: f"{value:.6f}"),
    st.integers(0, 3).map(str),
    st.sampled_from([".5", "1.", "0.25", "00.5", "0.1234567890123456789", "9" * 40, "1.2.3", ".", "1" * 129]),
)
good = st.floats(0, 1, width=32).map(lambda value: f"{value:.5f}")
row = st.one_of(
    st.lists(good, min_size=5, max_size=5),
    st.lists(good, min_size=3, max_size=6).map(lambda points: [*points, *points, "0"][::-1]),
    st.lists(field, min_size=1, max_size=9),
)
text = st.lists(row.map("  ".join), max_size=4).map("\n".join)


def joined(parts: list[ParsedRows]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for part in parts:
        texts = part.text.decode().split("\n")
        for index in range(len(part.file)):
            values = tuple(part.values[index].tolist())
            facts = (KINDS[part.kind[index]], int(part.tokens[index]), *values, int(part.outlines[index]))
            rows.append((int(part.file[index]), int(part.line[index]), texts[index], *facts))
    return sorted(rows)


def by_line(number: int, text: str) -> list[tuple[object, ...]] | None:
    """What the grammar makes of each line; None where any of them is broken."""
    fields = [split_fields(line) for line in text.split("\n")]
    polygons = any(len(each) > 6 for each in fields)
    rows: list[tuple[object, ...]] = []
    for line, each in enumerate(fields, 1):
        if each:
            parsed = parse_row(each, polygons=polygons)
            if parsed.error:
                return None
            box = [float(np.float32(value)) for value in parsed[3:8]]
            facts = (parsed.kind, parsed.tokens, *box, parsed.outline)
            rows.append((number, line, text.split("\n")[line - 1], *facts))
    return rows


@given(st.lists(text, min_size=1, max_size=6))
def test_bulk_equals_line_by_line_and_loses_no_file(texts: list[str]) -> None:
    files = [(number, content.encode()) for number, content in enumerate(texts)]
    parts, left = parse_in_bulk(files)
    expected = {number: by_line(number, content) for number, content in enumerate(texts)}
    refused = {number for number, _ in left}
    assert {number for number, rows in expected.items() if rows is None} <= refused
    assert joined(parts) == sorted(
        row for number, rows in expected.items() if number not in refused for row in rows or []
    )


def test_plain_boxes_and_polygons_are_not_read_line_by_line() -> None:
    files = [
        (3, b"0 .5 .5 .2 .2\r\n\r\n1 .1 .1 .1 .1"),
        (5, b"0 .1 .1 .4 .1 .4 .5\n1 .5 .5 .2 .2\n"),
        (6, b"\n"),
        (9, b"0 .1 .1 .4 .1 .4 .5 .1 .5\n"),
    ]
    parts, left = parse_in_bulk(files)
    assert left == []
    assert [fact[:2] for fact in joined(parts)] == [(3, 1), (3, 3), (5, 1), (5, 2), (9, 1)]


@pytest.mark.parametrize("odd", ["0 0.5.5 .5 .2 .2", "0 . .5 .2 .2", "0 .5 .5 .2", "0 " + "9" * 40 + " .5 .2 .2"])
def test_no_file_is_lost_beside_odd_ones(odd: str) -> None:
    files = [(0, b"0 .5 .5 .2 .2 .9\n"), (1, odd.encode()), (2, b"0 .5 .5 .2 .2\n"), (3, b"0 .5 nan .2 .2\n")]
    parts, left = parse_in_bulk(files)
    assert [number for number, _ in left] == [0, 1, 3]
    assert [fact[0] for fact in joined(parts)] == [2]
