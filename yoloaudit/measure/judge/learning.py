"""Numbers of rows that are planted wrong, and of rows as they are → how alike each row looks to each planted kind.

Two views of the same numbers, averaged: boosted trees, which see what belongs together, and a logistic regression,
which sees slopes. Cross-fitted by image: nothing is judged by what was learnt on its own image. N rows, F numbers, K
kinds, kind 0 being "as it is".
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, softmax
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from yoloaudit.evidence import Floats, Integers, Mask

FOLDS = 4
ROUNDS, RATE, LEAVES, PENALTY, NUMBERS = 30, 0.15, 12, 5.0, 0.3
"""Of the trees: rounds, learning rate, leaves, penalty of their values, share of the numbers at a split."""
STRENGTH, STEPS = 0.1, 50
"""Inverse of the penalty of the regression, and its steps at most."""
QUANTILES = 100
"""Points of the curve that brings each number to a normal distribution: few are linear in what they tell, and many have
long tails."""
EDGE = 1e-3
"""Ranks are this far from 0 and 1: nothing lies further out than three standard deviations."""
COARSE = 24
"""Steps to a standard deviation that boosted trees tell apart. With 8, labels that cover two thirds of one another fell
together with doubles, which are next to them in rank."""
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
    lines: float,
    doubted: Sequence[int] = (),
    deals: int = 1,
) -> Floats:
    """N × K: log of how much more likely each row is of a kind than as it is, were both equally frequent.

    Only rows that are `taught` are learnt from. Some rows as they are are wrong: the more one looks like one of the
    kinds `doubted` to the regression alone, the less it counts. `lines` is what the regression counts for beside the
    trees; the mean over so many `deals` of the images to folds is taken. All zero where there is nothing to learn from.
    """
    table = _Table(numbers, taught)
    trust = np.where(taught, 1.0, 0)
    if doubted:
        first = _crossed(_Lines, table, kinds, _folds(images, kinds, seed), trust, taught, seed, threads)
        trust *= np.where(kinds == 0, 1 - shares(first)[:, list(doubted)].sum(axis=1), 1)

    judge = partial(_Blend, lines=lines)
    made = [
        _crossed(judge, table, kinds, _folds(images, kinds, deal), trust, np.ones_like(taught), deal, threads)
        for deal in range(seed + 1, seed + 1 + deals)
    ]
    return np.asarray(np.mean(made, axis=0))


def shares(likeness: Floats) -> Floats:
    """N × K: what each row is, were WRONG of all rows wrong, and all kinds equally frequent."""
    prior = np.full(likeness.shape[1], np.log(WRONG / max(1, likeness.shape[1] - 1)))
    prior[0] = np.log(1 - WRONG)
    return np.asarray(softmax(likeness + prior, axis=1))


class _Table:
    """Numbers, and what they are once the ranks of those that are taught bring each to a normal distribution.

    Equal numbers have the mean of their ranks, also where they are the lowest or the highest of all.
    """

    def __init__(self, numbers: NDArray[np.float32], taught: Mask) -> None:
        self.numbers, self.taught = numbers, taught
        self.place = np.cumsum(taught) - 1
        self.ranks = np.linspace(0, 1, QUANTILES)
        self.curves = np.quantile(numbers[taught], self.ranks, axis=0).T if taught.any() else np.zeros((0, QUANTILES))
        self.known = self._normal(numbers[taught])

    def learnt(self, rows: Integers) -> NDArray[np.float32]:
        """Of rows that are taught."""
        return np.asarray(self.known[self.place[rows]])

    def parts(self, rows: Integers) -> Iterator[tuple[Integers, NDArray[np.float32]]]:
        """All of these rows, some at once, and what their numbers are."""
        known = self.taught[rows]
        yield rows[known], self.learnt(rows[known])
        rest = rows[~known]
        for at in range(0, len(rest), AT_ONCE):
            part = rest[at : at + AT_ONCE]
            yield part, self._normal(self.numbers[part])

    def _normal(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        made = np.zeros_like(numbers)
        for column, curve in enumerate(self.curves):
            values = numbers[:, column]
            low = np.interp(values, curve, self.ranks)
            high = -np.interp(-values, -curve[::-1], -self.ranks[::-1])
            made[:, column] = ndtri(np.clip((low + high) / 2, EDGE, 1 - EDGE))
        return made


def _crossed(
    judge: Callable[[NDArray[np.float32], Integers, Floats, int], _Learner],
    table: _Table,
    kinds: Integers,
    fold: Integers,
    trust: Floats,
    asked: Mask,
    seed: int,
    threads: int,
) -> Floats:
    """As `likeness` of the rows that are `asked` for, each fold judged by what was learnt on the others; rows count for
    what they are trusted.
    """
    made = np.zeros((len(kinds), int(kinds.max(initial=0)) + 1))

    def held_against_the_others(number: int) -> None:
        learnt = np.flatnonzero((trust > IDLE) & (fold != number))
        if len(np.unique(kinds[learnt])) > 1:
            weights, share = _weights(kinds[learnt], trust[learnt], made.shape[1])
            learner = judge(table.learnt(learnt), kinds[learnt], weights, seed)
            for part, numbers in table.parts(np.flatnonzero(asked & (fold == number))):
                if len(part):
                    made[part] = _ratio(learner, numbers, share)

    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)  # to stop early is part of the regularisation
        with ThreadPoolExecutor(min(FOLDS, threads), initializer=threadpool_limits, initargs=(1,)) as pool:
            list(pool.map(held_against_the_others, range(FOLDS)))
    return made


def _ratio(learner: _Learner, numbers: NDArray[np.float32], share: Floats) -> Floats:
    """N × K: how much more likely a row is of a kind than as it is, were the shares of all kinds equal."""
    logs = np.zeros((len(numbers), len(share)))
    logs[:, learner.classes] = learner.logs(numbers)
    made = logs - logs[:, :1] - np.log(np.maximum(share, LEAST)) + np.log(share[0])
    return np.asarray(np.where(share > 0, made, np.log(LEAST)))


def _folds(images: Integers, kinds: Integers, seed: int) -> Integers:
    """The fold of each row: images are dealt out in a drawn order, first those that have rows as they are."""
    known, at = np.unique(images, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(known))
    bare = np.bincount(at, kinds == 0, minlength=len(known)) == 0
    place = np.zeros(len(known), np.int64)
    place[np.lexsort((drawn, bare))] = np.arange(len(known))
    return np.asarray((place % FOLDS)[at])


class _Learner(Protocol):
    """What was learnt on the images of all folds but one."""

    classes: Integers
    """C: the kinds that there were, in order."""

    def logs(self, numbers: NDArray[np.float32]) -> Floats:
        """N × C: logs of what each kind is likely."""
        ...


class _Lines:
    """A logistic regression."""

    def __init__(self, numbers: NDArray[np.float32], kinds: Integers, weights: Floats, seed: int) -> None:
        self.model = LogisticRegression(C=STRENGTH, max_iter=STEPS, random_state=seed).fit(numbers, kinds, weights)
        self.classes = self.model.classes_

    def logs(self, numbers: NDArray[np.float32]) -> Floats:
        return _logs(self.model.predict_proba(numbers))


class _Blend:
    """The regression and boosted trees."""

    def __init__(self, numbers: NDArray[np.float32], kinds: Integers, weights: Floats, seed: int, lines: float) -> None:
        self.part = lines
        self.lines = _Lines(numbers, kinds, weights, seed)
        self.classes = self.lines.classes
        self.trees = HistGradientBoostingClassifier(
            max_iter=ROUNDS,
            learning_rate=RATE,
            max_leaf_nodes=LEAVES,
            l2_regularization=PENALTY,
            max_features=NUMBERS,
            early_stopping=False,
            random_state=seed,
        ).fit(_coarse(numbers), kinds, weights)

    def logs(self, numbers: NDArray[np.float32]) -> Floats:
        trees = _logs(self.trees.predict_proba(_coarse(numbers)))
        return np.asarray((1 - self.part) * trees + self.part * self.lines.logs(numbers))


def _coarse(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """So few values that they are bins: to weigh rows into bins takes longer than all trees."""
    return np.asarray(np.rint(numbers * COARSE))


def _logs(likely: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(likely, LEAST)))


def _weights(kinds: Integers, trust: Floats, count: int) -> tuple[Floats, Floats]:
    """The weight of each row, their mean 1, and the share of all weight that each kind has."""
    counts = np.bincount(kinds, trust, minlength=count)
    others = max(1, int((counts[1:] > 0).sum()))
    share = np.where(counts > 0, (1 - AS_IS) / others, 0)
    share[0] = AS_IS
    return (share / np.maximum(counts, LEAST))[kinds] * trust * len(kinds), share
