"""How well an attack decides, and what it may reach at most.

The advantage is J = (share of accusations among those of whom the fact is true) - (share among those of
whom it is false): 0 for any guess that looks at nothing, 1 for certainty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
CONFIDENCE = 0.95


def clopper_pearson(hits: int, trials: int, chance: float) -> tuple[float, float]:
    """The two-sided interval of a share that misses it with at most this chance.

    It also holds for the mean of independent trials of unequal shares, whose count is spread less than
    the binomial one (Hoeffding 1956).
    """
    low = beta.ppf(chance / 2, hits, trials - hits + 1) if hits else 0.0
    high = beta.isf(chance / 2, hits + 1, trials - hits) if hits < trials else 1.0
    return float(low), float(high)


@dataclass(frozen=True)
class Advantage:
    """The decisions of an attack: independent trials with the fact true, and with it false."""

    hits: int
    positives: int
    alarms: int
    negatives: int

    @classmethod
    def of(cls, accused: Flags, truth: Flags) -> Advantage:
        return cls(
            hits=int(np.sum(accused & truth)),
            positives=int(np.sum(truth)),
            alarms=int(np.sum(accused & ~truth)),
            negatives=int(np.sum(~truth)),
        )

    @property
    def value(self) -> float:
        return self.hits / self.positives - self.alarms / self.negatives

    def interval(self, chance: float = 1 - CONFIDENCE) -> tuple[float, float]:
        """Ends that miss the true advantage with at most this chance, half of it for either share."""
        least_hits, most_hits = clopper_pearson(self.hits, self.positives, chance / 2)
        least_alarms, most_alarms = clopper_pearson(self.alarms, self.negatives, chance / 2)
        return least_hits - most_alarms, most_hits - least_alarms


def bound_by_epsilon(epsilon: float, delta: float) -> float:
    """The most that (epsilon, delta) differential privacy leaves to any attack on one person.

    Source: Kairouz, Oh and Viswanath (2015), the privacy region at equal error rates.
    """
    return (math.exp(epsilon) - 1 + 2 * delta) / (math.exp(epsilon) + 1)


def bound_by_rho(rho: float) -> float:
    """The most that rho-zCDP leaves to any attack on one person.

    The Rényi divergence of order a is at most rho * a for every a > 1, so the Kullback-Leibler
    divergence is at most rho (Bun and Steinke 2016), and total variation at most sqrt(rho / 2) (Pinsker).
    """
    return min(1.0, math.sqrt(rho / 2))


def expected(information: Array, leaning: Array, truth: Flags) -> float:
    """What the likelihood-ratio rule should reach, the discrete noise taken as a normal one.

    Args:
        information: of each trial, the sum of (difference / noise deviation)².
        leaning: of each trial, what is added to the log-likelihood ratio before it is compared with 0.
        truth: of each trial, whether the fact is true.
    """
    shift = np.where(truth, information, -information) / 2 + leaning
    with np.errstate(divide="ignore", invalid="ignore"):
        accused = np.where(information > 0, norm.cdf(shift / np.sqrt(information)), leaning > 0)
    return float(accused[truth].mean() - accused[~truth].mean())
