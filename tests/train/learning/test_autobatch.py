"""The batch that fits, from what small ones took."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.train.learning import autobatch
from yoloaudit.train.learning.autobatch import DEFAULT, MOST, SHARE, SIZES, Chosen, advice, choose, fitting
from yoloaudit.train.model import build

GIB = 1 << 30


def line(slope: float, fixed: float) -> dict[int, int | None]:
    return {batch: int(slope * batch + fixed) for batch in SIZES}


def test_a_share_of_the_free_memory_is_taken() -> None:
    chosen = choose(10 * GIB, line(0.1 * GIB, GIB))
    assert chosen.batch in (69, 70)
    assert "10.0 GiB" in chosen.why


@given(slope=st.floats(1e6, 5e9), fixed=st.floats(0, 5e9), free=st.integers(GIB // 4, 200 * GIB))
def test_what_is_chosen_fits_and_one_more_would_not(slope: float, fixed: float, free: int) -> None:
    batch = choose(free, line(slope, fixed)).batch
    assert 1 <= batch <= MOST
    if batch > 1:
        assert slope * batch + fixed <= free * SHARE * 1.001
    if batch < MOST:
        assert slope * (batch + 1) + fixed > free * SHARE * 0.999


def test_a_size_that_failed_is_not_chosen() -> None:
    measured: dict[int, int | None] = {1: GIB, 2: GIB + 10, 4: GIB + 30, 8: None}
    assert choose(80 * GIB, measured).batch == 4


@pytest.mark.parametrize("measured", [{}, {1: GIB}, {1: None}, {1: GIB, 2: GIB}, {1: 2 * GIB, 2: GIB}])
def test_where_nothing_can_be_told_it_is_sixteen(measured: dict[int, int | None]) -> None:
    assert choose(80 * GIB, measured).batch == DEFAULT


def test_a_processor_is_not_measured() -> None:
    assert fitting(build("n", 2), 64, torch.device("cpu"), torch.float32).batch == DEFAULT


def test_advice_names_a_smaller_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    model, cuda = build("n", 2), torch.device("cuda:0")
    for fits, batch, said in ((40, 64, "--batch-size 40,"), (80, 64, "--batch-size 63,"), (1, 1, "Not even one image")):
        monkeypatch.setattr(autobatch, "fitting", lambda *_, fits=fits: Chosen(fits, ""))
        assert said in advice(model, batch, 640, cuda, torch.float32)
    assert "as 32," in advice(model, 64, 640, torch.device("cpu"), torch.float32)
