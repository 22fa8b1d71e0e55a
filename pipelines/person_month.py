"""From stored rows to what is measured: one row per person and month, and the query of an item."""

from __future__ import annotations

import duckdb

from metrics.measures import MEASURES
from pipelines.warehouse import statement
from privacy.periods import Period
from privacy.plan import PlanItem


def build_person_month(warehouse: duckdb.DuckDBPyConnection, month: Period) -> None:
    """Fill the temporary table ``person_month`` with one row per person who has anything in a month."""
    warehouse.execute(statement("calendar_macros"))
    warehouse.execute(statement("person_month"), {"first": month.first_day})


def values_query(item: PlanItem, month: Period, cut_item: PlanItem | None = None) -> str:
    """The query of :func:`privacy.bounding.freeze` for an item: person, unit_id, value, base.

    Args:
        cut_item: for a measure of who was cut, the item whose charge says so.
    """
    measure = MEASURES[item.measure]
    if cut_item is not None:
        return statement("who_was_cut", item=cut_item.identity, period_index=str(month.index))
    base = MEASURES[measure.base].column if measure.base else "0"
    return f"select person, unit_id, {measure.column}, {base} from person_month"  # noqa: S608
