"""Measuring what is due: from the warehouse to the ledger, month by month, each quarter after its last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import groupby

import duckdb

from metrics.measures import MEASURES
from pipelines.coverage import covered_months
from pipelines.exports import EXPORTS
from pipelines.person_period import build_person_period, values_query
from privacy.errors import Refusal
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import PlanItem
from privacy.records import Records


def due_months(warehouse: duckdb.DuckDBPyConnection, lag_days: int, today: date) -> tuple[Period, ...]:
    """Months that the staff export covers and whose lag has passed, oldest first."""
    months = (Period.parse(text) for text in covered_months(warehouse, "staff"))
    passed = (month for month in months if month.last_day + timedelta(days=lag_days) < today)
    return tuple(sorted(passed, key=lambda month: month.index))


def due_items(
    warehouse: duckdb.DuckDBPyConnection, ledger: Ledger, month: Period, year: BudgetYear
) -> tuple[tuple[PlanItem, Period], ...]:
    """What was not drawn of a month, then of the quarter that it ends, and all of whose exports cover it.

    An item that says who was cut comes after the item it looks at; studies come last. What a restore has
    burnt is never due.
    """
    covered = {export: covered_months(warehouse, export) for export in EXPORTS}
    records = ledger.records
    return tuple(
        (item, period)
        for period in month.endings
        for item in _signed_for(records, year, period)
        if not records.is_drawn(item, period) and not records.is_burnt(period)
        if _is_covered(item, period, covered)
    )


def _signed_for(records: Records, year: BudgetYear, period: Period) -> tuple[PlanItem, ...]:
    """The open items of the plan for a period, and those of studies that name it."""
    planned = (item for item in records.open_items(year) if item.cadence is period.cadence)
    studied = (study.item for study in records.studies(year) if period in study.periods)
    return (*sorted(planned, key=lambda item: bool(MEASURES[item.measure].cut_of)), *studied)


def _is_covered(item: PlanItem, period: Period, covered: Mapping[str, frozenset[str]]) -> bool:
    """Whether every export that an item needs covers the whole period."""
    months = {str(month) for month in period.months}
    return all(months <= covered[export] for export in MEASURES[item.measure].exports)


def measure_month(
    warehouse: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    mechanism: Mechanism,
    month: Period,
    year: BudgetYear,
) -> int:
    """Draw everything that is due for a month and the quarter it ends; returns the number of measurements.

    Raises:
        Refusal: the ledger, the warehouse and the plan do not fit together.
    """
    drawn = 0
    signed = {(item.measure, item.cadence): item for item in ledger.records.open_items(year)}
    for period, items in groupby(due_items(warehouse, ledger, month, year), key=lambda due: due[1]):
        build_person_period(warehouse, period)
        for item, _ in items:
            query = _query(item, period, signed)
            drawn += measure(warehouse, ledger, mechanism, item, period, year, query)
    return drawn


def _query(item: PlanItem, period: Period, signed: Mapping[tuple[str, Cadence], PlanItem]) -> str:
    cut_of = MEASURES[item.measure].cut_of
    if cut_of and (cut_of, item.cadence) not in signed:
        raise Refusal(
            f"The plan measures '{item.measure}' of a {item.cadence} without '{cut_of}'; sign a plan that "
            "holds both."
        )
    return values_query(item, period, signed[cut_of, item.cadence] if cut_of else None)
