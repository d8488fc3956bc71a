"""deployment-gap: images from where the model will work that can be told from those it learns from."""

import math

import numpy as np
from pandas import DataFrame
from pydantic import Field

from yoloaudit.checks.appearance import trained_on
from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.distributions import distance, distance_by_chance
from yoloaudit.dataset.tables import Defects, Images, Pixels
from yoloaudit.findings import Severity, shorten
from yoloaudit.geometry import Floats, Integers, Mask

FOLDS, SEED = 5, 0
MOST_IMAGES = 5_000
"""Images of each side that are compared; of more, a random sample."""
LISTED, NAMED = 10, 3
"""Deployed images that are listed; images and features that the sentence names."""
DEVIATIONS = 3.0
"""Standard deviations of the area between two samples that are alike by which it has to exceed one half."""
STRENGTH = 0.05
"""Inverse strength of the classifier's regularisation."""
RISK = 0.01
"""Probability that a feature is named which does not differ."""
FEATURES = (
    "dark end of the brightness",
    "median brightness",
    "bright end of the brightness",
    "contrast",
    "saturation",
    "warmth (red minus blue)",
    "greenness (green minus red and blue)",
    "aspect ratio (logarithm)",
)


class DeploymentGap(Check):
    """Images from where the model will work differ from those it learns from.

    The guide asks for images that are representative of the deployed environment. A classifier (logistic regression on
    brightness, contrast, saturation, colour and aspect ratio, and their squares and products) is trained to tell
    images of the folder given by `--deployed` from training images, and judged on images it has not seen: an area
    under its ROC curve of 0.5 means that it cannot, 1 that it always can. Add images like those that are listed, the
    most unlike the training images first. It does not see what images show, sharpness, or resolution; frames of one
    clip on one side make a gap look wider than it is.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    needs = ("train",)
    message = (
        "{deployed:,} deployed images can be told from {training:,} training images: area under the ROC curve "
        "{value:.2f}, above {limit:.2f}; {told}; most unlike are {unlike}"
    )
    max_area: float = Field(0.6, ge=0.5, lt=1, description="area under the ROC curve that is let pass")
    min_images: int = Field(20, ge=FOLDS, description="images that it takes on each side")

    good = (
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i, light=0.5 + i % 8 / 8) for i in range(40)}
            | {f"deployed/{i}.png": Picture(64, 64, seed=i + 50, light=0.5 + i % 8 / 8) for i in range(40)},
            title="the same light in both",
        ),
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(40)}
            | {f"deployed/{i}.png": Picture(64, 64, seed=i + 50, light=0.2) for i in range(19)},
            title="19 images are too few",
        ),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(40)}
            | {f"deployed/{i}.png": Picture(64, 64, seed=i + 50, light=0.5) for i in range(40)},
            title="darker where the model will work",
        ),
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(30)}
            | {f"deployed/{i}.png": Picture(96, 64, seed=i + 50) for i in range(20)},
            title="square images for training, wide ones later",
        ),
    )

    def find(self, pixels: Pixels, images: Images, deployed: DataFrame) -> Defects:
        kept = trained_on(images)
        known, sides = features(pixels[kept], images[kept])
        met, theirs = features(deployed, deployed)
        if min(len(sides), len(theirs)) < self.min_images:
            why = f"{len(theirs):,} deployed and {len(sides):,} training images, one side below {self.min_images:,}"
            return unmeasured(why, self.max_area)
        rng = np.random.default_rng(SEED)
        ours, chosen = sample(len(sides), rng), sample(len(theirs), rng)
        sides, theirs = sides[ours], theirs[chosen]
        scores, area = told_apart(sides, theirs)
        limit = max(self.max_area, area_by_chance(len(sides), len(theirs)))
        if area <= limit:
            return measured(self.flag_whole(), area, limit)
        order = np.argsort(-scores, kind="stable")[:LISTED]
        paths = deployed["path"].to_numpy()[met][chosen[order]]
        entry = {
            "split": "train",
            "value": area,
            "limit": limit,
            "score": area,
            "deployed": int(met.sum()),
            "training": int(known.sum()),
            "told": what_differs(sides, theirs),
            "unlike": ", ".join(shorten(str(path)) for path in paths[:NAMED]),
            "related": [{"file": str(path)} for path in paths],
        }
        return measured(self.flag_whole([entry]), area, limit)


def features(pixels: Pixels, images: Images) -> tuple[Mask, Floats]:
    """Which images are decoded, and FEATURES of these, one row each."""
    width, height = (images[side].to_numpy().astype(np.float64) for side in ("width", "height"))
    known = pixels["decoded"].to_numpy() & (width > 0) & (height > 0)
    dark, middle, bright, spread, saturation, red, green, blue = (
        pixels[name].to_numpy()[known].astype(np.float64)
        for name in (
            "brightness_p5",
            "brightness_p50",
            "brightness_p99",
            "contrast",
            "saturation",
            "red",
            "green",
            "blue",
        )
    )
    aspect = np.log(width[known] / height[known])
    colour = (red - blue, green - (red + blue) / 2)
    return known, np.stack([dark, middle, bright, spread, saturation, *colour, aspect], axis=1)


def sample(size: int, rng: np.random.Generator) -> Integers:
    """Positions of all images, or of MOST_IMAGES of them, in order."""
    return np.arange(size) if size <= MOST_IMAGES else np.sort(rng.choice(size, MOST_IMAGES, replace=False))


def told_apart(ours: Floats, theirs: Floats) -> tuple[Floats, float]:
    """How unlike ours each of theirs is, and the area under the ROC curve, by a classifier that has not seen them."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    classifier = make_pipeline(
        StandardScaler(),
        PolynomialFeatures(2, include_bias=False),
        StandardScaler(),
        LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000),
    )
    side = np.repeat([0, 1], [len(ours), len(theirs)])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    scores = cross_val_predict(classifier, np.concatenate([ours, theirs]), side, cv=folds, method="decision_function")
    return scores[side == 1], round(float(roc_auc_score(side, scores)), 4)


def area_by_chance(first: int, second: int) -> float:
    """The area that two alike samples do not exceed: by Mann and Whitney (1947) its variance is (n + m + 1) / (12 n m).

    The folds add to it: with random halves of real images, 20 to 100 a side, deviations were 1.2 to 1.6 times as wide.
    """
    return min(1.0, 0.5 + DEVIATIONS * math.sqrt((first + second + 1) / (12 * first * second)))


def what_differs(ours: Floats, theirs: Floats) -> str:
    """The features that tell most, each with its Kolmogorov–Smirnov distance and its two medians."""
    least = distance_by_chance(len(ours), len(theirs), RISK / len(FEATURES))
    apart = [distance(ours[:, at], theirs[:, at]) for at in range(len(FEATURES))]
    order = [at for at in np.argsort(-np.array(apart), kind="stable")[:NAMED].tolist() if apart[at] > least]
    middle, met = np.median(ours, axis=0), np.median(theirs, axis=0)
    told = [f"{FEATURES[at]} ({met[at]:.2f}, {middle[at]:.2f} in training)" for at in order]
    return f"what differs most: {', '.join(told)}" if told else "by several features together, none of them alone"
