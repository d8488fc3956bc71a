"""background-domain-gap: which feature tells, how far, what chance may do, and which images count."""

from typing import Any

import numpy as np
import pytest

from tests.example_tables import images_of
from yoloaudit.checks.backgrounds.background_domain_gap import BackgroundDomainGap, Feature, _told_apart
from yoloaudit.dataset.tables import PIXELS, Defects, table

SHADES = ("brightness_p50", "contrast", "saturation", "red", "green", "blue")


def found(backgrounds: int, labelled: int, seed: int = 0, **columns: Any) -> Defects:
    """Images with random shades, but for the columns that are given."""
    count = backgrounds + labelled
    images = images_of(count, fate=["background"] * backgrounds + ["used"] * labelled)
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {name: rng.uniform(size=count) for name in SHADES} | {"decoded": [True] * count}
    for name, column in columns.items():
        if name in ("width", "height"):
            images[name] = np.asarray(column, dtype=np.int32)
        else:
            values[name] = column
    return BackgroundDomainGap.model_validate({}).find(images, table(PIXELS, values))


def test_names_the_feature_and_both_medians() -> None:
    defects = found(20, 50, saturation=[0.1] * 20 + [0.5] * 50)
    facts = {str(name): fact for name, fact in defects.iloc[0].items()}
    sentence = BackgroundDomainGap.model_validate({}).describe(facts)
    assert sentence == (
        "20 background images can be told from 50 labelled ones by their saturation alone: "
        "a median of 0.1 against 0.5; AUC 1.00, above 0.9"
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("above", "flagged"), [(44, False), (46, True)])
def test_limit(above: int, flagged: bool, sign: int) -> None:
    """Of 50 labelled images, so many lie beyond all backgrounds, the others on the other side: AUC above / 50."""
    numbers = sign * np.array([0.0] * 50 + [1.0] * above + [-1.0] * (50 - above))
    assert bool(len(found(50, 50, contrast=numbers))) == flagged


@pytest.mark.parametrize(("backgrounds", "flagged"), [(9, False), (10, True)])
def test_ten_images_are_needed(backgrounds: int, flagged: bool) -> None:
    assert bool(len(found(backgrounds, 30, red=[0.9] * backgrounds + [0.1] * 30))) == flagged


def test_chance_does_not_tell_small_samples_apart() -> None:
    """AUC 0.93 of ten against ten is what the best of a dozen features may reach, of thirty against thirty is not."""
    ten = [1.0] * 9 + [0.0] + [0.5] * 9 + [0.5]
    shifted = [*ten[:9], 0.5, *[0.4] * 10]
    assert len(found(10, 10, blue=shifted)) == 1
    numbers = [1.0] * 9 + [0.0] + [0.5] * 7 + [-0.1] * 3  # (90 + 3) / 100
    assert not len(found(10, 10, blue=numbers))
    assert len(found(30, 30, blue=[1.0] * 27 + [0.0] * 3 + [0.5] * 21 + [-0.1] * 9)) == 1


def test_images_alike_are_not_told_apart() -> None:
    assert not sum(len(found(10, 10, seed)) for seed in range(200))


def test_sizes_count_where_they_are_known() -> None:
    assert len(found(10, 20, width=[320] * 10 + [640] * 20)) == 1
    assert not len(found(10, 20, width=[320] * 9 + [0] + [640] * 20))


def test_cameras() -> None:
    cameras = ["Phone"] * 19 + [None] + ["Camera", "Webcam", "Drone"] * 9 + ["Phone"] * 3
    defects = found(20, 30, camera=cameras)
    assert defects["feature"][0] == "camera (Phone)"
    assert defects["contrast"][0] == "95% against 10%"
    assert not len(found(20, 30, camera=["Phone"] * 14 + [None] * 6 + [None] * 30))


def test_dropped_and_undecoded_images_do_not_count() -> None:
    images = images_of(40, fate=["background"] * 10 + ["dropped"] * 10 + ["used"] * 20)
    shades = {name: np.full(40, 0.5) for name in SHADES}
    shades["green"][:20] = 0.1
    check = BackgroundDomainGap.model_validate({})
    pixels = table(PIXELS, shades | {"decoded": [True] * 40})
    assert check.find(images, pixels)["count"].tolist() == [10]
    pixels.loc[0, "decoded"] = False
    assert not len(check.find(images, pixels))


def test_area_is_that_of_the_pairs() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 5, 30).astype(float), rng.integers(2, 7, 40).astype(float)
    pairs = (first[:, None] > second).mean() + (first[:, None] == second).mean() / 2
    assert _told_apart(Feature("size", first, second)) == pytest.approx(1 - pairs)
    assert _told_apart(Feature("size", second, first)) == pytest.approx(1 - pairs)
