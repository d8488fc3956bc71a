"""aspect-outlier: both directions, with the range that the message names."""

import numpy as np

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.aspect_outlier import AspectOutlier

ROWS = [(0, 0, 0.5, 0.5, side, 0.2) for side in np.linspace(0.1, 0.3, 60)]


def test_both_directions() -> None:
    boxes = boxes_of([*ROWS, (0, 0, 0.5, 0.5, 0.9, 0.01), (0, 0, 0.5, 0.5, 0.01, 0.9)], images_of(1))
    defects = AspectOutlier().find(boxes)
    assert defects["row"].tolist() == [60, 61]
    assert defects["value"].iloc[0] > defects["high"].iloc[0] == defects["limit"].iloc[0]
    assert defects["value"].iloc[1] < defects["low"].iloc[1] == defects["limit"].iloc[1]
    assert ((defects["score"] > 0.5) & (defects["score"] < 1)).all()


def test_fences_are_three_quartile_ranges_away() -> None:
    boxes = boxes_of([*ROWS, (0, 0, 0.5, 0.5, 0.9, 0.01)], images_of(1))
    aspect = np.log(boxes["w_px"].to_numpy(dtype=float) / boxes["h_px"].to_numpy(dtype=float))
    low, high = np.quantile(aspect, [0.25, 0.75])
    np.testing.assert_allclose(AspectOutlier().find(boxes)["high"], np.exp(high + 3 * (high - low)), rtol=1e-4)


def test_images_of_unknown_size_are_not_judged() -> None:
    assert not len(
        AspectOutlier().find(boxes_of([*ROWS, (0, 0, 0.5, 0.5, 0.9, 0.01)], images_of(1, width=0, height=0)))
    )
