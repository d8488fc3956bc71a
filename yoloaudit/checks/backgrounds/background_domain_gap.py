"""background-domain-gap: background images that can be told from labelled ones without looking for objects."""

from collections.abc import Iterator
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from pandas import DataFrame
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.checks.columns import above
from yoloaudit.dataset.tables import Defects, Images, Pixels
from yoloaudit.findings import Severity, shorten
from yoloaudit.geometry import Floats

SIZES = ("width", "height", "area", "aspect ratio")
SHADES = {
    "brightness_p50": "brightness",
    "contrast": "contrast",
    "saturation": "saturation",
    "red": "red",
    "green": "green",
    "blue": "blue",
}
CHANCE = 0.01
"""How likely it may be that some feature tells two samples of the same images apart so well."""


class Feature(NamedTuple):
    """Numbers of background images and of labelled ones; `camera` where they say whether it is that camera."""

    name: str
    backgrounds: Floats
    labelled: Floats
    camera: bool = False


def _set(backgrounds: int, light: float = 1.0, side: int = 48) -> dict[str, str | bytes | Picture | None]:
    """Eight labelled images besides the two that are there, and backgrounds, all 48 px but as told."""
    files: dict[str, str | bytes | Picture | None] = {
        "images/train/a.png": Picture(48, 48, seed=1),
        "images/val/b.png": Picture(48, 48, seed=2),
    }
    for number in range(8):
        files[f"images/train/{number}.png"] = Picture(48, 48, seed=3 + number)
        files[f"labels/train/{number}.txt"] = "0 0.5 0.5 0.2 0.2\n"
    for number in range(backgrounds):
        files[f"images/train/empty{number}.png"] = Picture(side, side, seed=11 + number, light=light)
        files[f"labels/train/empty{number}.txt"] = ""
    return files


class BackgroundDomainGap(Check):
    """Background images that one number tells from the labelled ones.

    Their size, light, colour or camera differs so much that a model can learn "another source, so no object" instead of
    how the scene looks without one; they then no longer prevent false detections where the model will work. Take
    backgrounds with the camera and in the places that the labelled images come from.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = (
        "{count:,} background images can be told from {labelled:,} labelled ones by their {feature} alone: {contrast}; "
        "AUC {value:.2f}, above {max_auc:g}"
    )
    max_auc: float = Field(
        0.9, ge=0.5, lt=1, description="area under the ROC curve of one feature, 0.5 (none) to 1 (always told), at most"
    )
    min_images: int = Field(10, ge=2, description="images of each kind that a judgement needs")

    good = (
        Example(files=_set(10), title="the same scenes"),
        Example(files=_set(9, light=0.3), title="nine backgrounds are too few to tell"),
    )
    bad = (
        Example(files=_set(10, light=0.3), title="backgrounds at night"),
        Example(files=_set(12, side=64), title="backgrounds of another size"),
    )

    def find(self, images: Images, pixels: Pixels) -> Defects:
        columns = images[["width", "height"]].join(pixels[["decoded", "camera", *SHADES]])
        empty, labelled = columns[images["fate"] == "background"], columns[images["fate"] == "used"]
        tried = list(_features(empty, labelled))
        enough = [each for each in tried if min(len(each.backgrounds), len(each.labelled)) >= self.min_images]
        if not enough:
            return no_defects()
        best, area = max(((each, _told_apart(each)) for each in enough), key=lambda pair: pair[1])
        if area <= max(self.max_auc, _by_chance(best, len(tried))):
            return no_defects()
        entry = {
            "value": area,
            "limit": self.max_auc,
            "score": float(above(self.max_auc, area)),
            "count": len(empty),
            "labelled": len(labelled),
            "feature": best.name,
            "contrast": _contrast(best),
        }
        return self.flag_whole([entry])


def _features(empty: DataFrame, labelled: DataFrame) -> Iterator[Feature]:
    for name, numbers, others in zip(SIZES, _sizes(empty), _sizes(labelled), strict=True):
        yield Feature(name, numbers, others)
    empty, labelled = empty[empty["decoded"] == True], labelled[labelled["decoded"] == True]  # noqa: E712
    for column, name in SHADES.items():
        yield Feature(name, empty[column].to_numpy(dtype=float), labelled[column].to_numpy(dtype=float))
    for images in (empty, labelled):
        for camera in images["camera"].value_counts().index[:1]:
            same, others = ((side["camera"] == camera).to_numpy(dtype=float) for side in (empty, labelled))
            yield Feature(f"camera ({shorten(str(camera))})", same, others, camera=True)


def _sizes(images: DataFrame) -> tuple[Floats, ...]:
    known = images[["width", "height"]].to_numpy(dtype=float)
    width, height = known[(known > 0).all(axis=1)].T
    return width, height, width * height, width / height


def _told_apart(feature: Feature) -> float:
    """The chance that a background image has the larger number than a labelled one, or the smaller, whichever is more.

    This is the area under the ROC curve, by the statistic of Mann and Whitney (1947); equal numbers count half.
    """
    ordered = np.sort(feature.labelled)
    below, upto = (np.searchsorted(ordered, feature.backgrounds, side=side).mean() for side in ("left", "right"))
    area = float(below + upto) / 2 / len(ordered)
    return max(area, 1 - area)


def _by_chance(feature: Feature, tried: int) -> float:
    """The area that the best of so many features reaches with a likelihood of CHANCE, where there is no difference.

    By the normal approximation of the Mann-Whitney statistic, two-sided, with Bonferroni's correction.
    """
    first, second = len(feature.backgrounds), len(feature.labelled)
    deviation = float(np.sqrt((first + second + 1) / (12 * first * second)))
    return 0.5 + NormalDist().inv_cdf(1 - CHANCE / (2 * tried)) * deviation


def _contrast(feature: Feature) -> str:
    if feature.camera:
        return f"{feature.backgrounds.mean():.0%} against {feature.labelled.mean():.0%}"
    return f"a median of {np.median(feature.backgrounds):.4g} against {np.median(feature.labelled):.4g}"
