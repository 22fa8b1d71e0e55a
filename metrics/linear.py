"""Targets as variances: how an indicator's margin in a typical unit depends on the noise of each item.

Ratios are linearised around the field's typical figures; the release's own code, rehearsed, puts right
what that leaves out (see :mod:`metrics.planner`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from metrics.drafts import Draft
from metrics.indicators import INDICATORS, Denominator, Indicator
from metrics.measures import MEASURES, Measure
from metrics.optimiser import Part, Target
from privacy.groups import Z95, Group, GroupTree
from privacy.periods import Cadence
from privacy.plan import PlanItem
from privacy.policy import Policy


@dataclass(frozen=True)
class Wanted:
    """A margin that the policy wants: of an indicator, a month or quarter of it, at a level."""

    indicator: str
    cadence: Cadence
    level: str
    margin: float


def wanted_margins(policy: Policy, tree: GroupTree) -> tuple[Wanted, ...]:
    """Every target of a policy at a level that has groups with posts."""
    return tuple(
        Wanted(name, cadence, level, margin)
        for name, rule in policy.indicators.items()
        for cadence in Cadence
        for level, margin in rule.wanted(cadence)
        if typical_group(tree, level) is not None
    )


def as_target(
    wanted: Wanted, drafts: Mapping[Draft, PlanItem], tree: GroupTree, correction: float = 1.0
) -> Target[Draft]:
    """A wanted margin as a variance in the typical unit of its level.

    Args:
        correction: what the margin is multiplied by, from a rehearsal that came out otherwise.
    """
    group = typical_group(tree, wanted.level)
    assert group is not None, "levels without groups have no targets"
    served = _Served(drafts, wanted.cadence, wanted.level)
    slopes = _slopes(INDICATORS[wanted.indicator], group, served)
    parts = tuple(Part(of, _row(tree, drafts[of], group), slope**2) for of, slope in slopes.items())
    return Target((wanted.margin * correction / Z95) ** 2, parts)


def _row(tree: GroupTree, item: PlanItem, group: Group) -> int:
    """Where a group stands in the tree of an item."""
    ids: Iterator[str] = (each.id for each in tree.cut_below(item.levels[-1]).groups)
    return next(row for row, each in enumerate(ids) if each == group.id)


@dataclass(frozen=True)
class _Served:
    """By which items a period of a cadence is told at a level: its own, or else those of its months."""

    drafts: Mapping[Draft, PlanItem]
    cadence: Cadence
    level: str

    def of(self, measure: Measure) -> Draft:
        own = self.drafts.get((measure.id, self.cadence))
        return (measure.id, self.cadence if own and self.level in own.levels else Cadence.MONTH)

    def weight(self, measure: Measure) -> float:
        """Person-months that one unit of noise in every draw of the period amounts to, draws added up."""
        drawn = self.of(measure)[1]
        return measure.months_stood_for(drawn) * math.sqrt(self.cadence.value / drawn.value)

    def is_centred(self, measure: Measure) -> bool:
        return any(centre for _, centre in self.drafts[self.of(measure)].centre)


def typical_group(tree: GroupTree, level: str) -> Group | None:
    """The group of median posts at a level; None where none has any."""
    groups = sorted((group for group in tree.at(level) if group.posts), key=lambda group: group.posts)
    return groups[len(groups) // 2] if groups else None


def _slopes(indicator: Indicator, group: Group, served: _Served) -> dict[Draft, float]:
    """How far the indicator moves in a typical group when a measured total moves by one smallest unit."""
    numerator, months = MEASURES[indicator.numerator], served.cadence.value
    if indicator.kind is Denominator.NOTHING:
        return {served.of(numerator): indicator.reading.factor * served.weight(numerator) / months}
    denominator = MEASURES[indicator.denominator]
    divisor = denominator.typical * group.posts * months  # in person-months, also for a mean head count
    factor = indicator.reading.factor * (months if indicator.kind is Denominator.MEAN_HEAD_COUNT else 1)
    value = numerator.typical / denominator.typical
    slopes = {
        served.of(numerator): factor * served.weight(numerator) / (numerator.quantity.scale * divisor),
        served.of(denominator): factor * value * served.weight(denominator)
        / (denominator.quantity.scale * divisor),
    }  # fmt: skip
    for measure in filter(served.is_centred, (numerator, denominator)):
        base = served.of(MEASURES[measure.base])
        slopes[base] = max(slopes.get(base, 0.0), _base_slope(measure, served, divisor))
    return slopes


def _base_slope(measure: Measure, served: _Served, divisor: float) -> float:
    """Units differ from their centre by about a quarter of the half-width."""
    half_width = served.drafts[served.of(measure)].half_width
    return half_width * served.weight(measure) / (4 * measure.quantity.scale * divisor)
