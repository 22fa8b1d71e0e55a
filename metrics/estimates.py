"""Estimates from noisy totals: weighted least squares on the tree, and ratios with intervals.

Everything here is post-processing of published numbers. All variances come from the known noise, so
an interval speaks of the (capped) quantity that was measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from privacy.groups import Z95, Group, GroupTree

Array = NDArray[np.float64]
LEAST_SPREAD, USUAL_TOLERANCE = 6.0, 0.15  # a small unit's head count is off by about this many people


@dataclass(frozen=True)
class LeafEstimate:
    """Best linear estimates of the leaves of a tree, with their covariance.

    ``tree`` ends at the deepest measured level; ``mean`` is (leaves,), ``covariance`` (leaves, leaves),
    both in the measure's smallest unit. ``by_posts`` is the part of the covariance that the error of the
    authorised posts adds, 0 where they were not used.
    """

    tree: GroupTree
    mean: Array
    covariance: Array
    by_posts: Array


@dataclass(frozen=True)
class Ratio:
    """A value with the ends of its 95 % interval; the ends are None where the data bound nothing."""

    value: float
    low: float | None
    high: float | None

    @property
    def margin(self) -> float:
        """Half the interval's width; infinite where there is no bound."""
        return math.inf if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def deviation(self) -> float:
        return self.margin / Z95


@dataclass(frozen=True)
class _Solver:
    gain: Array
    covariance: Array


def membership(tree: GroupTree) -> Array:
    """Which leaf lies in which group: (groups, leaves) of 0 and 1, in the tree's order."""
    return _membership(tree)


@lru_cache(maxsize=64)
def _membership(tree: GroupTree) -> Array:
    leaves = {leaf.id: place for place, leaf in enumerate(tree.leaves)}
    row = {group.id: place for place, group in enumerate(tree.groups)}
    table = np.zeros((len(row), len(leaves)))
    for leaf, place in leaves.items():
        for group in tree.ancestry(leaf):
            table[row[group.id], place] = 1.0
    return table


@lru_cache(maxsize=256)
def _solver(tree: GroupTree, sigmas: tuple[tuple[str, float], ...], tolerance: float) -> _Solver:
    design, weight = membership(tree), {level: 1.0 / sigma**2 for level, sigma in sigmas}
    weights = np.array([weight.get(group.level, 0.0) for group in tree.groups])
    precision = design.T @ (weights[:, None] * design) + np.diag(_prior_weights(tree, tolerance))
    covariance: Array = np.linalg.inv(precision).astype(np.float64)
    return _Solver(covariance @ (design.T * weights), covariance)


def _prior_weights(tree: GroupTree, tolerance: float) -> Array:
    """One over the variance of authorised posts as a guess at the head count; 0 where there are none."""
    if tolerance <= 0:
        return np.zeros(len(tree.leaves))
    return np.array([1.0 / _spread(leaf, tolerance) ** 2 if leaf.posts else 0.0 for leaf in tree.leaves])


def _spread(leaf: Group, tolerance: float) -> float:
    return max(tolerance * leaf.posts, LEAST_SPREAD * tolerance / USUAL_TOLERANCE)


def _fitting(tree: GroupTree, free: LeafEstimate, tolerance: float) -> float:
    """The tolerance, widened where the noisy counts lie farther from the posts than it allows for.

    Widened in steps of a quarter, so that few solutions have to be worked out.
    """
    rows = [row for row, leaf in enumerate(tree.leaves) if leaf.posts]
    if not rows:
        return tolerance
    misfit = [
        (free.mean[row] - tree.leaves[row].posts) ** 2
        / (free.covariance[row, row] + _spread(tree.leaves[row], tolerance) ** 2)
        for row in rows
    ]
    return tolerance * math.ceil(4 * math.sqrt(max(1.0, max(misfit) / 4, sum(misfit) / len(misfit)))) / 4


