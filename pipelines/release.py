"""Releasing: measure what is due, publish what was measured. Safe to run again at any point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipelines.home import Home
from pipelines.measurement import due_items, due_months, measure_month
from pipelines.publishing import Published, publish_pending, unpublished_month
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
    published: tuple[Published, ...]


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
    published: list[Published] = []
    drawn = 0

    def publish() -> None:
        published.extend(filter(None, [publish_pending(home, ledger, witness)]))

    with connect(home) as warehouse:
        prepare(warehouse)
        months = _chosen(due_months(warehouse, policy.lag_days, today), only)
        for month in months:
            year = BudgetYear.of(month, starts=policy.year_starts)
            if not due_items(warehouse, ledger, month, year):
                continue
            if unpublished_month(ledger.records) not in (None, month):
                publish()  # a crash came between an earlier month's draws and its release
            say(f"measuring {month}")
            drawn += measure_month(warehouse, ledger, mechanism, month, year)
            publish()
        publish()
    _check_planned(ledger, months)
    return ReleaseReport(drawn, tuple(published))


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
            "see 'leeward plan' for the lag."
        )
    return (only,)
