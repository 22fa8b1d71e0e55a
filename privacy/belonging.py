"""Whether ledger and warehouse tell the same story: charges and draws are never apart.

A ledger ahead of its warehouse would forget what counts against the caps; a warehouse ahead of its ledger
would let what was drawn be drawn again.
"""

from __future__ import annotations

import duckdb

from privacy.bounding import charge_ids
from privacy.errors import LedgerRefused
from privacy.plan import Charge, PlanItem
from privacy.records import Records


def check_belongs(warehouse: duckdb.DuckDBPyConnection, records: Records, item: PlanItem) -> None:
    """The warehouse must be this ledger's, know every draw of an item, and know of no other.

    Raises:
        LedgerRefused: it is another ledger's, older than the ledger, or newer.
    """
    owner = warehouse.execute("select ledger from charged_for").fetchone()
    if owner is None:
        warehouse.execute("insert into charged_for values (?)", [records.ledger_id])
    elif owner[0] != records.ledger_id:
        raise LedgerRefused(
            "This warehouse was charged for another ledger, whose draws would be drawn again; restore the "
            "warehouse that belongs to this ledger."
        )
    drawn = records.charge_ids(item)
    if not drawn <= charge_ids(warehouse, item):
        raise LedgerRefused(
            f"The ledger holds draws of '{item.measure}' that this warehouse does not know, so a person's "
            "year could not be bounded; restore the warehouse that belongs to this ledger, or, where it is "
            "lost, let everybody count at the bound: 'leeward restore --charges-lost'."
        )
    known = _acknowledged(warehouse, item)
    if not known <= drawn:
        raise LedgerRefused(
            f"The warehouse knows of draws of '{item.measure}' that this ledger lacks: an older one was put "
            "back; restore the newest, nothing may be drawn from this one."
        )
    # A crash may have come between a draw and this note of it.
    for charge_id in drawn - known:
        warehouse.execute("insert or ignore into acknowledged values (?)", [charge_id])


def acknowledge(warehouse: duckdb.DuckDBPyConnection, charge: Charge) -> None:
    """Remember beside a charge that its draws are in the ledger."""
    warehouse.execute("insert or ignore into acknowledged values (?)", [charge.charge_id])


def _acknowledged(warehouse: duckdb.DuckDBPyConnection, item: PlanItem) -> frozenset[str]:
    query = "select charge_id from acknowledged join charge using (charge_id) where item = ?"
    return frozenset(row[0] for row in warehouse.execute(query, [item.identity]).fetchall())
