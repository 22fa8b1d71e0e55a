"""Drafts: which items a policy's targets ask for, how often and how deep; with bounds, without noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from metrics.indicators import INDICATORS, Indicator
from metrics.measures import HEAD_COUNT, MEASURES
from privacy.errors import BadPolicy
from privacy.periods import Cadence
from privacy.plan import LARGEST_CAP_SQUARED, LineConstants, PlanItem
from privacy.policy import MeasureRule, Policy
from privacy.sections import ByLine

Draft = tuple[str, Cadence]
"""What an item is planned for: a measure, and how often."""


@dataclass(frozen=True)
class Depths:
    """How many levels deep each measure is needed for the monthly and the quarterly targets of a policy."""

    monthly: Mapping[str, int]
    quarterly: Mapping[str, int]

    @classmethod
    def of(cls, policy: Policy) -> Depths:
        """Raises BadPolicy: an indicator or measure is unknown, or one that is needed has no rule."""
        depths = cls(*(_depths(policy, cadence) for cadence in (Cadence.MONTH, Cadence.QUARTER)))
        _check_rules(policy, {**depths.monthly, **depths.quarterly})
        return depths

    @property
    def usual_quarters(self) -> frozenset[str]:
        """The measures that quarterly targets need deeper than monthly ones do."""
        return frozenset(name for name, depth in self.quarterly.items() if depth > self.monthly.get(name, 0))

    def drafts(self, policy: Policy, in_quarters: frozenset[str]) -> dict[Draft, PlanItem]:
        """The items to draw where some measures have a quarterly item of their own.

        The quarters of all others are told by addition, so their monthly items reach as deep. A base is
        drawn as deep as what it un-centres, and with it: else people who move within a quarter would be
        counted in one unit and un-centred in another. Who was cut is seen in the item that is cut.
        """
        with_bases = in_quarters | {MEASURES[name].base for name in in_quarters} - {""}
        own = {name for name in with_bases if MEASURES[name].cut_of in {"", *with_bases}}
        monthly = dict(self.monthly)
        for name, depth in self.quarterly.items():
            for needed in {name, MEASURES[name].base} - own - {""}:
                monthly[needed] = max(monthly.get(needed, 0), depth)
        depths = {Cadence.MONTH: monthly, Cadence.QUARTER: {n: self.quarterly[n] for n in own}}
        wanted = [(name, cadence) for name in MEASURES for cadence in Cadence if name in depths[cadence]]
        return {
            of: draft_item(of, policy.measures[of[0]], policy.levels[: depths[of[1]][of[0]]]) for of in wanted
        }


def _depths(policy: Policy, cadence: Cadence) -> dict[str, int]:
    depth: dict[str, int] = {}
    for name, rule in policy.indicators.items():
        if name not in INDICATORS:
            raise BadPolicy(
                f"The policy names the unknown indicator '{name}'; known are {', '.join(INDICATORS)}."
            )
        for measure in _needed(INDICATORS[name]) if rule.wanted(cadence) else ():
            depth[measure] = max(depth.get(measure, 0), len(rule.wanted(cadence)))
    depth |= {HEAD_COUNT.id: max(depth.values())} if depth else {}
    return {name: depth[name] for name in MEASURES if name in depth}


def _needed(indicator: Indicator) -> set[str]:
    """An indicator's measures, their bases, and the head count that rule 2 looks at."""
    bases = {MEASURES[measure].base for measure in indicator.measures}
    cut = {MEASURES[measure].cut_of for measure in indicator.measures}
    holders = {"case_holders"} if "caseload" in MEASURES[indicator.numerator].exports else set()
    return ({*indicator.measures, HEAD_COUNT.id} | bases | cut | holders) - {""}


def _check_rules(policy: Policy, depth: Mapping[str, int]) -> None:
    if unknown := sorted(set(policy.measures) - set(MEASURES)):
        raise BadPolicy(f"The policy names the unknown measure '{unknown[0]}'; remove it.")
    if missing := sorted(set(depth) - set(policy.measures)):
        raise BadPolicy(f"An indicator needs [measures.{missing[0]}], which the policy lacks; add it.")
    if idle := sorted(set(policy.measures) - set(depth)):
        raise BadPolicy(f"No indicator of the policy needs [measures.{idle[0]}]; remove it.")
    for name in depth:
        if (MEASURES[name].standard_in is None) != (policy.measures[name].standard is None):
            raise BadPolicy(
                f"[measures.{name}] must have a 'standard' exactly where it counts people above one."
            )


def draft_item(of: Draft, rule: MeasureRule, levels: tuple[str, ...]) -> PlanItem:
    """The item with its bounds, its noise still to be chosen; a flow's are thrice as wide in a quarter."""
    name, cadence = of
    measure = MEASURES[name]
    scale = measure.quantity.scale * measure.months_in_value(cadence)
    highest = _whole(rule.highest * scale, name)
    if not measure.base and any(centre for _, centre in rule.centre.values):
        raise BadPolicy(f"[measures.{name}] counts everybody, so it can have no 'centre'; remove it.")
    half_width = _whole(rule.half_width * scale, name) if rule.half_width is not None else highest
    cap_squared = _yearly_cap(of, rule) ** 2 or cadence.a_year * half_width**2
    if cap_squared > LARGEST_CAP_SQUARED:
        raise BadPolicy(f"[measures.{name}]: the bounds are too wide to be protected; narrow them.")
    standard_scale = (measure.standard_in or measure.quantity).scale * measure.months_in_column(cadence)
    return PlanItem(
        measure=name,
        version=measure.version,
        base=measure.base,
        highest=highest,
        centre=_constants(rule.centre, scale, name),
        standard=_constants(rule.standard, standard_scale, name) if rule.standard else (),
        half_width=half_width,
        cap_squared=cap_squared,
        cadence=cadence,
        sigmas=tuple((level, 1) for level in levels),
    )


def _yearly_cap(of: Draft, rule: MeasureRule) -> int:
    """The cap on a person's year in smallest units; 0 for a persistent quantity.

    Three months at once square to three times as much as one by one, so a quarterly cap is √3 times the
    monthly one, unless the policy says it or one month alone can fill the whole cap.
    """
    name, cadence = of
    if rule.yearly_cap is None:
        return 0
    yearly = rule.yearly_cap
    if cadence is Cadence.QUARTER and rule.yearly_cap_by_quarter is not None:
        yearly = rule.yearly_cap_by_quarter
    elif cadence is Cadence.QUARTER and rule.highest < rule.yearly_cap:
        return math.isqrt(3 * _whole(yearly * MEASURES[name].quantity.scale, name) ** 2 - 1) + 1
    return _whole(yearly * MEASURES[name].quantity.scale, name)


def _constants(values: ByLine, scale: int, name: str) -> LineConstants:
    return tuple((line, _whole(value * scale, name)) for line, value in values.values)


def _whole(value: Fraction, name: str) -> int:
    if abs(value) > LARGEST_CAP_SQUARED:
        raise BadPolicy(f"[measures.{name}]: a bound, centre or standard is too large to be counted.")
    if value.denominator != 1:
        raise BadPolicy(f"[measures.{name}]: hours count in quarters and all else in whole numbers.")
    return int(value)
