"""Labels and the boxes that a model proposes → how much space a label leaves on each side, or how much it cuts off.

N labels; sides are left, top, right, bottom. Slack is in pixels: positive where the label has space there, negative
where the object reaches beyond it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.judged import CORNERS, JudgedCheck
from yoloaudit.dataset.tables import Boxes, Defects, Judgements

PLACES = ("on the left", "at the top", "on the right", "at the bottom")
LOOSE, SHIFTED, TIGHT = 1, 0, -1

Exact = NDArray[np.float64]
Sides = NDArray[np.bool_]


class LocationCheck(JudgedCheck):
    """Base of the checks that tell a box that does not fit by the sides that are wrong."""

    beyond: float = Field(
        1.5, ge=0, description="how many standard deviations of the model's own edges a side must be off to decide"
    )

    def located(self, judgements: Judgements, boxes: Boxes, which: int) -> tuple[Defects, Judgements]:
        """The defects of one kind, LOOSE, SHIFTED or TIGHT, and their judgements."""
        rows = self.of_kind(judgements, "location")
        rows = rows[rows["box"].isin(boxes.index).to_numpy()]
        slack = slack_of(boxes.loc[rows["box"], CORNERS].to_numpy(np.float64), rows[CORNERS].to_numpy(np.float64))
        error = np.nan_to_num(rows["error_px"].to_numpy(np.float64))
        off = deciding(slack, self.beyond * error)
        own = kind_of(slack, off) == which
        rows, slack, off, error = rows[own], slack[own], off[own], error[own]
        words = [in_words(*pair) for pair in zip(slack, off, strict=True)]
        largest = np.where(off, np.abs(slack), 0).max(axis=1, initial=0)
        stray = [f"the model's own edges stray by {pixels(each)}" for each in error.tolist()]
        facts = {"value": largest, "limit": self.beyond * error, "slack": words, "stray": stray}
        return self.flag_judged(rows, boxes, **facts), rows


def slack_of(labels: Exact, proposed: Exact) -> Exact:
    """N × 4, from corners N × 4; NaN where nothing is proposed."""
    return np.asarray((proposed - labels) * (1, 1, -1, -1))


def deciding(slack: Exact, error: Exact) -> Sides:
    """N × 4: the sides that are off by more than the model's own error, or where none is, the one that is most."""
    size = np.nan_to_num(np.abs(slack))
    off = size > error[:, None]
    none = np.flatnonzero(~off.any(axis=1))
    off[none, size[none].argmax(axis=1)] = True
    return off


def kind_of(slack: Exact, off: Sides) -> NDArray[np.int64]:
    """N: LOOSE where all sides that are off have space, TIGHT where all are cut, else SHIFTED."""
    space, cut = (off & (slack > 0)).any(axis=1), (off & (slack < 0)).any(axis=1)
    return np.asarray(space.astype(np.int64) - cut)


def in_words(slack: Exact, off: Sides) -> str:
    """`8 px of space on the left, 5 at the top`; `cuts 6 px off on the right`; or both."""
    order = [side for side in np.argsort(-np.abs(slack), kind="stable").tolist() if off[side]]
    space = [f"{_number(slack[side])}{{}} {PLACES[side]}" for side in order if slack[side] > 0]
    cut = [f"{_number(-slack[side])}{{}} {PLACES[side]}" for side in order if slack[side] < 0]
    parts = [", ".join([space[0].format(" px of space"), *(each.format("") for each in space[1:])])] if space else []
    parts += [", ".join([f"cuts {cut[0].format(' px off')}", *(each.format("") for each in cut[1:])])] if cut else []
    return ", and ".join(parts) or "the model sees the object elsewhere"


def pixels(value: float) -> str:
    """`8 px`, `1.5 px`."""
    return f"{_number(value)} px"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
