"""results.png: drawn from the columns alone, whatever is missing or beyond all measure."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from yoloaudit.train.plot.results import loss_limit, results_picture, smoothed
from yoloaudit.train.results_csv import COLUMNS, SCORES, TRAIN, VAL


def columns(epochs: int, **replaced: float) -> dict[str, np.ndarray]:
    """Falling losses and rising scores; `replaced` by position of the column."""
    share = np.linspace(0, 1, epochs)
    made = {name: 0.1 * np.exp(-3 * share) for name in (*TRAIN, *VAL)} | dict.fromkeys(SCORES, share)
    return {"epoch": np.arange(epochs, dtype=np.float64), **made}


def opened(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("L"))


@pytest.mark.parametrize("epochs", [1, 2, 30, 3000])
def test_any_number_of_epochs(epochs: int, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert opened(results_picture(columns(epochs))).shape == (1200, 2400)
    assert capfd.readouterr() == ("", "")


def test_no_epoch_is_a_picture_too() -> None:
    assert opened(results_picture({name: np.zeros(0) for name in COLUMNS})).shape == (1200, 2400)


def test_what_is_missing_or_no_number_leaves_its_panel_empty() -> None:
    made = columns(20)
    made[VAL[0]][:] = np.nan
    made[TRAIN[0]][3] = np.inf
    del made[VAL[1]]
    pixels = opened(results_picture(made))
    left, right = pixels[690:1090, 90:450], pixels[690:1090, 1030:1390]
    assert (left < 60).sum() == 0, "nothing but faint words"
    assert (right < 110).any(), "a line"


@pytest.mark.parametrize("wild", [1e308, -1e308, 1e-320])
def test_numbers_beyond_all_measure(wild: float) -> None:
    made = columns(10)
    for name in (*TRAIN, *SCORES):
        made[name][:5] = wild
    assert opened(results_picture(made)).shape == (1200, 2400)


def test_the_same_numbers_make_the_same_bytes() -> None:
    assert results_picture(columns(12)) == results_picture(columns(12)) != results_picture(columns(13))


def test_a_first_epoch_far_above_the_others_does_not_flatten_them() -> None:
    usual = np.full(50, 0.1)
    assert loss_limit(usual) == pytest.approx(0.106)
    spiked = usual.copy()
    spiked[0] = 10
    assert loss_limit(spiked) < 0.3
    assert loss_limit(np.zeros(3)) == loss_limit(np.full(3, np.nan)) == 1.0


def test_a_smooth_line_stays_within_what_it_is_a_mean_of_and_closes_gaps() -> None:
    rough = np.random.default_rng(0).random(200)
    line = smoothed(rough)
    assert line.min() > rough.min()
    assert line.max() < rough.max()
    assert line.std() < rough.std() / 2
    level = np.full(60, 0.5)
    level[20:25] = np.nan
    assert smoothed(level) == pytest.approx(np.full(60, 0.5))
    assert np.isnan(smoothed(np.full(5, np.nan))).all()
