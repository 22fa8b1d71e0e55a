"""What bounding and charging a month costs beside a bare group-by of the same rows: ratios of one run.

Run by ``make bench``. Cells: people x 200 units, one item with eleven months of history.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import duckdb

from privacy import bounding
from privacy.groups import GroupTree, Unit, plan_groups
from privacy.periods import Cadence, Period
from privacy.plan import PlanItem

UNITS, HISTORY, REPEATS = 200, 11, 5
LEVELS = (("organisation", 1000), ("programme", 1000))


def seconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def item(cap: int) -> PlanItem:
    return PlanItem("hours", 1, "", 600, (("*", 0),), (), 600, cap, Cadence.MONTH, LEVELS)


def tree() -> GroupTree:
    units = [Unit("ORG", "All", None, 0, "x")]
    units += [Unit(f"U{n}", f"U{n}", "ORG", 100, "x") for n in range(UNITS)]
    return plan_groups(units, [level for level, _ in LEVELS], 10)


def fill(warehouse: duckdb.DuckDBPyConnection, people: int) -> None:
    warehouse.execute(
        "create or replace table hours as select md5(i::varchar) as person, 'U' || (i % $units) as unit_id, "
        "(hash(i) % 600)::bigint as value, 0::bigint as base from range($people) t(i)",
        {"units": UNITS, "people": people},
    )


def measure(people: int) -> tuple[float, float, float]:
    """Seconds of the bare group-by and of the charge (medians), and how much the ratio varied."""
    groups, months = tree(), Period.parse("2026-06").trailing(HISTORY + REPEATS)
    bare, charged = [], []
    with duckdb.connect(config={"threads": 2}) as warehouse:
        bounding.prepare(warehouse)
        fill(warehouse, people)
        for place, month in enumerate(months):
            bare.append(
                seconds(
                    lambda: warehouse.execute("select unit_id, sum(value) from hours group by 1").fetchall()
                )
            )
            took = seconds(
                lambda month=month: bounding.freeze(
                    warehouse, item(10**7), month, groups, 1, "select * from hours"
                )
            )
            if place >= HISTORY:
                charged.append(took)
    ratios = [took / statistics.median(bare) for took in charged]
    return statistics.median(bare), statistics.median(charged), max(ratios) - min(ratios)


if __name__ == "__main__":
    print("people     bare group-by  bounded and charged  ratio  spread")
    for people in (1_000, 10_000, 100_000, 1_000_000):
        plain, bounded, spread = measure(people)
        print(f"{people:>9,}  {plain:11.4f} s  {bounded:17.3f} s  {bounded / plain:5.0f}  {spread:6.1f}")
