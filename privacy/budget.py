"""The budget of a year as the ledger tells it: promised, spent, planned, kept for studies, free."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from privacy.accounting import Delta, Rho, total
from privacy.periods import BudgetYear
from privacy.plan import PlanItem, Study
from privacy.records import Records


@dataclass(frozen=True)
class YearBudget:
    """One person's loss in a budget year: ``promised`` is what the plan in force may cost at most.

    ``is_burnt`` is true where a restore gave up draws of the year: what they cost is not known any more.

    ``signed`` are all items ever signed for the year, ``open`` those that may still be drawn, ``drawn``
    those of which anything was; ``reserve`` is kept for studies, those signed included.
    """

    year: BudgetYear
    promised: Rho
    delta: Delta
    reserve: Rho
    signed: tuple[PlanItem, ...]
    open: tuple[PlanItem, ...]
    drawn: tuple[PlanItem, ...]
    studies: tuple[Study, ...]
    is_burnt: bool

    @classmethod
    def of(cls, records: Records, year: BudgetYear) -> YearBudget:
        """Raises BudgetRefused where no plan was signed for the year."""
        plan = records.plan_in_force(year).body
        return cls(
            year=year,
            promised=Rho(plan["policy"]["rho_pico"]),
            delta=Delta.parse(plan["policy"]["delta"]),
            reserve=Rho(plan["reserve_pico"]),
            signed=records.signed_items(year),
            open=records.open_items(year),
            drawn=records.drawn_items(year),
            studies=records.studies(year),
            is_burnt=any(
                entry.body["burnt_before"] > year.first.first_day.isoformat()
                for entry in records.of("restored")
            ),
        )

    @cached_property
    def kept(self) -> tuple[PlanItem, ...]:
        """The plan's items that a person pays for: open ones, and closed ones that were drawn."""
        identities = {item.identity for item in (*self.open, *self.drawn)}
        return tuple(item for item in self.signed if item.identity in identities)

    @property
    def spent(self) -> Rho:
        """On the plan's items drawn: a single draw costs the whole item, whose cap spans the year."""
        return total(item.rho for item in self.drawn)

    @property
    def planned(self) -> Rho:
        """On the plan's items still to be drawn."""
        return Rho(total(item.rho for item in self.kept).pico - self.spent.pico)

    @property
    def studied(self) -> Rho:
        """On studies; one that is signed is debited for good."""
        return total(study.item.rho for study in self.studies)

    @property
    def reserve_left(self) -> Rho:
        return Rho(max(0, self.reserve.pico - self.studied.pico))

    @property
    def committed(self) -> Rho:
        """What the year costs a person, should nothing more be signed; all where draws were given up."""
        if self.is_burnt:
            return self.promised
        return self.spent + self.planned + self.studied

    @property
    def free(self) -> Rho:
        """Promised and signed for nothing."""
        return Rho(max(0, self.promised.pico - self.committed.pico - self.reserve_left.pico))

    @property
    def one_month(self) -> Rho:
        """What everything measured of any one month costs a person at most.

        A quarter's measurement counts for the month in which it ends.
        """
        return total(item.rho_of_one_period for item in (*self.kept, *(study.item for study in self.studies)))


def budgets(records: Records) -> tuple[YearBudget, ...]:
    """Every budget year with a signed plan, oldest first."""
    return tuple(YearBudget.of(records, year) for year in records.years)


def lifetime(years: tuple[YearBudget, ...]) -> Rho:
    """What a person counted in all of these years has lost: ρ adds, ε must not."""
    return total(year.committed for year in years)
