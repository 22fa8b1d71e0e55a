"""Releasing: measure what is due, publish what was measured. Safe to run again at any point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import duckdb

from pipelines.home import Home
from pipelines.measurement import due_items, due_months, measure_month
from pipelines.publishing import Published, place_entered, publish_pending, unpublished_month
from pipelines.warehouse import connect
from privacy.bounding import prepare
from privacy.errors import BudgetRefused, Refusal
from privacy.ledger import Ledger
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Period
from privacy.policy import Policy
from privacy.witness import Witness

Progress = Callable[[str], None]


@dataclass(frozen=True)
class ReleaseReport:
    """What one release run did."""

    drawn: int
    placed: tuple[Published, ...]

    @property
    def published(self) -> tuple[Published, ...]:
        return tuple(release for release in self.placed if not release.is_held)

    @property
    def held(self) -> tuple[Published, ...]:
        """Those that wait for approval."""
        return tuple(release for release in self.placed if release.is_held)


def release_due(
    home: Home,
    ledger: Ledger,
    witness: Witness,
    mechanism: Mechanism,
    policy: Policy,
    *,
    today: date,
    only: Period | None = None,
    say: Progress = lambda _: None,
) -> ReleaseReport:
    """Measure and publish every due month in order, each with a release of its own.

    Args:
        only: a single month to measure, instead of all that are due.

    Raises:
        Refusal: the witness and the ledger disagree, no plan is signed for a due month, or the month
            asked for is not due.
    """
    witness.check(ledger.records)
    run = _Run(home, ledger, witness, mechanism)
    run.published += place_entered(home, ledger, witness)
    with connect(home) as warehouse:
        prepare(warehouse)
        months = _chosen(due_months(warehouse, policy.lag_days, today), only)
        for month in months:
            year = BudgetYear.of(month, starts=policy.year_starts)
            if due_items(warehouse, ledger, month, year):
                say(f"measuring {month}")
                run.finish(warehouse, month, year)
        run.publish()
    _check_planned(ledger, months)
    return ReleaseReport(run.drawn, tuple(run.published))


@dataclass
class _Run:
    """What one run works with, and what it has done so far."""

    home: Home
    ledger: Ledger
    witness: Witness
    mechanism: Mechanism
    drawn: int = 0
    published: list[Published] = field(default_factory=list)

    def finish(self, warehouse: duckdb.DuckDBPyConnection, month: Period, year: BudgetYear) -> None:
        """Measure a month and publish it; first publish an earlier one that a crash left drawn only."""
        if unpublished_month(self.ledger.records) not in (None, month):
            self.publish()
        self.drawn += measure_month(warehouse, self.ledger, self.mechanism, month, year)
        self.publish()

    def publish(self) -> None:
        self.published += publish_pending(self.home, self.ledger, self.witness)


def _check_planned(ledger: Ledger, months: tuple[Period, ...]) -> None:
    """What was planned is out by now; a due month after the last planned year still needs a plan."""
    planned = max((year.last.index for year in ledger.records.years), default=-1)
    if late := [month for month in months if month.index > planned]:
        raise BudgetRefused(
            f"{late[0]} is due and no plan is signed for its budget year; look at 'leeward plan' and sign it "
            "with 'leeward plan sign'. Everything planned before is released."
        )


def _chosen(due: tuple[Period, ...], only: Period | None) -> tuple[Period, ...]:
    if only is None:
        return due
    if only not in due:
        raise Refusal(
            f"{only} is not due: its exports must declare that they cover it and its lag must have passed; "
            "see lag_days in config/policy.toml."
        )
    return (only,)
