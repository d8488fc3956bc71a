"""results.csv as YOLOv5 writes it, cut off, resumed, and by a stranger."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.train.results_csv import (
    COLUMNS,
    MOST_BYTES,
    MOST_EPOCHS,
    SCORES,
    TRAIN,
    NotResults,
    epochs_of,
    read_results,
)


def written(*rows: list[float], header: tuple[str, ...] = COLUMNS) -> bytes:
    """The file as YOLOv5 pads it."""
    lines = [",".join(f"{name:>20}" for name in header), *(",".join(f"{cell:20.5g}" for cell in row) for row in rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def row(epoch: int, score: float = 0.5) -> list[float]:
    return [epoch, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, score, 0.7, 0.8, 0.9, 0.01, 0.02, 0.03]


def test_columns_of_yolov5() -> None:
    columns = read_results(written(row(0), row(1, 0.75)))
    assert list(columns) == list(COLUMNS)
    assert columns["metrics/mAP_0.5:0.95"].tolist() == [0.5, 0.75]
    epochs = epochs_of(columns)
    assert epochs.losses.tolist() == [[0.1, 0.2, 0.3]] * 2
    assert epochs.val_losses.tolist() == [[0.7, 0.8, 0.9]] * 2
    assert epochs.map50.tolist() == [0.6, 0.6]
    assert epochs.best == 1


def test_a_row_that_was_cut_off_is_left_out() -> None:
    whole = written(row(0), row(1))
    columns = read_results(whole[: whole.rindex(b"0.9")])
    assert columns["epoch"].tolist() == [0]


def test_of_an_epoch_that_stands_twice_the_last_row_counts() -> None:
    columns = read_results(written(row(0), row(1, 0.1), row(2), row(1, 0.9)))
    assert columns["epoch"].tolist() == [0, 1, 2]
    assert columns["metrics/mAP_0.5:0.95"].tolist() == [0.5, 0.9, 0.5]


def test_what_is_no_number_is_none() -> None:
    text = "epoch,train/box_loss,metrics/mAP_0.5\n0,nan,0.5\n1,1_0,x\n2,inf,\n-1,1,1\n1.5,1,1\n٣,1,1\n"
    columns = read_results(text.encode())
    assert columns["epoch"].tolist() == [0, 1, 2]
    epochs = epochs_of(columns)
    assert np.isnan(epochs.losses).all()
    assert np.isnan(epochs.map50[1:]).all()
    assert np.isnan(epochs.precision).all()
    assert epochs.best is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no header"),
        (b"a,b\n1,2\n", "no header"),
        (b"epoch,x\n1,2\n", "no header"),
        (b"epoch,train/box_loss\n1,\0\n", "NUL"),
        (b"x" * (MOST_BYTES + 1), "limit"),
        (b"epoch,train/box_loss\n" + b"1,2\n" * (MOST_EPOCHS + 1), "rows"),
        (b"\x89PNG\r\n" * 40, "no header"),
    ],
)
def test_what_is_no_results_file_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(NotResults, match=said):
        read_results(data)


def test_no_epoch_yet_is_a_file_too() -> None:
    columns = read_results(written())
    assert len(epochs_of(columns)) == 0


@given(st.binary(max_size=300), st.sampled_from([b"", written(row(0))]))
def test_any_bytes_are_read_or_refused(data: bytes, before: bytes) -> None:
    try:
        columns = read_results(before + data)
    except NotResults:
        return
    assert len({len(column) for column in columns.values()}) == 1
    assert (np.diff(columns["epoch"]) > 0).all()


def test_names_of_columns_are_those_of_yolov5() -> None:
    assert TRAIN == ("train/box_loss", "train/obj_loss", "train/cls_loss")
    assert SCORES[2:] == ("metrics/mAP_0.5", "metrics/mAP_0.5:0.95")
