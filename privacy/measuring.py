"""One measurement from rows to ledger: charge, draw, entry."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from privacy.belonging import acknowledge, check_belongs
from privacy.bounding import check_cap, freeze, totals
from privacy.ledger import Ledger
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Period
from privacy.plan import Charge, PlanItem


def measure(
    warehouse: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    mechanism: Mechanism,
    item: PlanItem,
    period: Period,
    year: BudgetYear,
    values_sql: str,
) -> int:
    """Measure an item and period at all its levels, unless the ledger holds them already.

    A crash anywhere leaves either no charge, a charge that the next run uses as it stands, or the
    finished entries; never two draws.

    Args:
        values_sql: see :func:`privacy.bounding.freeze`.

    Returns the number of levels drawn now.

    Raises:
        BudgetRefused: the item is not signed, or a draw would cost more than signed.
        LedgerRefused: ledger and warehouse do not belong together, or the cap would not hold.
    """
    records = ledger.records
    check_belongs(warehouse, records, item)
    if records.is_drawn(item, period):
        return 0
    records.check_may_draw(item, period, year)
    register = records.register_of(period)
    charge = freeze(warehouse, item, period, records.tree(period), register, values_sql)
    check_cap(warehouse, item, period)

    def draw(level: str) -> Mapping[str, int]:
        return draw_level(mechanism, charge, level, totals(warehouse, charge, level))

    drawn = ledger.measure(charge, year, draw)
    acknowledge(warehouse, charge)
    return drawn


def draw_level(mechanism: Mechanism, charge: Charge, level: str, exact: Mapping[str, int]) -> dict[str, int]:
    """The noisy totals of one level by group. No exact total stays in a message on the way."""
    item = charge.item
    noisy = mechanism.draw(
        list(exact.values()),
        cap_squared=item.cap_squared,
        sigma=item.sigma[level],
        signed=item.price_at(level),
    )
    return dict(zip(exact, noisy, strict=True))
