"""Fitness of each epoch → which was the best, and whether a training should stop. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, replace

WEIGHTS = 0.1, 0.9
"""Of mAP50 and mAP50-95 in the fitness."""


def fitness(map50: float, map50_95: float) -> float:
    """One number to compare epochs by: 0.1 mAP50 + 0.9 mAP50-95."""
    return WEIGHTS[0] * map50 + WEIGHTS[1] * map50_95


@dataclass(frozen=True)
class Stopping:
    """The best epoch so far, and how long it is waited for a better one. Only a higher fitness is better."""

    patience: int
    """Epochs without a better one after which a training stops; 0: never."""
    best: float = 0.0
    """Fitness of the best epoch."""
    epoch: int = 0
    """The best epoch."""

    def after(self, epoch: int, fitness: float) -> Stopping:
        """The same once an epoch is known."""
        return replace(self, best=fitness, epoch=epoch) if fitness > self.best else self

    def stops(self, epoch: int) -> bool:
        """Whether the training ends with this epoch."""
        return 0 < self.patience <= epoch - self.epoch

    def may_stop_next(self, epoch: int) -> bool:
        """Whether the next epoch can be the last one, and so has to be validated."""
        return self.patience > 0 and self.patience - 1 <= epoch - self.epoch
