"""Totals of measures by period and group, from the ledger's noisy numbers: estimates with their moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from metrics.draws import Draws
from metrics.estimates import (
    Array,
    GroupMoments,
    LeafEstimate,
    Moments,
    estimate_leaves,
    leaves_within,
    membership,
    variances,
)
from metrics.measures import MEASURES
from metrics.rules import ReadingRules
from privacy.groups import GroupTree
from privacy.periods import Period
from privacy.records import Records

Draw = tuple[str, Period]


@dataclass(frozen=True)
class Linear:
    """A total for each of some groups as a linear form of leaf estimates: value is (groups,).

    ``parts`` maps a draw to its coefficients, (groups, leaves of that draw's tree).
    """

    value: Array
    parts: Mapping[Draw, Array]

    def __add__(self, other: Linear) -> Linear:
        shared = {draw: self.parts[draw] + other.parts[draw] for draw in self.parts if draw in other.parts}
        return Linear(self.value + other.value, {**self.parts, **other.parts, **shared})

    def weighted(self, weights: Array) -> Linear:
        """The same with each group's total multiplied by a public weight."""
        return Linear(
            self.value * weights, {draw: weights[:, None] * part for draw, part in self.parts.items()}
        )


class Totals(Draws):
    """All measurements of a ledger, period by period, with what can be estimated from them.

    Args:
        rules: how published numbers are made from noisy ones, as signed.
    """

    def __init__(self, records: Records, rules: ReadingRules) -> None:
        super().__init__(records)
        self.rules = rules
        self._leaves: dict[tuple[str, Period, bool], LeafEstimate] = {}
        self._pairs: dict[tuple[str, str, Period], GroupMoments] = {}

    def leaves(self, measure: str, period: Period, *, with_posts: bool = False) -> LeafEstimate:
        """Least-squares estimates of the leaves from one draw, in the measure's smallest unit."""
        key = (measure, period, with_posts)
        if key not in self._leaves:
            tolerance = self.rules.posts_tolerance if with_posts else 0.0
            tree, sigmas = self.tree(measure, period), self.sigmas(measure, period)
            self._leaves[key] = estimate_leaves(tree, sigmas, self.values(measure, period), tolerance)
        return self._leaves[key]

    def drawn_total(self, measure: str, period: Period, ids: Sequence[str]) -> Linear:
        """The un-centred total of one draw for some groups, in the measure's unit; 0 for groups not drawn."""
        item, tree = self.item(measure, period), self.tree(measure, period)
        rows = _rows(tree, ids) / MEASURES[measure].quantity.scale
        total = Linear(rows @ self.leaves(measure, period).mean, {(measure, period): rows})
        if any(centre for _, centre in item.centre):
            centres = np.array([item.constant(item.centre, leaf.service_line) for leaf in tree.leaves])
            total = total + self._base_total(measure, period, rows * centres)
        return total

    def _base_total(self, measure: str, period: Period, rows: Array) -> Linear:
        """What was taken off a draw before the noise: the centre times the base. ``rows`` holds centres."""
        base, of = self.item(measure, period).base, self.base_draw(measure, period)
        assert of is not None, "a draw without its base reaches no group"
        part = rows @ leaves_within(self.tree(measure, period), self.tree(base, of))
        return Linear(part @ self.leaves(base, of).mean, {(base, of): part})

    def total(self, measure: str, period: Period, ids: Sequence[str]) -> Linear:
        """The total of a period in person-months for some of the groups that the measure reaches.

        A flow contributes its sum; a stock, or what counts a person once a period, stands for every month.
        """
        weights: dict[Period, Array] = {}
        reach, kind = self.reach(measure, period), MEASURES[measure]
        for row, group in enumerate(ids):
            for draw in reach[group]:
                weight = kind.months_stood_for(draw.cadence)
                weights.setdefault(draw, np.zeros(len(ids)))[row] = weight
        return self.weighted_total(measure, weights, ids)

    def weighted_total(self, measure: str, weights: Mapping[Period, Array], ids: Sequence[str]) -> Linear:
        """The sum of the totals of some draws, each times a weight a group."""
        nothing = Linear(np.zeros(len(ids)), {})
        totals = (self.drawn_total(measure, draw, ids).weighted(each) for draw, each in weights.items())
        return reduce(add, totals, nothing)

    def pair(self, numerator: str, denominator: str, period: Period) -> GroupMoments:
        """Both totals of a period in person-months, for every group that both reach."""
        key = (numerator, denominator, period)
        if key not in self._pairs:
            ids = self.shared_ids((numerator, denominator), [period])
            n, d = (self.total(measure, period, ids) for measure in (numerator, denominator))
            self._pairs[key] = GroupMoments(ids, self.moments(n, d))
        return self._pairs[key]

    def shared_ids(self, measures: Sequence[str], periods: Sequence[Period]) -> tuple[str, ...]:
        """The newest period's groups that all of some measures reach in all of some periods."""
        reached = [self.reach(measure, period) for measure in measures for period in periods]
        groups = self.groups(measures, periods[-1]).groups
        return tuple(group.id for group in groups if all(group.id in each for each in reached))

    def estimates(self, measure: str, period: Period) -> tuple[GroupTree, Array, Array]:
        """The groups of one draw with the un-centred total and the variance of each."""
        groups = self.tree(measure, period)
        total = self.drawn_total(measure, period, [group.id for group in groups.groups])
        return groups, total.value, self.covariance(total, total)

    def head_count(self, measure: str, period: Period) -> GroupMoments:
        """The mean count of people over a period, authorised posts taken as a weak observation.

        The denominator is 1. Posts err alike in every month, so their part of the error does not shrink in
        a mean.
        """
        ids, reach = self.shared_ids((measure,), [period]), self.reach(measure, period)
        value, variance, common = np.zeros(len(ids)), np.zeros(len(ids)), np.zeros(len(ids))
        for draw in dict.fromkeys((period, *period.months)):
            share = np.array([1 / len(reach[group]) if draw in reach[group] else 0.0 for group in ids])
            if share.any():
                leaves = self.leaves(measure, draw, with_posts=True)
                rows = _rows(self.tree(measure, draw), ids)
                value += share * (rows @ leaves.mean)
                variance += share**2 * variances(rows, leaves.covariance - leaves.by_posts)
                common += share * np.sqrt(variances(rows, leaves.by_posts))
        one, zero = np.ones(len(ids)), np.zeros(len(ids))
        return GroupMoments(ids, Moments(value, one, variance + common**2, zero, zero))

    def moments(self, n: Linear, d: Linear) -> Moments:
        """A numerator and a denominator for the same groups, with what they have in common."""
        return Moments(n.value, d.value, self.covariance(n, n), self.covariance(d, d), self.covariance(n, d))

    def covariance(self, left: Linear, right: Linear) -> Array:
        """The covariance of two totals of each group: draws are independent of each other."""
        products = (
            np.einsum("gl,lk,gk->g", left.parts[draw], self.leaves(*draw).covariance, right.parts[draw])
            for draw in left.parts
            if draw in right.parts
        )
        return reduce(add, products, np.zeros(len(left.value)))


def _rows(tree: GroupTree, ids: Sequence[str]) -> Array:
    """The membership rows of a tree for some groups; without a leaf for a group that it lacks."""
    place = {group.id: row for row, group in enumerate(tree.groups)}
    table = np.vstack([membership(tree), np.zeros(len(tree.leaves))])
    return table[[place.get(group, -1) for group in ids]]
