"""How the rates of units differ, from one another and over time, and how far the noisy numbers tell it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from metrics.inference.recursion import Array

FADING = 0.7  # what remains of a passing difference after a month
WIDE = 10.0  # the whole organisation's rate is as good as unknown beforehand: so many typical rates
STEP, ENOUGH = 1e-3, 0.15
FARTHEST = 6.0


@dataclass(frozen=True)
class Prior:
    """What is expected of a measure before its noisy numbers are seen, from public figures alone.

    Args:
        rate: a typical amount a person and month, or how far units' amounts usually lie from their centre.
        between: how much of it the rates of units differ by from their parent's, as a standard deviation.
        own: the variance of one person's amount in a month.
        doubt: how sure the others are, as the standard deviation of their logarithms.
        own_doubt: the same of ``own``; small where it is known, as for those who count as 0 or 1.
        own_lasting: the share of a person's variance that goes on from month to month.
    """

    rate: float
    between: float
    own: float
    doubt: float = 1.0
    own_doubt: float = 0.7
    own_lasting: float = 0.5

    def __post_init__(self) -> None:
        if min(self.rate, self.between, self.own, self.doubt, self.own_doubt) <= 0:
            raise ValueError("what is expected of a measure is above 0")


@dataclass(frozen=True)
class Spread:
    """The parameters of a measure's model, in its smallest unit a person and month.

    Args:
        levels: the standard deviation of a unit's rate around its parent's, by depth below the root; the
            root's own is that of its months.
        lasting: the share of that variance that lasts for all months; the rest fades.
        own: the variance of one person's amount in a month.
        own_lasting: the share of it that goes on from month to month.
    """

    levels: tuple[float, ...]
    lasting: float
    own: float
    own_lasting: float


def parameters(spread: Spread) -> Array:
    """A spread as numbers without limits."""
    lasting, own_lasting = _odds(spread.lasting), _odds(spread.own_lasting)
    return np.array([*np.log(spread.levels), lasting, math.log(spread.own), own_lasting])


def _odds(share: float) -> float:
    return math.log(share / (1 - share))


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def spread_of(found: Array) -> Spread:
    """The spread of some numbers: the inverse of :func:`parameters`."""
    *levels, lasting, own, own_lasting = (float(each) for each in found)
    return Spread(
        tuple(math.exp(level) for level in levels), _share(lasting), math.exp(own), _share(own_lasting)
    )


def expected(prior: Prior, depths: int) -> tuple[Array, Array]:
    """Mean and standard deviation of the parameters beforehand."""
    between = prior.between * prior.rate
    centre = parameters(Spread((between,) * depths, 0.7, prior.own, prior.own_lasting))
    return centre, np.array([prior.doubt] * depths + [1.0, prior.own_doubt, 1.0])


def fading(months: int) -> Array:
    """The correlation of passing differences over months; (months, months)."""
    apart = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    return np.asarray(FADING**apart, dtype=np.float64)


@dataclass(frozen=True)
class Proposed:
    """Parameters that noisy numbers may allow.

    Their weight is by their log evidence and ``log_weight``, which is that of the prior.
    """

    spread: Spread
    log_weight: float


@dataclass(frozen=True)
class Likely:
    """The likeliest parameters, and those around them that stand for all that may be."""

    mode: Spread
    points: tuple[Proposed, ...]


def likely(evidence: Callable[[Spread], float], prior: Prior, depths: int) -> Likely:
    """The likeliest spread, and points around it in every direction that is open.

    The points stand for the parameters' whole distribution, as in the integrated nested Laplace
    approximation (Rue, Martino and Chopin 2009, section 6.5): on a sphere around the mode, as wide as its
    curvature says, each weighed by its own density. Directions in which hardly anything is open are left out.

    Args:
        evidence: the log marginal likelihood of the noisy numbers under a spread; nearly is enough.
    """
    centre, doubt = expected(prior, depths)

    def away(found: Array) -> float:
        return float(np.sum(np.clip((found - centre) / doubt, -FARTHEST, FARTHEST) ** 2)) / 2

    def loss(found: Array) -> float:
        return away(found) - evidence(spread_of(found))

    limits = [(c - FARTHEST * d, c + FARTHEST * d) for c, d in zip(centre, doubt, strict=True)]
    mode = minimize(loss, centre, method="L-BFGS-B", bounds=limits, options={"ftol": 1e-7, "maxiter": 60}).x
    directions = _open_directions(loss, mode, doubt)
    if not len(directions):
        return Likely(spread_of(mode), (Proposed(spread_of(mode), 0.0),))
    radius = math.sqrt(len(directions))
    points = [mode + sign * radius * each for each in directions for sign in (1, -1)]
    return Likely(spread_of(mode), tuple(Proposed(spread_of(point), -away(point)) for point in points))


def weights(log_weights: Array) -> Array:
    """Weights that sum to 1; none more than a few times the median, since each point stands for as many."""
    above = np.clip(log_weights - np.median(log_weights), -8.0, 1.0)
    return np.asarray(np.exp(above) / np.exp(above).sum(), dtype=np.float64)


def _open_directions(loss: Callable[[Array], float], mode: Array, doubt: Array) -> Array:
    """The principal directions of what is left open around a mode, as long as a standard deviation each."""
    values, vectors = np.linalg.eigh(_curvature(loss, mode))
    lengths = 1 / np.sqrt(np.maximum(values, 1 / (2 * float(doubt.max())) ** 2))
    is_open = lengths > ENOUGH
    return np.asarray((vectors * lengths).T[is_open], dtype=np.float64)


def _curvature(loss: Callable[[Array], float], mode: Array) -> Array:
    """The second derivatives at a mode, by differences; (parameters, parameters)."""
    steps = np.eye(len(mode)) * 0.1
    here = loss(mode)
    ahead = [loss(mode + step) for step in steps]
    behind = [loss(mode - step) for step in steps]
    found = np.diag([a + b - 2 * here for a, b in zip(ahead, behind, strict=True)])
    for i in range(len(mode)):
        for j in range(i):
            both = loss(mode + steps[i] + steps[j])
            found[i, j] = found[j, i] = both - ahead[i] - ahead[j] + here
    return found / 0.1**2
