"""estimated-label-noise: the share of labels that are wrong or missing, estimated with an interval."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pandas import Series
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Judged, Looked, measured, unmeasured
from yoloaudit.checks.judged import NOT_LOOKED_AT
from yoloaudit.dataset.tables import Boxes, Defects, Images, Judgements, Predictions
from yoloaudit.findings import Severity

DRAWS, BLOCKS = 1000, 4000
"""Samples of images that are drawn, and the blocks that images are put together to where there are more."""
TAILS = (2.5, 97.5)

Exact = NDArray[np.float64]


class Noise(NamedTuple):
    """A share, and where it lies with 95 % confidence."""

    share: float
    low: float
    high: float


class EstimatedLabelNoise(Check):
    """Many labels that are wrong or missing, all in all.

    Each judgement has a probability; their sum is how many labels are expected to be wrong, even where not one of them
    is certain. The interval says how much the sum would differ with other images of the same kind (bootstrap, 95 %).
    Images that the model was trained on count only if there are no others: it has learnt their errors, too. Review the
    findings of the family, the surest first, until the share is where you want it.
    """

    severity = Severity.WARNING
    kind = "model"
    message = (
        "an estimated {value:.1%} of the labels are wrong or missing (95 % interval {low:.1%} to {high:.1%}), above "
        "{limit:.0%}: about {wrong:,.0f} of {labels:,}, and {missing:,.0f} objects without one, in {count:,} {what}"
    )
    max_wrong_share: float = Field(0.05, ge=0, lt=1, description="share of wrong and missing labels that is let pass")
    seed: int = Field(0, ge=0, description="what the samples of images are drawn from")

    good = (
        Example(model=Looked(judged=(Judged("spurious", 0.09),))),
        Example(model=Looked(judged=(Judged("class", 0.05, class_id=1), Judged("location", 0.04)))),
    )
    bad = (
        Example(model=Looked(judged=(Judged("spurious", 0.12),)), title="0.12 of two labels"),
        Example(model=Looked(judged=(Judged("missing", 0.5, 0, (10.0, 10.0, 60.0, 60.0), 0),))),
    )

    def find(
        self, judgements: Judgements, boxes: Boxes, images: Images, predictions: Predictions, seen: Series
    ) -> Defects:
        looked = images.index.isin(seen.index[seen.to_numpy()])
        learnt = images.index.isin(predictions["image"].to_numpy()[(predictions["source"] == "in-sample").to_numpy()])
        fresh = looked & ~learnt
        chosen = fresh if np.isin(boxes["image"].to_numpy(), images.index.to_numpy()[fresh]).any() else looked
        wrong, missing, labels = _sums(judgements, boxes, images.index.to_numpy()[chosen])
        if not labels.sum():
            return unmeasured(NOT_LOOKED_AT, self.max_wrong_share)
        noise = estimate(wrong + missing, labels + missing, self.seed)
        entry = {
            "value": noise.share,
            "limit": self.max_wrong_share,
            "low": noise.low,
            "high": noise.high,
            "wrong": float(wrong.sum()),
            "missing": float(missing.sum()),
            "labels": int(labels.sum()),
            "count": int(chosen.sum()),
            "what": "images that it was not trained on" if chosen is fresh else "images that it was trained on",
            "severity": (Severity.WARNING if noise.low > self.max_wrong_share else Severity.INFO).value,
        }
        return measured(
            self.flag_whole([entry] if noise.share > self.max_wrong_share else []), noise.share, self.max_wrong_share
        )


def _sums(judgements: Judgements, boxes: Boxes, images: NDArray[np.int64]) -> tuple[Exact, Exact, Exact]:
    """By image: expected wrong labels, expected objects without one, and labels. Kinds of one label are independent."""
    position = Series(np.arange(len(images)), index=images)

    def by_image(rows: NDArray[np.int64], weights: Exact | None = None) -> Exact:
        place = position.reindex(rows).to_numpy(np.float64)
        known = np.isfinite(place)
        kept = None if weights is None else weights[known]
        return np.bincount(place[known].astype(np.int64), kept, minlength=len(images)).astype(np.float64)

    score = np.clip(judgements["score"].to_numpy(np.float64), 0, 1)
    labelled = judgements["box"].isin(boxes.index).to_numpy()
    free = (judgements["kind"] == "missing").to_numpy()
    right = Series(np.log1p(-np.minimum(score[labelled], 1 - 1e-9)), index=judgements["box"].to_numpy()[labelled])
    together = right.groupby(level=0).sum()
    wrong = by_image(boxes["image"].loc[together.index].to_numpy(), 1 - np.exp(together.to_numpy(np.float64)))
    return wrong, by_image(judgements["image"].to_numpy()[free], score[free]), by_image(boxes["image"].to_numpy())


def estimate(errors: Exact, of: Exact, seed: int) -> Noise:
    """The ratio of the two sums over images, and its interval by drawing images anew (Poisson bootstrap)."""
    if len(errors) > BLOCKS:
        block = np.random.default_rng(seed).permutation(len(errors)) % BLOCKS
        errors, of = (np.bincount(block, each).astype(np.float64) for each in (errors, of))
    draws = np.random.default_rng(seed).poisson(1.0, (DRAWS, len(errors))).astype(np.float32)
    above, below = draws @ errors, draws @ of
    ratios = above[below > 0] / below[below > 0]
    low, high = np.percentile(ratios, TAILS) if len(ratios) else (0.0, 1.0)
    return Noise(float(errors.sum() / of.sum()), float(low), float(high))
