"""The trainer's view: each image and row has a fate, by the trainer's rules."""

from pathlib import Path

import pytest

from yoloaudit.checks.base import Example, Picture
from yoloaudit.dataset.load import Dataset
from yoloaudit.testing import lay_out


def _of(tmp_path: Path, **files: str | bytes | Picture | None) -> Dataset:
    return lay_out(
        str(tmp_path), Example({name.replace("__", "/") + _suffix(name): text for name, text in files.items()})
    )


def _suffix(name: str) -> str:
    return ".txt" if name.startswith("labels") else ".png"


def _fates(dataset: Dataset) -> list[str]:
    rows = dataset.boxes[dataset.boxes["split"] == "train"]
    return rows["fate"].astype(str).tolist()


@pytest.mark.parametrize(
    ("text", "fate", "rows"),
    [
        ("0 .5 .5 .2 .2\n", "used", ["used"]),
        ("", "background", []),
        (" \n\t\n", "background", []),
        ("0 .5 .5 .2 .2\n0 .5 .5 .2\n", "dropped", ["dropped", "broken"]),
        ("0 .5 .5 .2 .2\n0 1.01 .5 .2 .2\n", "dropped", ["dropped", "dropped"]),
        ("-1 .5 .5 .2 .2\n", "dropped", ["dropped"]),
        ("0 .95 .5 .4 .2\n", "used", ["used"]),
        ("9 .5 .5 0 .2\n", "used", ["used"]),
        ("0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n", "used", ["used", "duplicate"]),
        ("0 .5 .5 .2 .2\n1 .1 .1 .4 .1 .4 .5\n", "used", ["altered", "used"]),
        ("0 .5 .5 .2 .2\n \n0 .1 .1 .1 .1\n", "dropped", ["dropped", "broken", "dropped"]),
    ],
)
def test_fates_follow_the_trainers_rules(tmp_path: Path, text: str, fate: str, rows: list[str]) -> None:
    dataset = _of(tmp_path, labels__train__a=text)
    assert dataset.images["fate"].iat[0] == fate
    assert (dataset.images["cause"].iat[0] is not None) == (fate == "dropped")
    assert _fates(dataset) == rows


def test_a_missing_label_is_a_background_and_a_small_image_is_dropped(tmp_path: Path) -> None:
    dataset = _of(tmp_path, labels__train__a=None, images__val__b=Picture(40, 9))
    assert dataset.images["fate"].tolist() == ["background", "dropped"]
    assert "too small" in str(dataset.images["cause"].iat[1])


def test_pixels_are_those_of_the_image_as_the_trainer_turns_it(tmp_path: Path) -> None:
    dataset = _of(tmp_path, images__train__a=Picture(400, 200, "JPEG", orientation=6))
    row = dataset.boxes.iloc[0]
    assert (row["w_px"], row["h_px"]) == pytest.approx((40, 80))
    assert (row["w_train"], row["h_train"]) == pytest.approx((64, 128))
    assert [row[name] for name in ("x1", "y1", "x2", "y2")] == pytest.approx([80, 160, 120, 240])
