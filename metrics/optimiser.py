"""The split of a year's privacy loss over items and levels that meets every target at the least loss.

What a level costs is linear in its precision (C²/2 times one over σ²); the variance of a least-squares
estimate is convex in the precisions (it is a matrix-fractional function), and so is the variance of a
ratio linearised around typical figures. So meeting all targets at the least loss is a convex programme.
It is solved by its dual: targets get prices, and given prices each item is by itself. The dual value bounds
the least loss from below, so that the gap to what was found is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy.optimize import minimize

from metrics.tree_precision import Array, TreePrecision

SETTLED, SWEEPS, SCALINGS = 1e-5, 100, 60
NEGLIGIBLE, ENOUGH, EXACT, RESTARTS = 1e-7, 1e-3, 1e-9, 6
OPTIONS = {"maxiter": 100, "ftol": 1e-6, "gtol": 1e-4}
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
    """An item as the programme sees it: its tree, down to its deepest level, and C².

    ``fixed`` holds the precisions of an item that is not to be changed.
    """

    tree: TreePrecision
    cap_squared: int
    fixed: Array | None = None


@dataclass(frozen=True)
class Split(Generic[Name]):
    """The precisions of each item's levels, what they cost as ρ, and the least that any split could cost.

    ``shares`` says of each target what part of the loss it accounts for: by how much of itself the loss
    falls when the target's variance is relaxed by as much.
    """

    precisions: Mapping[Name, Array]
    rho: float
    at_least: float
    shares: Array


def least_loss(items: Mapping[Name, Priced], targets: Sequence[Target[Name]]) -> Split[Name]:
    """The least loss that meets every target; levels that no target needs are drawn as coarsely as may be.

    Where items are fixed and do not allow a target, the rest is chosen as if they did.
    """
    return _Programme(items, targets).solved()


class _Block(Generic[Name]):
    """The items of one tree, swept together: a row an item, a column a level."""

    def __init__(
        self, tree: TreePrecision, items: Mapping[Name, Priced], targets: Sequence[Target[Name]]
    ) -> None:
        self.tree, self.names = tree, list(items)
        shape = (len(items), len(tree.levels))
        self.prices = np.array([np.full(shape[1], item.cap_squared / 2) for item in items.values()])
        self.is_free = np.array([[item.fixed is None] for item in items.values()])
        fixed = (np.zeros(shape[1]) if item.fixed is None else item.fixed for item in items.values())
        self.fixed = np.array(list(fixed))
        of_block = [(k, target, part) for k, target in enumerate(targets) for part in target.parts]
        of_block = [each for each in of_block if each[2].item in items]
        self.groups = sorted({part.group for _, _, part in of_block})
        self.weights = np.zeros((len(items), len(targets), len(self.groups)))
        for k, target, part in of_block:
            row, column = self.names.index(part.item), self.groups.index(part.group)
            self.weights[row, k, column] += part.slope_squared / target.variance

    def ratios(self, precisions: Array) -> Array:
        """Each target's variance over the one wanted, as far as this block adds to it."""
        variances = self.tree.variances(precisions)
        return np.asarray(np.einsum("rkg,rg->k", self.weights, variances[:, self.groups]))

    def best_for(self, target_prices: Array, start: Array, least: float) -> Array:
        """The precisions that minimise cost plus priced ratios: each sweep sets price against slope.

        At the optimum a level's price equals what its slope saves; the square root makes a level that is
        told by its own draws alone right in one sweep. No level costs less than ``least``.
        """
        precisions = start
        worth = np.einsum("k,rkg->rg", target_prices, self.weights)  # of a group's variance to all targets
        for _ in range(SWEEPS):
            _, slopes = self.tree.variances_and_slopes(precisions)
            saved = -np.einsum("rg,rgl->rl", worth, slopes[:, self.groups])
            sought = np.maximum(precisions * np.sqrt(np.maximum(saved, 0) / self.prices), least / self.prices)
            following = np.where(self.is_free, sought, self.fixed)
            moved = (self.prices * np.abs(following - precisions)).sum() / (self.prices * following).sum()
            precisions = following
            if moved < SETTLED:
                break
        return precisions


class _Programme(Generic[Name]):
    """All blocks together, and the search for the targets' prices."""

    def __init__(self, items: Mapping[Name, Priced], targets: Sequence[Target[Name]]) -> None:
        trees = dict.fromkeys(item.tree for item in items.values())
        self.targets = targets
        self.blocks = [
            _Block(tree, {name: item for name, item in items.items() if item.tree is tree}, targets)
            for tree in trees
        ]
        self.precisions = [np.where(b.is_free, 1 / b.prices, b.fixed) for b in self.blocks]

    def loss(self, precisions: Sequence[Array]) -> float:
        return float(sum((b.prices * p).sum() for b, p in zip(self.blocks, precisions, strict=True)))

    def ratios(self, precisions: Sequence[Array]) -> Array:
        pairs = zip(self.blocks, precisions, strict=True)
        return np.asarray(sum(block.ratios(each) for block, each in pairs))

    def scaled(self, precisions: Sequence[Array], factor: float) -> list[Array]:
        """What is free multiplied, what is fixed as it is."""
        pairs = zip(self.blocks, precisions, strict=True)
        return [np.where(block.is_free, each * factor, each) for block, each in pairs]

    def feasible(self, precisions: Sequence[Array]) -> list[Array]:
        """Scaled until the worst target is met, as far as what is free can do it."""
        found = list(precisions)
        for _ in range(SCALINGS):
            worst = float(self.ratios(found).max(initial=0.0))
            if abs(worst - 1) < EXACT:
                break
            found = self.scaled(found, worst)
        return found

    def solved(self) -> Split[Name]:
        self.precisions = self.feasible(self.precisions)
        self.scale = self.loss(self.precisions)
        prices = np.full(len(self.targets), 1 / max(1, len(self.targets)))
        best, at_least, shares = self.precisions, 0.0, prices
        for _ in range(RESTARTS):
            found = minimize(
                self.dual, prices, jac=True, method="L-BFGS-B", bounds=self.bounds, options=OPTIONS
            )
            at_least = max(at_least, -self.dual(found.x)[0] * self.scale)
            ratios, reached = self.ratios(self.precisions), self.feasible(self.precisions)
            if self.loss(reached) <= self.loss(best):
                best, shares = reached, found.x
            if self.loss(best) <= at_least * (1 + ENOUGH):
                break
            prices = found.x * np.sqrt(ratios)  # nudged towards what is missed, for another try
        named = zip(self.blocks, best, strict=True)
        each = {name: row for block, rows in named for name, row in zip(block.names, rows, strict=True)}
        return Split(each, self.loss(best), at_least, shares / (float(shares.sum()) or 1.0))

    @property
    def bounds(self) -> list[tuple[float, None]]:
        return [(0.0, None)] * len(self.targets)

    def dual(self, prices: Array) -> tuple[float, Array]:
        """The dual value at some target prices, negative and in multiples of a first loss; and its slope."""
        least, pairs = NEGLIGIBLE * self.scale, zip(self.blocks, self.precisions, strict=True)
        self.precisions = [block.best_for(prices * self.scale, each, least) for block, each in pairs]
        room = self.ratios(self.precisions) - 1
        return -(self.loss(self.precisions) / self.scale + float(prices @ room)), -room
