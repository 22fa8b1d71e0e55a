"""The privacy budget of each year, from the ledger alone."""

from __future__ import annotations

from dataclasses import dataclass

from privacy.accounting import Delta, Rho, epsilon_of, total
from privacy.periods import BudgetYear
from privacy.plan import PlanItem
from privacy.records import Records


@dataclass(frozen=True)
class YearBudget:
    """One person's loss in a budget year: ``spent`` on items drawn, ``planned`` on items still to be drawn.

    ``reserve`` is kept back for unplanned studies; ``free`` is promised and signed for nothing.
    """

    year: BudgetYear
    promised: Rho
    delta: Delta
    spent: Rho
    planned: Rho
    reserve: Rho
    items: tuple[PlanItem, ...]
    drawn: frozenset[str]

    @property
    def committed(self) -> Rho:
        return self.spent + self.planned

    @property
    def free(self) -> Rho:
        return Rho(max(0, self.promised.pico - self.committed.pico - self.reserve.pico))

    @property
    def epsilon(self) -> float:
        return epsilon_of(self.committed, self.delta)

    def share(self, part: Rho) -> float:
        """A part of what is promised, in percent."""
        return 100 * part.pico / self.promised.pico


def year_budgets(records: Records) -> tuple[YearBudget, ...]:
    """Every budget year with a signed plan, oldest first."""
    return tuple(_year_budget(records, year) for year in records.years)


def _year_budget(records: Records, year: BudgetYear) -> YearBudget:
    policy = records.plan_in_force(year).body["policy"]
    items = records.signed_items(year)
    drawn = frozenset(m.item.identity for m in records.measurements if year.holds(m.period))
    spent = total(item.rho for item in items if item.identity in drawn)
    return YearBudget(
        year=year,
        promised=Rho(policy["rho_pico"]),
        delta=Delta.parse(policy["delta"]),
        spent=spent,
        planned=Rho(records.committed(year).pico - spent.pico),
        reserve=records.reserve(year),
        items=items,
        drawn=drawn,
    )


def loss_in_total(budgets: tuple[YearBudget, ...]) -> tuple[Rho, float]:
    """The loss of all years: rho added, then converted once at the newest year's delta."""
    rho = total(budget.committed for budget in budgets)
    return rho, epsilon_of(rho, budgets[-1].delta)
