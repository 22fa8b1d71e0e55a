"""The split of a year's privacy loss over items and levels that meets every target at the least loss.

What a level costs is linear in its precision (C²/2 times one over σ²); the variance of a least-squares
estimate is convex in the precisions (it is a matrix-fractional function), and so is the variance of a
ratio linearised around typical figures. So meeting all targets at the least loss is a convex programme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy.optimize import Bounds, minimize, nnls

from metrics.tree_precision import Array, TreePrecision

REACH = 12.0  # the search goes as many powers of e up and down from where it starts
TIGHT, ENOUGH, RESTARTS = 1e-10, 1e-6, 8
Name = TypeVar("Name")


@dataclass(frozen=True)
class Part(Generic[Name]):
    """What one item adds to a target's variance: a slope squared times the variance of a group's estimate."""

    item: Name
    group: int
    slope_squared: float


@dataclass(frozen=True)
class Target(Generic[Name]):
    """A variance wanted of an indicator, made of the items it is computed from."""

    variance: float
    parts: tuple[Part[Name], ...]


@dataclass(frozen=True)
class Priced:
    """An item as the programme sees it: its tree, down to its deepest level, and C² (of a year)."""

    tree: TreePrecision
    cap_squared: int
    fixed: Array | None = None

    @property
    def size(self) -> int:
        return len(self.tree.levels)


@dataclass(frozen=True)
class Split(Generic[Name]):
    """The precisions of each item's levels, what they cost as ρ, and each target's share of that cost.

    ``weights`` says by how much of itself the loss falls when a target's variance is relaxed by as much:
    the shadow prices, which sum to one over targets that bind.
    """

    precisions: Mapping[Name, Array]
    rho: float
    weights: Array


class _Programme(Generic[Name]):
    """The convex programme in multiples of a start that meets every target."""

    def __init__(self, items: Mapping[Name, Priced], targets: Sequence[Target[Name]]) -> None:
        self.items, self.targets = items, targets
        self.place: dict[Name, slice] = {}
        end = 0
        for name, item in items.items():
            self.place[name] = slice(end, end + item.size)
            end += item.size
        self.prices = np.concatenate([np.full(item.size, item.cap_squared / 2) for item in items.values()])
        self.is_fixed = np.concatenate(
            [np.full(item.size, item.fixed is not None) for item in items.values()]
        )
        self.start = self.feasible(self._first_guess())

    def _first_guess(self) -> Array:
        """Equal shares of the loss for every level, but for what is fixed."""
        guess = 1.0 / self.prices
        for name, item in self.items.items():
            if item.fixed is not None:
                guess[self.place[name]] = item.fixed
        return guess

    def feasible(self, precisions: Array) -> Array:
        """Scaled until the worst target is met. What is fixed stays; the rest can only do so much."""
        for _ in range(60):
            worst = float(self.ratios(precisions).max(initial=0.0))
            if worst <= 1:
                break
            precisions = np.where(self.is_fixed, precisions, precisions * worst * (1 + TIGHT))
        return precisions

    def loss(self, precisions: Array) -> float:
        """What the precisions cost, as ρ."""
        return float(self.prices @ precisions)

    def ratios(self, precisions: Array) -> Array:
        """Each target's variance over the one wanted."""
        return self.ratios_and_slopes(precisions)[0]

    def ratios_and_slopes(self, precisions: Array) -> tuple[Array, Array]:
        ratios = np.zeros(len(self.targets))
        slopes = np.zeros((len(self.targets), len(precisions)))
        known: dict[tuple[Name, int], tuple[float, Array]] = {}
        for row, target in enumerate(self.targets):
            for part in target.parts:
                key, place = (part.item, part.group), self.place[part.item]
                if key not in known:
                    tree = self.items[part.item].tree
                    known[key] = tree.variance_and_slope(part.group, precisions[place])
                variance, slope = known[key]
                ratios[row] += part.slope_squared * variance / target.variance
                slopes[row, place] += part.slope_squared * slope / target.variance
        return ratios, slopes


def least_loss(items: Mapping[Name, Priced], targets: Sequence[Target[Name]]) -> Split[Name]:
    """The least loss that meets every target; levels that no target needs are drawn as coarsely as may be.

    Where items are fixed and do not allow a target, the rest does what it can. The search goes over the
    logarithms of the precisions, which range over many powers of ten; an optimum there is one here.
    """
    programme = _Programme(items, targets)
    precisions = programme.start
    for _ in range(RESTARTS):
        better = _descend(programme, precisions)
        gain = 1 - programme.loss(better) / programme.loss(precisions)
        precisions = better if gain > 0 else precisions
        if gain < ENOUGH:
            break
    return Split(
        {name: precisions[place] for name, place in programme.place.items()},
        programme.loss(precisions),
        _shadow_prices(programme, precisions),
    )


def _descend(programme: _Programme[Name], start: Array) -> Array:
    """One run of sequential quadratic programming from a point that meets every target, to another."""
    scale = programme.loss(start)

    def loss(logs: Array) -> tuple[float, Array]:
        each = programme.prices * start * np.exp(logs) / scale
        return float(each.sum()), each

    def room(logs: Array) -> Array:
        return 1 - programme.ratios(start * np.exp(logs))

    def room_slopes(logs: Array) -> Array:
        precisions = start * np.exp(logs)
        return -programme.ratios_and_slopes(precisions)[1] * precisions

    reach = np.where(programme.is_fixed, 0.0, REACH)
    found = minimize(
        loss,
        np.zeros(len(start)),
        jac=True,
        bounds=Bounds(-reach, reach),
        constraints={"type": "ineq", "fun": room, "jac": room_slopes},
        method="SLSQP",
        options={"maxiter": 300, "ftol": TIGHT},
    )
    return programme.feasible(start * np.exp(np.clip(found.x, -reach, reach)))


def _shadow_prices(programme: _Programme[Name], precisions: Array) -> Array:
    """The targets' multipliers at the solution, as shares: least squares on the optimality condition."""
    slopes = -programme.ratios_and_slopes(precisions)[1] * precisions
    prices = programme.prices * precisions
    free = ~programme.is_fixed
    if not len(programme.targets) or not free.any():
        return np.zeros(len(programme.targets))
    multipliers, _ = nnls(slopes[:, free].T, prices[free])
    total = float(multipliers.sum())
    return np.asarray(multipliers / total if total else multipliers)
