"""From stored rows to what is measured: one row per person and month or quarter, and the query of an item."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from metrics.measures import MEASURES, Over
from pipelines.warehouse import statement
from privacy.periods import Cadence, Period
from privacy.plan import PlanItem

TABLES: Mapping[Cadence, str] = {Cadence.MONTH: "person_month", Cadence.QUARTER: "person_quarter"}
OVER: Mapping[Over, str] = {
    Over.SUM: "sum({column})::bigint as {column}",
    Over.LAST: "coalesce(max({column}) filter (is_last), 0)::bigint as {column}",
}


def build_person_period(warehouse: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Fill the temporary table of a period's cadence with one row per person who has anything in it."""
    for macros in ("calendar_macros", "assignment_macros"):
        warehouse.execute(statement(macros))
    if period.cadence is Cadence.MONTH:
        warehouse.execute(statement("person_month"), {"first": period.first_day})
    else:
        _build_person_quarter(warehouse, period)


def _build_person_quarter(warehouse: duckdb.DuckDBPyConnection, quarter: Period) -> None:
    """The quarter's three months of each person, made into one."""
    warehouse.execute("drop table if exists quarter_month")
    for month in quarter.months:
        warehouse.execute(statement("person_month"), {"first": month.first_day})
        warehouse.execute(statement("quarter_month", is_last=str(month == quarter.months[-1]).lower()))
    columns = {measure.column: OVER[measure.over] for measure in MEASURES.values() if measure.column}
    selected = ", ".join(made.format(column=column) for column, made in columns.items())
    days = {"first": quarter.first_day, "last": quarter.last_day}
    warehouse.execute(statement("person_quarter", columns=selected), days)


def values_query(item: PlanItem, period: Period, cut_item: PlanItem | None = None) -> str:
    """The query of :func:`privacy.bounding.freeze` for an item: person, unit_id, value, base.

    Args:
        cut_item: for a measure of who was cut, the item whose charge says so.
    """
    measure, people = MEASURES[item.measure], TABLES[period.cadence]
    if cut_item is not None:
        index = str(period.index)
        return statement("who_was_cut", people=people, item=cut_item.identity, period_index=index)
    base = MEASURES[measure.base].column if measure.base else "0"
    return f"select person, unit_id, {measure.column}, {base} from {people}"  # noqa: S608
