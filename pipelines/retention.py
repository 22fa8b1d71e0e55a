"""Keeping no more than is needed: rows go by export and age, charges when no later one can need them.

Whether a row goes is decided by its own last day, the policy and the calendar alone. What was measured stays.
A month that is not kept any more counts as not covered, so that it is never measured of what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.coverage import kept_from
from pipelines.exports import EXPORTS, STAFF
from pipelines.home import Home
from pipelines.loads import stored_loads, write_set_aside
from pipelines.mending import forget_sheets
from pipelines.shown import forget_shown
from pipelines.warehouse import connect, connect_copy, rewrite, statement
from privacy.bounding import prepare, transaction
from privacy.errors import BadPolicy
from privacy.forgetting import forget
from privacy.periods import Period
from privacy.policy import Policy

OF_LINES = ("set_aside", "doubted")


@dataclass(frozen=True)
class Retained:
    """What went, or would go: the first month kept, and how many rows, by export; rows of charges; files."""

    first: Mapping[str, Period]
    rows: Mapping[str, int]
    charges: int
    files: int


def months_kept(policy: Policy) -> Mapping[str, int]:
    """For how many whole months each export is kept after a row's last day.

    Raises:
        BadPolicy: the policy names an export that there is not, or the roster goes before what needs it.
    """
    if unknown := sorted(set(policy.months_kept) - set(EXPORTS)):
        raise BadPolicy(
            f"policy.toml [retention] names '{unknown[0]}', no export; those are {', '.join(EXPORTS)}."
        )
    months = {name: policy.months_kept.get(name, export.months_kept) for name, export in EXPORTS.items()}
    longest = max(months, key=lambda name: months[name])
    if months[longest] > months[STAFF.name]:
        raise BadPolicy(
            f"policy.toml [retention] keeps {longest} longer than {STAFF.name}, which says to what unit its "
            f"rows belong; keep {STAFF.name} as long."
        )
    return months


def retain(home: Home, policy: Policy, today: date, *, dry_run: bool = False) -> Retained:
    """Take out what is past its time, and leave no byte of it in the warehouse.

    Args:
        dry_run: tell what would go and write nothing at all.

    Raises:
        Refusal: the warehouse or the policy cannot be used, or the disk has no room to write it anew.
    """
    month = Period.holding(today)
    first = {name: month.previous(months) for name, months in months_kept(policy).items()}
    with ExitStack() as opened:
        warehouse = opened.enter_context(connect_copy(home) if dry_run else connect(home))
        prepare(warehouse)
        with transaction(warehouse):
            rows = {name: _take_out(warehouse, name, month) for name, month in first.items()}
            kept = {name: kept_from(warehouse, name) or month for name, month in first.items()}
            charges = forget(warehouse, kept[STAFF.name])
            # What went may have stood in the way of other rows: all files are read again, whoever's they are.
            warehouse.execute(statement("forget_settings"))
        files = 0 if dry_run else _bring_files_in_line(home, warehouse)
    if not dry_run:
        rewrite(home)
    return Retained(kept, rows, charges, files)


def _take_out(warehouse: duckdb.DuckDBPyConnection, export: str, first: Period) -> int:
    """What ended before a month, and what stands of single lines of that time; returns how many rows.

    Mended rows that count for nothing, since they are past or still wrong, go whatever their age.
    """
    warehouse.execute(statement("remember_kept_from"), [export, str(first)])
    kept = kept_from(warehouse, export) or first
    parts, day = {"export": export, "ended": EXPORTS[export].ended}, {"day": kept.first_day}
    row = warehouse.execute(statement("past_rows", **parts), day).fetchone()
    warehouse.execute(statement("remove_past_rows", **parts), day)
    warehouse.execute(statement("remove_past_mended", export=export))
    for table in OF_LINES:
        warehouse.execute(statement("remove_past_lines", table=table), {"export": export, "month": str(kept)})
    return int(row[0]) if row else 0


def _bring_files_in_line(home: Home, warehouse: duckdb.DuckDBPyConnection) -> int:
    """Files of what is not set aside any more, all sheets and all that was shown; how many went."""
    before = len(list(home.set_aside.iterdir()))
    for load in stored_loads(warehouse):
        write_set_aside(home, warehouse, load)
    forget_sheets(home)
    return before - len(list(home.set_aside.iterdir())) + forget_shown(home)
