"""The planner: from policy and register alone, what to measure, how often, how noisily, at what cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np

from metrics.drafts import Depths, Draft
from metrics.linear import Wanted, as_target, wanted_margins
from metrics.optimiser import Priced, Split, least_loss
from metrics.organisation import Register
from metrics.rehearsal import Promise, rehearse
from metrics.rules import ReadingRules
from metrics.tree_precision import Array, TreePrecision
from privacy.accounting import Rho
from privacy.groups import GroupTree
from privacy.periods import BudgetYear
from privacy.plan import Plan, PlanItem
from privacy.policy import Policy

ROUNDS = 6
FINEST = 1.0  # the precision of the noise scale 1, in smallest units
FARTHEST = 3.0  # a rehearsal corrects a target by this factor at most in a round
LEAST_STEP, WORTHWHILE = 1.03, 1e-3
DEARER = 1.1  # last year's items are kept while they cost no more than a tenth above the cheapest
Items = Mapping[Draft, PlanItem]


@dataclass(frozen=True)
class Proposal:
    """A plan with what it promises.

    ``needed`` is the loss, reserve included, that meeting every target takes, or none where the least
    noise of all would miss one; ``shares`` says of each target what share of the loss it accounts for;
    ``kept`` names the items taken over from last year.
    """

    plan: Plan
    promises: tuple[Promise, ...]
    needed: Rho | None
    shares: Mapping[Wanted, float]
    kept: tuple[PlanItem, ...] = ()

    @property
    def missed(self) -> tuple[Promise, ...]:
        """The targets that the plan does not meet."""
        return tuple(promise for promise in self.promises if promise.is_missed)

    @property
    def is_met(self) -> bool:
        return not self.missed


@lru_cache(maxsize=8)  # it takes seconds, and a process that signs or runs several years asks again
def propose(
    policy: Policy, register: Register, year: BudgetYear, before: tuple[PlanItem, ...] = ()
) -> Proposal:
    """The plan for a year: every target met at the least loss, or all of them missed by the same factor.

    Args:
        before: last year's items. They are kept, so that caps run on, as long as the plan with them meets
            as many targets and costs at most a tenth more.

    Raises:
        BadPolicy: an indicator or measure is unknown, or a measure that is needed has no rule.
    """
    site = _Site(policy, register, year)
    items = site.drafts(site.cheapest_quarters())
    fresh = site.settle(items)
    if not (kept := site.same_as_before(fresh, before)):
        return fresh
    rolled = site.settle({of: kept.get(of, item) for of, item in items.items()}, kept)
    is_as_good = len(rolled.missed) <= len(fresh.missed) and rolled.plan.rho <= policy.rho
    is_cheap = float(rolled.plan.rho) <= DEARER * float(fresh.plan.rho)
    return rolled if is_as_good and is_cheap else fresh


@dataclass(frozen=True, eq=False)
class _Site:
    """What a year's plan is made for."""

    policy: Policy
    register: Register
    year: BudgetYear

    @cached_property
    def tree(self) -> GroupTree:
        day = self.register.newest_start(self.year.last.first_day)
        return self.register.tree(day, self.policy.levels, self.policy.minimum_group)

    @cached_property
    def precision_trees(self) -> Mapping[str, TreePrecision]:
        """The tree of an item by its deepest level."""
        return {level: TreePrecision(self.tree.cut_below(level)) for level in self.policy.levels}

    @cached_property
    def rules(self) -> ReadingRules:
        return ReadingRules.of(self.policy)

    @cached_property
    def depths(self) -> Depths:
        return Depths.of(self.policy)

    @cached_property
    def wanted(self) -> tuple[Wanted, ...]:
        return wanted_margins(self.policy, self.tree)

    def drafts(self, in_quarters: frozenset[str]) -> Items:
        return self.depths.drafts(self.policy, in_quarters)

    def cheapest_quarters(self) -> frozenset[str]:
        """The measures to draw by the quarter: one after the other is changed over while that saves loss."""
        best = self.depths.usual_quarters
        loss = self.split(self.drafts(best)).rho if self.depths.quarterly else 0.0
        improved = True
        while improved:
            improved = False
            for name in self.depths.quarterly:
                other = best ^ {name}
                if (cost := self.split(self.drafts(other)).rho) < loss * (1 - WORTHWHILE):
                    best, loss, improved = other, cost, True
        return best

    def split(
        self, items: Items, kept: Items | None = None, corrections: Mapping[Wanted, float] | None = None
    ) -> Split[Draft]:
        """The least loss for some items, by the linearised targets."""
        priced = {of: self._priced(item, bool(kept and of in kept)) for of, item in items.items()}
        by = corrections or {}
        targets = [as_target(each, items, self.tree, by.get(each, 1.0)) for each in self.wanted]
        return least_loss(priced, targets)

    def _priced(self, item: PlanItem, is_fixed: bool) -> Priced:
        fixed = np.array([1.0 / sigma**2 for _, sigma in item.sigmas]) if is_fixed else None
        return Priced(self.precision_trees[item.levels[-1]], item.cap_squared, fixed)

    def settle(self, items: Items, kept: Items | None = None) -> Proposal:
        """The cheapest plan found that meets every target when rehearsed, coarser where the budget ends.

        The programme knows ratios near typical figures alone, and no blanks. So each target is corrected by
        what the rehearsal says of it, a few times over, and the cheapest split is taken.
        """
        corrections: Mapping[Wanted, float] = {}
        found: list[tuple[float, Split[Draft], float]] = []
        for _ in range(ROUNDS):
            split = self.split(items, kept, corrections)
            promises = self._rehearse(self._plan(items, split.precisions, math.floor))
            worst = _worst(promises)
            found.append((split.rho * worst**2, split, worst))
            corrections = {
                each: self._corrected(each, corrections.get(each, 1.0), promises) for each in self.wanted
            }
        _, split, worst = min(found, key=lambda each: each[0])
        return self._finished(items, split, worst, kept)

    @staticmethod
    def _corrected(wanted: Wanted, before: float, promises: tuple[Promise, ...]) -> float:
        of = (wanted.indicator, wanted.level, wanted.cadence.value)
        came = next((p.shortfall for p in promises if (p.indicator, p.level, p.window) == of), 0.0)
        if not came:
            return before
        # A miss is put right at once, slack is taken up by half: blanks and posts make the answer jump.
        return before / (min(came, FARTHEST) if came > 1 else max(came, 1 / FARTHEST) ** 0.5)

    def _finished(self, items: Items, split: Split[Draft], worst: float, kept: Items | None) -> Proposal:
        """The split made finer until a rehearsal meets every target, or coarser until it is paid for."""
        precisions = _times(split.precisions, worst**2, kept)
        for _ in range(2 * ROUNDS):
            plan = self._plan(items, precisions, math.floor)
            promises = self._rehearse(plan)
            if (worst := _worst(promises)) <= 1:
                break
            fixed = {of: item for of, item in items.items() if of not in self._behind(promises, items)}
            precisions = _times(precisions, max(worst, LEAST_STEP) ** 2, {**fixed, **(kept or {})})
        needed = self._with_reserve(plan) if worst <= 1 else None
        if plan.rho > self.policy.rho:
            share = (self.policy.rho.value - self.policy.reserve.value) / sum(i.rho.value for i in plan.items)
            plan = self._plan(items, _times(precisions, float(share), kept), math.ceil)
            promises = self._rehearse(plan)
        shares = dict(zip(self.wanted, map(float, split.shares), strict=True))
        return Proposal(plan, promises, needed, shares, tuple((kept or {}).values()))

    def _behind(self, promises: tuple[Promise, ...], items: Items) -> frozenset[Draft]:
        """The items behind the targets that are still missed: whole noise scales can fall short by a step."""
        missed = {(p.indicator, p.level, p.window) for p in promises if p.shortfall > 1}
        behind = (w for w in self.wanted if (w.indicator, w.level, w.cadence.value) in missed)
        return frozenset(part.item for w in behind for part in as_target(w, items, self.tree).parts)

    def _with_reserve(self, plan: Plan) -> Rho:
        """The loss of a plan's items with the policy's share in reserve beside them."""
        items = sum((item.rho.value for item in plan.items), start=Fraction(0))
        return Rho.up(items / (1 - self.policy.reserve.value / self.policy.rho.value))

    def _plan(self, items: Items, precisions: Mapping[Draft, Array], whole: Callable[[float], int]) -> Plan:
        drawn = tuple(_with_noise(item, precisions[of], whole) for of, item in items.items())
        return Plan(self.year, drawn, self.policy.reserve)

    def _rehearse(self, plan: Plan) -> tuple[Promise, ...]:
        return rehearse(plan, self.tree, self.rules)

    def same_as_before(self, fresh: Proposal, before: tuple[PlanItem, ...]) -> Items:
        """Those of last year's items that differ from this year's in nothing but their noise."""
        bare = {replace(item, sigmas=_bare(item)): item for item in before}
        again = {(item.measure, item.cadence): replace(item, sigmas=_bare(item)) for item in fresh.plan.items}
        return {of: bare[item] for of, item in again.items() if item in bare}


def _worst(promises: tuple[Promise, ...]) -> float:
    """The largest margin over its target, within bounds that a next try can work with."""
    largest = max((promise.shortfall for promise in promises), default=0.0)
    return min(largest, FARTHEST) if largest else 1.0


def _bare(item: PlanItem) -> tuple[tuple[str, int], ...]:
    return tuple((level, 1) for level in item.levels)


def _times(precisions: Mapping[Draft, Array], factor: float, kept: Items | None) -> Mapping[Draft, Array]:
    """Precisions multiplied, but for what is kept; none beyond that of the smallest noise scale."""
    finer = {of: np.minimum(each * factor, FINEST) for of, each in precisions.items()}
    return {of: each if kept and of in kept else finer[of] for of, each in precisions.items()}


def _with_noise(item: PlanItem, precisions: Array, whole: Callable[[float], int]) -> PlanItem:
    """An item with the noise scales of some precisions, in whole numbers of at least 1."""
    scales = (max(1, whole(1 / math.sqrt(precision))) for precision in precisions)
    return replace(item, sigmas=tuple(zip(item.levels, scales, strict=True)))
