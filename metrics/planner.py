"""The planner: from policy and register alone, what to measure, with how much noise, at which cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from metrics.indicators import INDICATORS, Denominator, Indicator
from metrics.measures import HEAD_COUNT, MEASURES, Measure
from metrics.organisation import Register
from metrics.rehearsal import Promise, rehearse
from metrics.rules import ReadingRules
from privacy.accounting import Rho, epsilon_of
from privacy.errors import BadPolicy
from privacy.groups import Group, GroupTree
from privacy.periods import BudgetYear, Cadence
from privacy.plan import LARGEST_CAP_SQUARED, LineConstants, Plan, PlanItem
from privacy.policy import MeasureRule, Policy
from privacy.sections import ByLine

SEARCH_STEPS = 8
Draft = tuple[str, Cadence]  # what an item is planned for: a measure, and how often


@dataclass(frozen=True)
class Proposal:
    """A plan with what it promises; ``epsilon_needed`` is what meeting every target would take."""

    plan: Plan
    promises: tuple[Promise, ...]
    epsilon_needed: float

    @property
    def is_met(self) -> bool:
        return all(promise.shortfall <= 1 for promise in self.promises)


def propose(
    policy: Policy, register: Register, year: BudgetYear, before: tuple[PlanItem, ...] = ()
) -> Proposal:
    """The plan for a year: all targets met at the least loss, or the closest the budget comes to it.

    The split minimises the sum of (margin / target)² over indicators and levels for a given loss, which
    has a closed form; the loss is then lowered as far as the targets allow.

    Raises:
        BadPolicy: an indicator or measure is unknown, or a measure that is needed has no rule.
    """
    rules, levels = ReadingRules.of(policy), measured_levels(policy)
    tree = register.tree(register.newest_start(year.last.first_day), policy.levels, policy.minimum_group)
    drafts = {of: _draft(of, policy.measures[of[0]], depth) for of, depth in levels.items()}
    weights = _weights(policy, tree, drafts)

    def at(share: Fraction) -> Proposal:
        allowed = Rho.down((policy.rho.value - policy.reserve.value) * share)
        plan = Plan(year, noise_scales(drafts, weights, allowed), policy.reserve)
        promises = rehearse(plan, tree, rules)
        worst = max((promise.shortfall for promise in promises), default=0.0)
        needed = plan.rho.value * Fraction(max(worst, 1.0)) ** 2
        return Proposal(plan, promises, epsilon_of(Rho.up(needed), policy.delta))

    return _cheapest(at)


def _cheapest(at: Callable[[Fraction], Proposal]) -> Proposal:
    """The least share of the budget that meets every target, by bisection; all of it where none does."""
    best = at(Fraction(1))
    if not best.is_met:
        return best
    low, high = Fraction(0), Fraction(1)
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        candidate = at(middle)
        if candidate.is_met:
            best, high = candidate, middle
        else:
            low = middle
    return best


def measured_levels(policy: Policy) -> dict[Draft, tuple[str, ...]]:
    """The levels at which each measure is drawn, by cadence.

    Monthly as deep as an indicator that needs it has a monthly target; quarterly as deep as one has a
    quarterly target, where the monthly draws do not reach that deep.
    """
    monthly, quarterly = (_depths(policy, cadence) for cadence in (Cadence.MONTH, Cadence.QUARTER))
    _check_rules(policy, monthly | quarterly)
    deeper = {name: depth for name, depth in quarterly.items() if depth > monthly.get(name, 0)}
    for name in [name for name in deeper if MEASURES[name].cut_of not in {"", *deeper}]:
        monthly[name] = deeper.pop(name)  # who is cut is seen in the item that is cut
    depths = {Cadence.MONTH: monthly, Cadence.QUARTER: deeper}
    drafts = [(name, cadence) for name in MEASURES for cadence in Cadence if name in depths[cadence]]
    return {(name, cadence): policy.levels[: depths[cadence][name]] for name, cadence in drafts}


def _depths(policy: Policy, cadence: Cadence) -> dict[str, int]:
    """How many levels deep each measure is needed for the targets of a cadence."""
    depth: dict[str, int] = {}
    for name, rule in policy.indicators.items():
        if name not in INDICATORS:
            raise BadPolicy(f"The policy names the unknown indicator '{name}'; 'leeward plan' lists them.")
        for measure in _needed(INDICATORS[name]) if rule.wanted(cadence) else ():
            depth[measure] = max(depth.get(measure, 0), len(rule.wanted(cadence)))
    return depth | {HEAD_COUNT.id: max(depth.values())} if depth else {}


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


def _draft(of: Draft, rule: MeasureRule, levels: tuple[str, ...]) -> PlanItem:
    """The item with its bounds, its noise still to be chosen; a flow's are thrice as wide in a quarter."""
    name, cadence = of
    measure = MEASURES[name]
    scale = measure.quantity.scale * measure.months_in_value(cadence)
    highest = _whole(rule.highest * scale, name)
    if not measure.base and any(centre for _, centre in rule.centre.values):
        raise BadPolicy(f"[measures.{name}] counts everybody, so it can have no 'centre'; remove it.")
    half_width = _whole(rule.half_width * scale, name) if rule.half_width is not None else highest
    yearly = _whole(rule.yearly_cap * measure.quantity.scale, name) if rule.yearly_cap is not None else 0
    cap_squared = yearly**2 or cadence.a_year * half_width**2
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


