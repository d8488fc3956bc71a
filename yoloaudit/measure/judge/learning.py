"""Numbers of rows that are planted wrong, and of rows as they are → how alike each row looks to each planted kind.

Two views of the same numbers, averaged: many random trees, which see what belongs together, and a logistic regression,
which sees slopes. Cross-fitted by image: nothing is judged by what was learnt on its own image. N rows, F numbers,
K kinds, kind 0 being "as it is".
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import QuantileTransformer
from threadpoolctl import threadpool_limits

from yoloaudit.evidence import Floats, Integers, Mask

FOLDS = 4
TREES, LEAF, NUMBERS = 60, 8, 0.25
"""Trees, the least rows of a leaf, and the share of the numbers that a split chooses from."""
STRENGTH, STEPS = 0.1, 100
"""Inverse of the penalty of the regression, and its steps at most."""
QUANTILES = 100
"""Points of the curve that brings each number to a normal distribution for the regression: few are linear in what they
tell, and many have long tails."""
LINES = 0.4
"""What the regression counts for, beside the trees, unless the caller says so for each kind."""
AS_IS = 0.7
"""Weight of all rows as they are; the kinds share the rest."""
LEAST = 1e-6
WRONG = 0.1
"""Share of labels that is taken to be wrong as long as nothing is known of it."""
IDLE = 1e-3
"""Rows that are trusted less are not learnt from."""
AT_ONCE = 25_000
"""Rows that are judged at once."""


def likeness(
    numbers: NDArray[np.float32],
    kinds: Integers,
    images: Integers,
    taught: Mask,
    *,
    seed: int,
    threads: int,
    again: Sequence[int] = (),
    lines: Floats | float = LINES,
) -> Floats:
    """N × K: log of how much more likely each row is of a kind than as it is, were both equally frequent.

    Only rows that are `taught` are learnt from. The kinds `again` are learnt in a second round, too, which deals out
    the folds anew: rows as they are count for less there the more they looked like planted ones in the first, as some
    of them are wrong; the rounds are averaged. `lines` (K) is what the regression counts for. All zero where there is
    nothing to learn from.
    """
    made = _crossed(numbers, kinds, _folds(images, kinds, seed), np.where(taught, 1.0, 0), lines, seed, threads)
    if again:
        trust = np.where(kinds == 0, shares(made)[:, 0], 1) * taught
        second = _crossed(numbers, kinds, _folds(images, kinds, seed + 1), trust, lines, seed + 1, threads)
        columns = list(again)
        made[:, columns] = (made[:, columns] + second[:, columns]) / 2
    return made


def shares(likeness: Floats) -> Floats:
    """N × K: what each row is, were WRONG of all rows wrong, and all kinds equally frequent."""
    prior = np.full(likeness.shape[1], np.log(WRONG / max(1, likeness.shape[1] - 1)))
    prior[0] = np.log(1 - WRONG)
    return np.asarray(softmax(likeness + prior, axis=1))


def _crossed(
    numbers: NDArray[np.float32],
    kinds: Integers,
    fold: Integers,
    trust: Floats,
    lines: Floats | float,
    seed: int,
    threads: int,
) -> Floats:
    """As `likeness`, each fold judged by what was learnt on the others; rows count for what they are trusted."""
    made = np.zeros((len(kinds), int(kinds.max(initial=0)) + 1))

    def judge(number: int) -> None:
        learnt, held = (trust > IDLE) & (fold != number), np.flatnonzero(fold == number)
        if len(np.unique(kinds[learnt])) > 1:
            judge = _Judge(numbers[learnt], kinds[learnt], trust[learnt], made.shape[1], seed)
            for at in range(0, len(held), AT_ONCE):
                part = held[at : at + AT_ONCE]
                made[part] = judge.likeness(numbers[part], lines)

    with warnings.catch_warnings(), threadpool_limits(1), ThreadPoolExecutor(min(FOLDS, threads)) as pool:
        warnings.simplefilter("ignore", ConvergenceWarning)  # to stop early is part of the regularisation
        list(pool.map(judge, range(FOLDS)))
    return made


def _folds(images: Integers, kinds: Integers, seed: int) -> Integers:
    """The fold of each row: images are dealt out in a drawn order, first those that have rows as they are."""
    known, at = np.unique(images, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(known))
    bare = np.bincount(at, kinds == 0, minlength=len(known)) == 0
    place = np.zeros(len(known), np.int64)
    place[np.lexsort((drawn, bare))] = np.arange(len(known))
    return np.asarray((place % FOLDS)[at])


class _Judge:
    """What was learnt on the images of all folds but one."""

    def __init__(
        self,
        numbers: NDArray[np.float32],
        kinds: Integers,
        trust: Floats,
        count: int,
        seed: int,
    ) -> None:
        weights, self.share = _weights(kinds, trust, count)
        self.trees = ExtraTreesClassifier(TREES, min_samples_leaf=LEAF, max_features=NUMBERS, random_state=seed).fit(
            numbers, kinds, weights
        )
        self.scaler = QuantileTransformer(
            output_distribution="normal", n_quantiles=min(QUANTILES, len(numbers)), random_state=seed
        )
        scaled = self.scaler.fit_transform(numbers)
        self.lines = LogisticRegression(C=STRENGTH, max_iter=STEPS)
        self.lines.fit(scaled, kinds, weights)

    def likeness(self, numbers: NDArray[np.float32], lines: Floats | float) -> Floats:
        trees = np.full((len(numbers), len(self.share)), LEAST)
        straight = trees.copy()
        trees[:, self.trees.classes_] = self.trees.predict_proba(numbers)
        straight[:, self.lines.classes_] = self.lines.predict_proba(self.scaler.transform(numbers))
        trees, straight = (np.log(np.maximum(each, LEAST)) for each in (trees, straight))
        logs = (1 - lines) * (trees - trees[:, :1]) + lines * (straight - straight[:, :1])
        made = logs - np.log(np.maximum(self.share, LEAST)) + np.log(self.share[0])
        return np.asarray(np.where(self.share > 0, made, np.log(LEAST)))


def _weights(kinds: Integers, trust: Floats, count: int) -> tuple[Floats, Floats]:
    """The weight of each row, their mean 1, and the share of all weight that each kind has."""
    counts = np.bincount(kinds, trust, minlength=count)
    others = max(1, int((counts[1:] > 0).sum()))
    share = np.where(counts > 0, (1 - AS_IS) / others, 0)
    share[0] = AS_IS
    return (share / np.maximum(counts, LEAST))[kinds] * trust * len(kinds), share
