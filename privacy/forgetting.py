"""Forgetting the charges that no later charge can need.

A charge counts against another one of its item only where some 12 consecutive months hold both: in the sum
S of the cut, in ``check_cap`` and in a budget year alike. Where nothing is charged any more of months before
c, every window that can still grow begins 11 months before c or later. A charge that ended 12 months before
c, or earlier, is in none of them, and its squares decide nothing. The warehouse remembers c, and ``freeze``
refuses what lies before it, so that nothing is ever charged beside a charge that is forgotten.

Charges that may still be drawn are kept, and of each the bare entry, by which a ledger knows its warehouse.
"""

from __future__ import annotations

import duckdb

from privacy.errors import LedgerRefused
from privacy.periods import Period

WINDOW = 12
"""Months that count against one cap."""
FORGOTTEN = ("charged", "charge_total", "charged_before_join")


def forget(warehouse: duckdb.DuckDBPyConnection, first: Period) -> int:
    """Charge nothing before the month ``first`` any more, and take out what ended a year before it.

    A later month of an earlier call stands. Belongs in the caller's transaction. Returns how many people's
    contributions went.
    """
    known = chargeable_from(warehouse)
    if known is None or known.index < first.index:
        warehouse.execute("delete from charged_from")
        warehouse.execute("insert into charged_from values (?)", [str(first)])
        known = first
    gone = {"gone": _past(warehouse, known.index - WINDOW)}
    before = _people_rows(warehouse)
    for table in FORGOTTEN:
        query = f"delete from {table} where list_contains($gone::varchar[], charge_id)"  # noqa: S608
        warehouse.execute(query, gone)
    return before - _people_rows(warehouse)


def chargeable_from(warehouse: duckdb.DuckDBPyConnection) -> Period | None:
    """The first month of which anything may be charged still; none where nothing was forgotten."""
    row = warehouse.execute("select month from charged_from").fetchone()
    return Period.parse(row[0]) if row else None


def check_chargeable(warehouse: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Raises LedgerRefused where a period reaches back into what may have been forgotten."""
    first = chargeable_from(warehouse)
    if first is not None and period.months[0].index < first.index:
        raise LedgerRefused(
            f"{period} lies before {first}, and what people contributed around it is not kept any more, so "
            "no year could be bounded: nothing is charged of it."
        )


def _past(warehouse: duckdb.DuckDBPyConnection, last: int) -> list[str]:
    """The drawn charges whose period ended with the month of that number, or before."""
    drawn = "select charge_id, period from charge join acknowledged using (charge_id)"
    charges = warehouse.execute(drawn).fetchall()
    return [charge for charge, period in charges if Period.parse(period).months[-1].index <= last]


def _people_rows(warehouse: duckdb.DuckDBPyConnection) -> int:
    row = warehouse.execute("select count(*) from charged").fetchone()
    return int(row[0]) if row else 0