def _constants(values: ByLine, scale: int, name: str) -> LineConstants:
    return tuple((line, _whole(value * scale, name)) for line, value in values.values)


def _whole(value: Fraction, name: str) -> int:
    if abs(value) > LARGEST_CAP_SQUARED:
        raise BadPolicy(f"[measures.{name}]: a bound, centre or standard is too large to be counted.")
    if value.denominator != 1:
        raise BadPolicy(f"[measures.{name}]: hours count in quarters and all else in whole numbers.")
    return int(value)


def _weights(
    policy: Policy, tree: GroupTree, drafts: Mapping[Draft, PlanItem]
) -> dict[Draft, dict[str, float]]:
    """For each item and level: how much one unit of noise variance adds to the sum of (margin/target)²."""
    table = {of: dict.fromkeys(draft.levels, 0.0) for of, draft in drafts.items()}
    for name, rule in policy.indicators.items():
        for cadence, level, target in ((c, *wanted) for c in Cadence for wanted in rule.wanted(c)):
            if (group := _median_group(tree, level)) is not None:
                for of, slope in _slopes(INDICATORS[name], group, _Served(drafts, cadence, level)).items():
                    table[of][level] += (slope / target) ** 2
    smallest = min((w for levels in table.values() for w in levels.values() if w > 0), default=1.0)
    return {of: {level: w or smallest for level, w in levels.items()} for of, levels in table.items()}


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


def _median_group(tree: GroupTree, level: str) -> Group | None:
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


def noise_scales(
    drafts: Mapping[Draft, PlanItem], weights: Mapping[Draft, Mapping[str, float]], allowed: Rho
) -> tuple[PlanItem, ...]:
    """The items with the whole noise scales that minimise the weighted variance at a given loss.

    Minimise the sum of w·σ² under the sum of C²/(2σ²) = ρ: Lagrange gives σ² = C·√(λ/2w) with
    √λ = the sum of C·√(w/2) over ρ. Scales are rounded up, so the loss stays below what is allowed.
    """
    root = sum(
        math.sqrt(draft.cap_squared * weight / 2)
        for of, draft in drafts.items()
        for weight in weights[of].values()
    ) / float(allowed)
    return tuple(
        replace(
            draft,
            sigmas=tuple(
                (level, math.ceil(math.sqrt(math.sqrt(draft.cap_squared / (2 * weight)) * root)))
                for level, weight in weights[of].items()
            ),
        )
        for of, draft in drafts.items()
    )
