"""Loads: which files are in the warehouse, how they were read, and how one is taken out again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date

import duckdb

from pipelines.coverage import Covers
from pipelines.exports import EXPORTS
from pipelines.home import Home
from pipelines.warehouse import connect, statement
from privacy.bounding import transaction
from privacy.errors import Refusal
from privacy.periods import Period

SET_ASIDE_HEADER = ("export", "file", "line", "rule", "column", "reason", "place")


@dataclass(frozen=True)
class Load:
    """One file of one export as it is stored; the fields are the columns of the table ``load``."""

    load_id: int
    export: str
    file_name: str
    content_hash: str
    mapping_hash: str
    setting_hash: str
    rows_read: int
    rows_accepted: int
    rows_collapsed: int
    rows_set_aside: int
    covers_from: str
    covers_to: str
    grain: str | None
    week_date: str | None
    loaded_on: date
    covers_without: str = ""

    @property
    def how(self) -> tuple[str, str, str]:
        """What was read and how; equal for two loads that must hold the same rows."""
        return self.content_hash, self.mapping_hash, self.setting_hash

    @property
    def covers(self) -> Covers:
        return Covers.stored(self.covers_from, self.covers_to, self.covers_without)

    @property
    def months(self) -> tuple[str, ...]:
        return self.covers.months


def stored_loads(warehouse: duckdb.DuckDBPyConnection) -> tuple[Load, ...]:
    """Every load, oldest number first."""
    return tuple(Load(*row) for row in warehouse.execute(statement("ingest_loads")).fetchall())


def store(warehouse: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Enter a load."""
    warehouse.execute(statement("ingest_store_load"), list(astuple(load)))


def remove(warehouse: duckdb.DuckDBPyConnection, export: str, load_id: int) -> None:
    """Take out a load: its rows, what it set aside, its entry."""
    for name in (
        "ingest_remove_rows",
        "ingest_remove_set_aside",
        "ingest_remove_doubted",
        "ingest_remove_load",
    ):
        parts = {"export": EXPORTS[export].name} if name == "ingest_remove_rows" else {}
        warehouse.execute(statement(name, **parts), {"load_id": load_id})


def charged_months(months: Iterable[str], charged_periods: frozenset[str]) -> tuple[str, ...]:
    """Those of the months that lie in a charged month or quarter, in order."""
    charged = {str(month) for period in charged_periods for month in Period.parse(period).months}
    return tuple(sorted(charged.intersection(months)))


def undo(home: Home, load_id: int, charged_periods: frozenset[str]) -> Load:
    """Take a load out of the warehouse; returns what it was.

    An earlier content of the same file does not come back: ingest it again.

    Raises:
        Refusal: there is no such load, or a month that it covers is charged.
    """
    with connect(home) as warehouse:
        load = next((load for load in stored_loads(warehouse) if load.load_id == load_id), None)
        if load is None:
            raise Refusal(f"There is no load {load_id}; the report of 'leeward ingest' names the loads.")
        if charged := charged_months(load.months, charged_periods):
            raise Refusal(
                f"Load {load_id} ({load.export}) covers {charged[0]}, which is charged to the budget and so "
                "cannot be undone; ingest a corrected file of the same name instead."
            )
        with transaction(warehouse):
            remove(warehouse, load.export, load_id)
            warehouse.execute(statement("mended_remove_load"), {"load_id": load_id})
            warehouse.execute(statement("forget_settings"))
            warehouse.execute(statement("ingest_withdraw_cover"), [load.export, *load.covers.texts])
        write_set_aside(home, warehouse, load)
    return load


def write_set_aside(home: Home, warehouse: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Bring ``protected/set_aside/`` in line with the warehouse for one load: a CSV, or none."""
    path = home.set_aside / f"{load.load_id:06d}-{load.export}.csv"
    rows = warehouse.execute(statement("ingest_set_aside_lines"), {"load_id": load.load_id}).fetchall()
    if not rows:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(SET_ASIDE_HEADER)
        writer.writerows((load.export, load.file_name, *row) for row in rows)
    fresh.chmod(0o600)
    fresh.replace(path)
