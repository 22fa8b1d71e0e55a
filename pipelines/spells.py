"""Contract spells from snapshots: what a person's rows say as of several days, as from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from pipelines.exports import PERSON, Export
from pipelines.warehouse import statement
from privacy.errors import BadExport


def make_spells(
    warehouse: duckdb.DuckDBPyConnection, export: Export, days: Sequence[date], continued: int
) -> None:
    """Let the first row of each run of snapshots in which a person's row says the same be a spell.

    The table ``staged`` holds a row per line, with its ``snapshot_day``; rows that only go on a spell get the
    failure ``continued``. Each person's spells depend on that person's rows and on the days alone.

    Raises:
        BadExport: no line at all is of one of the days, so that everybody would have left before it.
    """
    first, last = export.spell
    values = [name for name in export.stored_names if name not in (PERSON, first, last)]
    parts = {"person": PERSON, "values": ", ".join(values), "first": first, "last": last}
    warehouse.execute(statement("ingest_snapshots"), {"days": list(days)})
    lost = warehouse.execute(statement("ingest_lost_snapshots")).fetchone()
    if lost is not None:
        raise BadExport(
            f"{export.name}: no line is of the snapshot of {lost[0]}, so nobody would have worked then; "
            "put its file into the exports folder or take the day out of 'snapshots'."
        )
    warehouse.execute(statement("ingest_spells", **parts))
    warehouse.execute(statement("ingest_begin_spells", first=first, last=last))
    warehouse.execute(statement("ingest_continue_spells", failure=str(continued)))
