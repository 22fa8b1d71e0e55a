"""Measuring what is due: from the warehouse to the ledger, month by month."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

from metrics.measures import MEASURES
from pipelines.coverage import covered_months
from pipelines.exports import EXPORTS
from pipelines.person_month import build_person_month, values_query
from privacy.errors import Refusal
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Period
from privacy.plan import PlanItem


def due_months(warehouse: duckdb.DuckDBPyConnection, lag_days: int, today: date) -> tuple[Period, ...]:
    """Months that the staff export covers and whose lag has passed, oldest first."""
    months = (Period.parse(text) for text in covered_months(warehouse, "staff"))
    passed = (month for month in months if month.last_day + timedelta(days=lag_days) < today)
    return tuple(sorted(passed, key=lambda month: month.index))


def due_items(
    warehouse: duckdb.DuckDBPyConnection, ledger: Ledger, month: Period, year: BudgetYear
) -> tuple[PlanItem, ...]:
    """The open items of a month that were not drawn and all of whose exports cover it.

    An item that says who was cut comes after the item it looks at.
    """
    records = ledger.records
    covered = {export: covered_months(warehouse, export) for export in EXPORTS}
    due = (
        item
        for item in records.open_items(year)
        if not records.is_drawn(item, month)
        and all(str(month) in covered[export] for export in MEASURES[item.measure].exports)
    )
    return tuple(sorted(due, key=lambda item: bool(MEASURES[item.measure].cut_of)))


def measure_month(
    warehouse: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    mechanism: Mechanism,
    month: Period,
    year: BudgetYear,
) -> int:
    """Draw everything that is due for a month; returns the number of measurements drawn.

    Raises:
        Refusal: the ledger, the warehouse and the plan do not fit together.
    """
    items = due_items(warehouse, ledger, month, year)
    if not items:
        return 0
    build_person_month(warehouse, month)
    signed = {item.measure: item for item in ledger.records.open_items(year)}
    return sum(
        measure(warehouse, ledger, mechanism, item, month, year, _query(item, month, signed))
        for item in items
    )


def _query(item: PlanItem, month: Period, signed: dict[str, PlanItem]) -> str:
    cut_of = MEASURES[item.measure].cut_of
    if cut_of and cut_of not in signed:
        raise Refusal(f"The plan measures '{item.measure}' without '{cut_of}'; sign a plan that holds both.")
    return values_query(item, month, signed[cut_of] if cut_of else None)
