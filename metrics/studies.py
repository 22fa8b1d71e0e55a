"""One-off studies: an indicator of some periods told more precisely, or deeper, than the plan tells it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from metrics.drafts import Draft, draft_item
from metrics.indicators import INDICATORS
from metrics.linear import Wanted, as_target
from metrics.measures import MEASURES
from metrics.optimiser import Part
from metrics.tree_precision import Array, TreePrecision
from privacy.errors import BudgetRefused, Refusal
from privacy.groups import Z95, GroupTree
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import PlanItem, Study, study_label
from privacy.policy import Policy
from privacy.records import Records

HALVINGS, COARSEST = 80, 10**9
NOTHING = 1e-24  # the precision of a level that is not drawn


@dataclass(frozen=True)
class Question:
    """What a study is to tell: an indicator at a level, for each of some periods, within a margin."""

    indicator: str
    level: str
    periods: tuple[Period, ...]
    margin: float

    @property
    def cadence(self) -> Cadence:
        return self.periods[0].cadence

    @property
    def numerator(self) -> Draft:
        return INDICATORS[self.indicator].numerator, self.cadence


@dataclass(frozen=True)
class StudyProposal:
    """A study, and the margin in a typical unit of its level without and with it."""

    study: Study
    margin_before: float
    margin_after: float


def design_study(
    question: Question, policy: Policy, tree: GroupTree, records: Records, year: BudgetYear
) -> StudyProposal:
    """The cheapest one-off item that tells a question within its margin, beside what the plan draws.

    Raises:
        Refusal: nothing of that name or level is known, or no study can tell it.
        BudgetRefused: the plan tells it already, or what it is divided by is too noisy.
    """
    _check(question, policy)
    planned = {(item.measure, item.cadence): item for item in records.open_items(year)}
    bench = _Bench(question, policy, tree, planned)
    sigma = bench.coarsest()
    number = len(records.studies(year)) + 1
    sigmas = tuple((level, sigma) for level in bench.levels)
    item = replace(bench.bare, study=study_label(year, number), sigmas=sigmas)
    return StudyProposal(
        Study(year, number, item, question.periods), bench.margin(math.inf), bench.margin(sigma)
    )


def _check(question: Question, policy: Policy) -> None:
    if question.indicator not in policy.indicators:
        raise Refusal(
            f"The policy names no indicator '{question.indicator}'; known are {', '.join(INDICATORS)}."
        )
    if question.level not in policy.levels:
        raise Refusal(f"There is no level '{question.level}'; the policy has {', '.join(policy.levels)}.")
    if MEASURES[question.numerator[0]].cut_of:
        raise Refusal("Who was cut is told by the item that cuts; a study cannot ask for it.")


@dataclass(frozen=True, eq=False)
class _Bench:
    """A question beside what is planned: which noise would tell it."""

    question: Question
    policy: Policy
    tree: GroupTree
    planned: Mapping[Draft, PlanItem]

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels to draw: the one asked for, or all below what the plan reaches down to it."""
        plan, asked = self.planned.get(self.question.numerator), self.question.level
        down = self.policy.levels[: self.policy.levels.index(asked) + 1]
        missing = tuple(level for level in down if plan is None or level not in plan.levels)
        return missing or (asked,)

    @cached_property
    def bare(self) -> PlanItem:
        """The item, counted as the plan counts. Its cap is what its periods can hold: it never acts."""
        numerator = self.question.numerator
        rule = self.policy.measures[numerator[0]]
        counted = self.planned.get(numerator) or draft_item(numerator, rule, self.levels)
        cap = len(self.question.periods) * counted.half_width**2
        return replace(counted, cap_squared=min(cap, counted.cap_squared))

    @cached_property
    def reached(self) -> tuple[str, ...]:
        """The levels that plan and study reach together."""
        plan = self.planned.get(self.question.numerator)
        deepest = max(
            self.policy.levels.index(each) for each in (*self.levels, *(plan.levels if plan else ()))
        )
        return self.policy.levels[: deepest + 1]

    @cached_property
    def parts(self) -> tuple[Part[Draft], ...]:
        deep = replace(self.bare, sigmas=tuple((level, 1) for level in self.reached))
        drafts = {**self.planned, self.question.numerator: deep}
        asked = Wanted(self.question.indicator, self.question.cadence, self.question.level, 1.0)
        try:
            return as_target(asked, drafts, self.tree).parts
        except (KeyError, StopIteration):
            raise Refusal(
                f"The plan does not measure what '{self.question.indicator}' is divided by at the level "
                f"'{self.question.level}', so a study of the numerator could not tell it."
            ) from None

    @cached_property
    def others(self) -> float:
        """The variance that is there whatever the numerator's noise."""
        parts = (part for part in self.parts if part.item != self.question.numerator)
        return sum(part.slope_squared * self._planned_variance(part) for part in parts)

    def _planned_variance(self, part: Part[Draft]) -> float:
        item = self.planned[part.item]
        precisions = np.array([1 / sigma**2 for _, sigma in item.sigmas])
        return float(TreePrecision(self.tree.cut_below(item.levels[-1])).variances(precisions)[part.group])

    def margin(self, sigma: float) -> float:
        """The margin in a typical unit where the study draws with a noise scale; infinite: not at all."""
        (part,) = (part for part in self.parts if part.item == self.question.numerator)
        tree = TreePrecision(self.tree.cut_below(self.reached[-1]))
        variance = float(tree.variances(self._precisions(sigma))[part.group])
        return Z95 * math.sqrt(part.slope_squared * variance + self.others)

    def _precisions(self, sigma: float) -> Array:
        plan = self.planned.get(self.question.numerator)
        planned = plan.sigma if plan else {}
        table = {level: 1 / planned[level] ** 2 if level in planned else NOTHING for level in self.reached}
        return np.array([table[lv] + (1 / sigma**2 if lv in self.levels else 0) for lv in self.reached])

    def coarsest(self) -> int:
        """The largest whole noise scale that reaches the margin."""
        wanted, name = self.question.margin, self.question.indicator
        if self.margin(math.inf) <= wanted:
            raise BudgetRefused(
                f"The plan tells '{name}' within ± {wanted:g} there already; no study is needed."
            )
        if self.margin(1) > wanted:
            raise BudgetRefused(
                f"What '{name}' is divided by is too noisy for a margin of ± {wanted:g} there: "
                f"± {Z95 * math.sqrt(self.others):.2g} would be left whatever the study costs."
            )
        low, high = 1, COARSEST
        for _ in range(HALVINGS):
            middle = (low + high) // 2
            low, high = (middle, high) if self.margin(middle) <= wanted else (low, middle)
        return low


def year_of(periods: tuple[Period, ...], starts: int) -> BudgetYear:
    """The budget year of some periods. Raises Refusal where they lie in several, or are of two kinds."""
    years = {BudgetYear.of(period, starts=starts) for period in periods}
    if len(years) != 1 or len({period.cadence for period in periods}) != 1:
        raise Refusal("A study is of months, or of quarters, of one budget year; ask for each by itself.")
    return years.pop()