def estimate_leaves(
    tree: GroupTree,
    sigmas: tuple[tuple[str, float], ...],
    values: Mapping[str, float],
    tolerance: float = 0.0,
) -> LeafEstimate:
    """Generalised least squares for the leaves, given the noisy totals of all groups of the levels drawn.

    Children then add up to their parents exactly. Source: the tree-consistent estimator of Hay,
    Rastogi, Miklau and Suciu (2010), here with a variance a level and an optional weak prior.

    Args:
        tree: the item's tree, no deeper than its deepest level.
        sigmas: the noise deviation of each level that was drawn.
        values: the noisy total of each group of those levels.
        tolerance: with a value above 0, authorised posts count as an observation of each leaf that has
            any, with this share of them (and at least some people) as standard deviation; more where
            the noisy counts lie farther from the posts than that.
    """
    drawn = {level for level, _ in sigmas}
    observed = np.array([float(values[g.id]) if g.level in drawn else 0.0 for g in tree.groups])
    solver = _solver(tree, sigmas, 0.0)
    free = LeafEstimate(tree, solver.gain @ observed, solver.covariance, np.zeros_like(solver.covariance))
    if tolerance <= 0:
        return free
    tolerance = _fitting(tree, free, tolerance)
    solver = _solver(tree, sigmas, tolerance)
    posts, weights = np.array([float(leaf.posts) for leaf in tree.leaves]), _prior_weights(tree, tolerance)
    mean = solver.gain @ observed + solver.covariance @ (weights * posts)
    by_posts = (solver.covariance * weights) @ solver.covariance
    return LeafEstimate(tree, mean, solver.covariance, by_posts)


def variances(rows: Array, covariance: Array) -> Array:
    """The variance of each linear form of some leaves; ``rows`` holds a form a row."""
    found: Array = np.einsum("gl,lk,gk->g", rows, covariance, rows)
    return found


def leaves_within(coarse: GroupTree, fine: GroupTree) -> Array:
    """Which leaf of a finer tree lies in which leaf of a coarser one: (coarse leaves, fine leaves)."""
    place = {leaf.id: number for number, leaf in enumerate(coarse.leaves)}
    table = np.zeros((len(place), len(fine.leaves)))
    for column, leaf in enumerate(fine.leaves):
        holder = next(group.id for group in fine.ancestry(leaf.id) if group.id in place)
        table[place[holder], column] = 1.0
    return table


@dataclass(frozen=True)
class Moments:
    """A numerator and a denominator for every group, with their variances and covariance; each (groups,)."""

    numerator: Array
    denominator: Array
    variance_n: Array
    variance_d: Array
    covariance: Array

    def __add__(self, other: Moments) -> Moments:
        """Sums of independent periods over the same groups."""
        return Moments(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.variance_n + other.variance_n,
            self.variance_d + other.variance_d,
            self.covariance + other.covariance,
        )

    def take(self, places: Sequence[int]) -> Moments:
        """The same for some of the groups, in the order asked for."""
        chosen = list(places)
        return Moments(
            self.numerator[chosen],
            self.denominator[chosen],
            self.variance_n[chosen],
            self.variance_d[chosen],
            self.covariance[chosen],
        )


@dataclass(frozen=True)
class GroupMoments:
    """Moments of the groups named, in that order."""

    ids: tuple[str, ...]
    moments: Moments

    def ratio(self, group_id: str, factor: float) -> Ratio:
        """The ratio of one group: see :func:`ratio`."""
        return ratio(self.ids.index(group_id), self.moments, factor)

    def deviation(self, group_id: str) -> float:
        """The standard deviation of a group's numerator."""
        return math.sqrt(float(self.moments.variance_n[self.ids.index(group_id)]))


def summed(parts: Sequence[GroupMoments]) -> GroupMoments:
    """Moments added over independent periods, for the groups that all of them have."""
    places = [{group: row for row, group in enumerate(part.ids)} for part in parts]
    ids = tuple(group for group in parts[-1].ids if all(group in place for place in places))
    aligned = [
        part.moments.take([place[group] for group in ids]) for place, part in zip(places, parts, strict=True)
    ]
    return GroupMoments(ids, reduce(add, aligned))


def ratio(place: int, moments: Moments, factor: float) -> Ratio:
    """Numerator over denominator with Fieller's 95 % interval (Fieller 1954), times a factor.

    The interval is the set of ratios r for which N - r·D is within 1.96 standard deviations of 0; it is
    unbounded where the denominator cannot be told from 0.
    """
    n, d = float(moments.numerator[place]), float(moments.denominator[place])
    v_n, v_d = float(moments.variance_n[place]), float(moments.variance_d[place])
    v_nd, z2 = float(moments.covariance[place]), Z95**2
    leading = d * d - z2 * v_d
    if d <= 0 or leading <= 0:
        return Ratio(factor * n / d if d else math.nan, None, None)
    middle = n * d - z2 * v_nd
    root = math.sqrt(max(0.0, middle * middle - leading * (n * n - z2 * v_n)))
    return Ratio(factor * n / d, factor * (middle - root) / leading, factor * (middle + root) / leading)
