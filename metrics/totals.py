"""Totals of measures by month and group, from the ledger's noisy numbers: estimates with their moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np

from metrics.estimates import (
    Array,
    LeafEstimate,
    Moments,
    estimate_leaves,
    leaves_within,
    membership,
)
from metrics.measures import MEASURES
from metrics.rules import ReadingRules
from privacy.groups import Group, GroupTree
from privacy.periods import Period
from privacy.plan import PlanItem
from privacy.records import Measurement, Records


@dataclass(frozen=True)
class Linear:
    """A total for every group of a tree as a linear form of leaf estimates: value is (groups,).

    ``parts`` maps a measure to its coefficients, (groups, leaves of that measure's tree).
    """

    value: Array
    parts: Mapping[str, Array]


class Totals:
    """All measurements of a ledger, month by month, with what can be estimated from them.

    Args:
        rules: how published numbers are made from noisy ones, as signed.
    """

    def __init__(self, records: Records, rules: ReadingRules) -> None:
        self.records, self.rules = records, rules
        self._drawn: dict[tuple[str, Period], dict[str, Measurement]] = {}
        for measurement in records.measurements:
            key = (measurement.item.measure, measurement.period)
            known = self._drawn.get(key, {})
            if any(earlier.item != measurement.item for earlier in known.values()):
                known = {}  # drawn again by an amended plan: the newer item stands alone
            self._drawn[key] = {**known, measurement.level: measurement}
        self._leaves: dict[tuple[str, Period, bool], LeafEstimate] = {}
        self._moments: dict[tuple[str, str, Period], Moments] = {}

    @property
    def months(self) -> tuple[Period, ...]:
        """The months of which anything has been measured, oldest first."""
        return tuple(sorted({month for _, month in self._drawn}, key=lambda month: month.index))

    def measured(self, month: Period) -> tuple[str, ...]:
        """The measures drawn for a month, in the order of their declaration."""
        return tuple(measure for measure in MEASURES if (measure, month) in self._drawn)

    def drawn(self, month: Period) -> tuple[Measurement, ...]:
        """The draws of a month, by measure and from the outermost level inwards."""
        return tuple(
            draw for measure in self.measured(month) for draw in self._drawn[measure, month].values()
        )

    def same_definition(self, measures: Sequence[str], months: Sequence[Period]) -> bool:
        """Whether measures were counted by the same rule in all of some months: standard, bounds, version."""
        return all(len({_definition(self.item(m, month)) for month in months}) == 1 for m in measures)

    def has(self, measure: str, months: Sequence[Period]) -> bool:
        return all((measure, month) in self._drawn for month in months)

    def planned(self, measure: str, month: Period) -> PlanItem | None:
        """The item by which the plan of a month's budget year measures something, if it does."""
        return self._planned.get(measure, {}).get(month.index)

    @cached_property
    def _planned(self) -> Mapping[str, Mapping[int, PlanItem]]:
        table: dict[str, dict[int, PlanItem]] = {}
        for year in self.records.years:
            for item in (*self.records.signed_items(year), *self.records.open_items(year)):
                months = range(year.first.index, year.first.index + 12)
                table.setdefault(item.measure, {}).update(dict.fromkeys(months, item))
        return table

    def planned_groups(self, measures: Sequence[str], month: Period) -> tuple[Group, ...]:
        """The groups for which the plan measures all of some measures: none where it lacks one."""
        items = [self.planned(measure, month) for measure in measures]
        found = [item for item in items if item is not None]
        if len(found) < len(items):
            return ()
        shallowest = min(found, key=lambda item: len(item.levels))
        return self.records.tree(month).cut_below(shallowest.levels[-1]).groups

    def root(self, month: Period) -> Group:
        return self.records.tree(month).groups[0]

    def entries(self, uses: Iterable[tuple[str, Period]], group: Group) -> str:
        """The ledger entries of the group's own level for some measures and months, in order."""
        draws = (self.noisy(measure, month, group.id, group.level) for measure, month in uses)
        return " ".join(str(seq) for seq in sorted({draw.seq for draw in draws if draw is not None}))

    def item(self, measure: str, month: Period) -> PlanItem:
        return next(iter(self._drawn[measure, month].values())).item

    def tree(self, measure: str, month: Period) -> GroupTree:
        """The groups a measure was drawn for, ending at its deepest level."""
        return self.records.tree(month).cut_below(self.item(measure, month).levels[-1])

    def noisy(self, measure: str, month: Period, group_id: str, level: str) -> Measurement | None:
        """The draw that holds a group's noisy number, if it was measured at that level."""
        drawn = self._drawn.get((measure, month), {}).get(level)
        return drawn if drawn is not None and group_id in drawn.values else None

    def leaves(self, measure: str, month: Period, *, with_posts: bool = False) -> LeafEstimate:
        """Least-squares estimates of the leaves, in the measure's smallest unit."""
        key = (measure, month, with_posts)
        if key not in self._leaves:
            values = {
                group: value
                for m in self._drawn[measure, month].values()
                for group, value in m.values.items()
            }
            tolerance = self.rules.posts_tolerance if with_posts else 0.0
            item = self.item(measure, month)
            self._leaves[key] = estimate_leaves(self.tree(measure, month), item.sigmas, values, tolerance)
        return self._leaves[key]

    def total(self, measure: str, month: Period, groups: GroupTree) -> Linear:
        """The un-centred total of a measure for each group, in the measure's unit."""
        item, scale = self.item(measure, month), MEASURES[measure].quantity.scale
        tree = self.tree(measure, month)
        rows = _rows(tree, groups) / scale
        parts = {measure: rows}
        value = rows @ self.leaves(measure, month).mean
        if any(centre for _, centre in item.centre):
            finer = self.tree(item.base, month)
            centres = np.array([item.constant(item.centre, leaf.service_line) for leaf in tree.leaves])
            parts[item.base] = (rows * centres) @ leaves_within(tree, finer)
            value = value + parts[item.base] @ self.leaves(item.base, month).mean
        return Linear(value, parts)

    def pair(self, numerator: str, denominator: str, month: Period) -> tuple[GroupTree, Moments]:
        """Both totals of a month for every group that both were measured for."""
        groups = self.shared_tree((numerator, denominator), month)
        key = (numerator, denominator, month)
        if key not in self._moments:
            n, d = self.total(numerator, month, groups), self.total(denominator, month, groups)
            self._moments[key] = self._joint(n, d, month)
        return groups, self._moments[key]

    def alone(self, measure: str, month: Period) -> tuple[GroupTree, Moments]:
        """A total as numerator, nothing as denominator."""
        groups = self.tree(measure, month)
        total = self.total(measure, month, groups)
        nothing = Linear(np.zeros(len(groups.groups)), {})
        return groups, self._joint(total, nothing, month)

    def as_denominator(self, measure: str, month: Period, weight: float) -> tuple[GroupTree, Moments]:
        """A weighted total as denominator, nothing as numerator."""
        groups, moments = self.alone(measure, month)
        zero = np.zeros(len(moments.numerator))
        turned = Moments(zero, moments.numerator, zero, moments.variance_n, zero)
        return groups, turned.weighted(1.0, weight)

    def head_count(self, measure: str, month: Period) -> tuple[GroupTree, Moments]:
        """A count of people, authorised posts taken as a weak observation; denominator 1."""
        groups = self.tree(measure, month)
        leaves, rows = self.leaves(measure, month, with_posts=True), membership(groups)
        variance = np.einsum("gl,lk,gk->g", rows, leaves.covariance, rows)
        one, zero = np.ones(len(rows)), np.zeros(len(rows))
        return groups, Moments(rows @ leaves.mean, one, variance, zero, zero)

    def shared_tree(self, measures: Sequence[str], month: Period) -> GroupTree:
        """The groups for which all the measures were drawn."""
        trees = [self.tree(measure, month) for measure in measures]
        return min(trees, key=lambda tree: len(tree.groups))

    def _joint(self, n: Linear, d: Linear, month: Period) -> Moments:
        zero = np.zeros(len(n.value))

        def product(left: Linear, right: Linear) -> Array:
            return reduce(
                add,
                (
                    np.einsum("gl,lk,gk->g", left.parts[m], self.leaves(m, month).covariance, right.parts[m])
                    for m in left.parts
                    if m in right.parts
                ),
                zero,
            )

        return Moments(n.value, d.value, product(n, n), product(d, d), product(n, d))


def _definition(item: PlanItem) -> tuple[object, ...]:
    """What a reader takes for the meaning of a number; noise and centre leave that as it is."""
    return item.version, item.standard, item.highest, item.half_width, item.cap_squared


def _rows(tree: GroupTree, groups: GroupTree) -> Array:
    """The membership rows of a tree for the groups of a shallower one."""
    place = {group.id: row for row, group in enumerate(tree.groups)}
    return membership(tree)[[place[group.id] for group in groups.groups]]
