"""Repeatable chance: the same key gives the same throws on every machine and Python version."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeVar

SEED = "northway-3"
SMALLEST = 1e-12
STANDARD = NormalDist()

T = TypeVar("T")


class Dice:
    """One stream of throws, named by its key.

    Built on ``random.Random.random`` alone: Python promises that sequence for ever, which neither
    numpy's distributions nor the other methods of ``random.Random`` do.
    """

    def __init__(self, *key: object) -> None:
        self._throw = random.Random("/".join([SEED, *map(str, key)])).random

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self._throw()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int((high - low + 1) * self._throw())

    def chance(self, probability: float) -> bool:
        return self._throw() < probability

    def pick(self, things: Sequence[T]) -> T:
        return things[self.whole(0, len(things) - 1)]

    def weighted(self, weights: dict[T, float]) -> T:
        """One of the keys, in proportion to its weight."""
        left = self.between(0, sum(weights.values()))
        for thing, weight in weights.items():
            left -= weight
            if left < 0:
                return thing
        return thing

    def normal(self, mean: float, spread: float) -> float:
        return mean + spread * STANDARD.inv_cdf(max(self._throw(), SMALLEST))

    def lifetime(self, mean: float) -> float:
        """An exponential waiting time."""
        return -mean * math.log(max(self._throw(), SMALLEST))

    def count(self, mean: float) -> int:
        """A Poisson count, by inversion; for small means."""
        left, term, number = self._throw(), math.exp(-mean), 0
        while left >= term and number < 100:
            left, number = left - term, number + 1
            term *= mean / number
        return number
