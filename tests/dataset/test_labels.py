"""Label text → rows: the quick way and the careful way agree, and nothing is lost."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.dataset.labels import UNTRUSTED, Budget, LabelRows, read_labels
from yoloaudit.dataset.tables import KINDS, ROW_ERRORS
from yoloaudit.files import Root

GOLDEN = Path(__file__).parents[3] / "shared" / "reference" / "golden" / "label_validation.json"


def _read(folder: Path, *texts: bytes, budget: Budget = UNTRUSTED) -> LabelRows:
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.txt"
        path.write_bytes(text)
        paths.append(str(path))
    return read_labels(Root(str(folder)), paths, budget)


def _errors(rows: LabelRows) -> list[str | None]:
    return [ROW_ERRORS[code] if code >= 0 else None for code in rows.error]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"0 .5 .5 .2 .2", None),
        (b"0\t0.5  0.5 2e-1 +.2", None),
        (b"0 .5 .5 .2", "wrong-field-count"),
        (b"0 .5 .5 .2 .2 .9", "confidence-column"),
        (b"0 .5 .5 .2 .2 1.9", "wrong-field-count"),
        (b"0 .1 .1 .2 .2 .3 .3 .4", "broken-polygon"),
        (b"0,.5,.5,.2,.2", "non-numeric-value"),
        (b"0 0.5.5 .5 .2 .2", "non-numeric-value"),
        (b"0 . .5 .2 .2", "non-numeric-value"),
        (b"0 0x1p-2 .5 .2 .2", "non-numeric-value"),
        (b"0 0.1_0 .5 .2 .2", "non-numeric-value"),
        ("0 ٠.٥ .5 .2 .2".encode(), "non-numeric-value"),
        ("0 0.5\u00a0.5 .2 .2".encode(), "non-numeric-value"),
        (b"0 .5\x0b.5 .2 .2", "non-numeric-value"),
        (b"0 0." + b"1" * 200 + b" .5 .2 .2", "non-numeric-value"),
        (b"0 NaN .5 .2 .2", "non-finite-value"),
        (b"0 -inf .5 .2 .2", "non-finite-value"),
        (b"0 1e39 .5 .2 .2", "non-finite-value"),
        (b"0 " + b"9" * 40 + b" .5 .2 .2", "non-finite-value"),
    ],
)
def test_each_row_is_kept_with_the_check_that_reports_it(tmp_path: Path, line: bytes, error: str | None) -> None:
    rows = _read(tmp_path, line + b"\n")
    assert _errors(rows) == [error]
    assert rows.text.decode() == line.decode() + "\n"
    assert np.isfinite(rows.values).all() == (error is None)


def test_lines_are_counted_as_in_an_editor(tmp_path: Path) -> None:
    plain = b"\n\n0 .5 .5 .2 .2\r\n\r\n1 .1 .1 .1 .1"
    odd = plain.replace(b".1 .1\r", b".1 -.1\r").replace(b"1 .1 .1 .1", b"1 .1 .1 -.1")
    rows = _read(tmp_path, plain, odd, b"")
    assert rows.line.tolist() == [3, 5, 3, 5]
    assert rows.file.tolist() == [0, 0, 1, 1]
    assert rows.lines.tolist() == [2, 2, 0]


def test_a_blank_line_in_the_middle_is_told_and_not_counted(tmp_path: Path) -> None:
    rows = _read(tmp_path, b"0 .5 .5 .2 .2\n  \t\n1 .2 .2 .1 .1\n \n")
    assert _errors(rows) == [None, "wrong-field-count", None]
    assert rows.lines.tolist() == [2]


def test_files_of_line_feeds_alone_hold_no_row(tmp_path: Path) -> None:
    rows = _read(tmp_path, b"\n", b"\n\r\n", b"")
    assert (rows.lines.tolist(), len(rows.file), rows.text) == ([0, 0, 0], 0, b"")


def test_a_blank_line_among_polygons_is_told(tmp_path: Path) -> None:
    rows = _read(tmp_path, b"0 .1 .1 .3 .1 .3 .3\n \n0 .5 .5 .7 .5 .7 .7\n")
    assert _errors(rows) == [None, "wrong-field-count", None]


def test_one_polygon_row_makes_all_rows_polygons(tmp_path: Path) -> None:
    rows = _read(tmp_path, b"0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.4 0.1 0.4 0.5 0.1 0.5\n")
    assert [KINDS[code] for code in rows.kind] == ["box", "polygon"]
    np.testing.assert_allclose(rows.values, [[0, 0.35, 0.35, 0.3, 0.3], [1, 0.25, 0.3, 0.3, 0.4]], atol=1e-6)


def test_exact_duplicates_are_those_after_float32(tmp_path: Path) -> None:
    rows = _read(tmp_path, b"0 .5 .5 .2 .2\n1 .5 .5 .2 .2\n0 0.50 .500 .2 .20000000001\n", b"0 .5 .5 .2 .2\n")
    assert rows.duplicate.tolist() == [False, False, True, False]
    triangles = b"0 .1 .1 .4 .1 .4 .5\n0 .1 .1 .4 .1 .1 .5\n0 .1 .1 .4 .1 .1 .50\n"
    assert _read(tmp_path, triangles).duplicate.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("data", "error", "flaw"),
    [
        ("0 .5 .5 .2 .2\n".encode("utf-16"), "UTF-16", None),
        ("0 .5 .5 .2 .2\n".encode("utf-16-be"), "UTF-16", None),
        (b"0 .5 .5 .2 .2\n\0", "NUL", None),
        (b"0 .5 \xff\xfe .2 .2\n", "UTF-8", None),
        (b"\xef\xbb\xbf0 .5 .5 .2 .2\n", None, "byte order mark"),
        (b"0 .5 .5 .2 .2\r1 .1 .1 .1 .1\r", None, "carriage returns alone"),
    ],
)
def test_files_that_are_no_plain_text(tmp_path: Path, data: bytes, error: str | None, flaw: str | None) -> None:
    rows = _read(tmp_path, b"0 .5 .5 .2 .2\n", data)
    assert rows.flaws.get(1) == flaw
    assert (error or "") in rows.errors.get(1, "")
    assert (1 in rows.errors) == (error is not None)
    assert 0 not in rows.errors
    assert len(rows.file) >= 2


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    rows = read_labels(Root(str(tmp_path)), [str(tmp_path / "none.txt"), str(tmp_path)], UNTRUSTED)
    assert "does not exist" in rows.errors[0]
    assert "folder" in rows.errors[1]
    small = _read(tmp_path, b"0 .5 .5 .2 .2\n" * 9, budget=Budget(bytes=50))
    assert "limit" in small.errors[0]


number = st.one_of(
    st.floats(0, 1, width=32).map(lambda value: f"{value:.6f}"),
    st.floats(-2, 2, width=32).map(repr),
    st.sampled_from(["nan", "1e400", ".", "1.2.3", "x", "", "-", "5", "1e-5", "0,5"]),
)
rows_text = st.lists(st.lists(number, min_size=1, max_size=9).map(" ".join), max_size=5).map("\n".join)


@given(st.lists(rows_text, min_size=1, max_size=6))
def test_reading_many_files_equals_reading_each(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("labels")
    data = [text.encode() for text in texts]
    whole = _read(folder, *data)
    alone = [_read(folder, text) for text in data]
    assert whole.text == b"".join(rows.text for rows in alone)
    assert whole.lines.tolist() == [int(rows.lines[0]) for rows in alone]
    np.testing.assert_array_equal(whole.values, np.concatenate([rows.values for rows in alone]))
    assert whole.error.tolist() == [code for rows in alone for code in rows.error]
    expected = [line for text in texts for line in text.split("\n") if line.split()]
    assert [line for line in whole.text.decode().split("\n") if line.split()] == expected


@pytest.mark.skipif(not GOLDEN.exists(), reason="needs the golden numbers of shared/reference")
def test_rows_are_kept_as_the_trainer_keeps_them(tmp_path: Path) -> None:
    cases: list[dict[str, Any]] = json.loads(GOLDEN.read_text())["cases"]
    for case in cases:
        if "label_text" not in case:
            continue
        rows = _read(tmp_path, case["label_text"].encode())
        bad = (rows.error >= 0) | (rows.values < 0).any(axis=1) | (rows.values[:, 1:] > 1).any(axis=1)
        assert (not bad.any()) == case["kept"], case["case"]
        if case["kept"]:
            kept = rows.values[~rows.duplicate]
            np.testing.assert_array_equal(kept, np.array(case["labels"], np.float32).reshape(-1, 5), case["case"])
