"""Audits of publications against what was signed for them. Each looks only at what a reader has.

An audit returns a bound on the chance of findings as strong as these from a product that keeps what was
signed: its p-value. It rejects below FALSE_ALARM, so that is how often it is wrong on a true product.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import numpy as np
from canary_house import CAP, CELLS, COUNT, HAS_CANARY, HOURS, MONTHS, Publication
from numpy.typing import NDArray
from scipy.stats import binom, chi2, norm

FALSE_ALARM = 1e-6
SIGMA = HOURS.sigma["programme"]
Publications = Sequence[Publication]
Audit = Callable[[Publications], float]


def noise_variance(found: Publications) -> float:
    """Published less exact totals have the signed variance: chi-square, two-sided."""
    squares = sum(float((one.noise**2).sum()) for one in found) / SIGMA**2
    terms = sum(one.noise.size for one in found)
    return float(2 * min(chi2.cdf(squares, terms), chi2.sf(squares, terms)))


def canary_in_its_cell(found: Publications) -> float:
    """Guess from each cell's year whether its canary is there: right no more often than the loss allows.

    Two guesses: by the one month that a true cap leaves to the canary, and by the sum of all months as if
    each were filled. Whatever is looked at, of two Gaussians C apart at most Φ(C/2σ) of guesses are right.
    """
    year = np.array([one.noise for one in found])
    year[:, 0] += CAP * HAS_CANARY  # what the reader sees, less what is known of colleagues
    guesses = (year[:, 0] > CAP / 2, year.sum(axis=1) > len(MONTHS) * CAP / 2)
    return min(1.0, len(guesses) * min(_guessing(guess, CAP / SIGMA) for guess in guesses))


def canary_by_blanks(found: Publications) -> float:
    """Guess that a canary is there where its unit's head count is shown."""
    sensitivity = math.sqrt(COUNT.cap_squared) / COUNT.sigma["programme"]
    return _guessing(np.array([one.shown for one in found]), sensitivity)


def _guessing(guess: NDArray[np.bool_], distance: float) -> float:
    """The chance of as many right guesses for Gaussians ``distance`` deviations apart: Clopper-Pearson's."""
    right = int((guess == HAS_CANARY).sum())
    return float(binom.sf(right - 1, guess.size, norm.cdf(distance / 2)))


def noise_never_repeats(found: Publications) -> float:
    """No two months of any two publications have the same noise in all cells.

    Two cells agree with a chance below 1/(2σ√π) + 1/(2σ)², the pairs add up.
    """
    rows = [row.tobytes() for row in chain.from_iterable(one.noise for one in found)]
    agree = 1 / (2 * SIGMA * math.sqrt(math.pi)) + 1 / (2 * SIGMA) ** 2
    return 1.0 if len(set(rows)) == len(rows) else min(1.0, math.comb(len(rows), 2) * agree**CELLS)


def one_draw_a_key(found: Publications) -> float:
    """However often the year was run, the ledger holds one entry of each item, period and level: exact."""
    return 1.0 if max(one.entries for one in found) == 1 else 0.0


AUDITS: Mapping[str, Audit] = {
    "noise variance": noise_variance,
    "canary in its cell": canary_in_its_cell,
    "canary by blanks": canary_by_blanks,
    "noise never repeats": noise_never_repeats,
    "one draw a key": one_draw_a_key,
}


def rejecting(found: Publications) -> frozenset[str]:
    """The audits that reject."""
    return frozenset(name for name, audit in AUDITS.items() if audit(found) < FALSE_ALARM)
