"""A cap that binds makes a season of its own; the sample's bounds make none (privacy.md, section 3).

A workforce that never changes is measured for two years from its first month on. The share of each
measure that survives the bounds must neither drift nor swing: a reader would take it for news.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from metrics.organisation import parse_register
from metrics.planner import propose
from privacy import bounding
from privacy.groups import GroupTree, Unit, plan_groups
from privacy.periods import BudgetYear, Period
from privacy.plan import PlanItem
from privacy.policy import read_policy

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MONTHS = Period.parse("2026-06").trailing(24)
PATTERNS = 36
LARGEST_SWING = 0.04  # of the kept share, between any two quarters of the two years


@pytest.fixture(scope="module")
def items() -> dict[str, PlanItem]:
    policy = read_policy(SAMPLE / "policy.toml")
    register = parse_register((SAMPLE / "register.csv").read_text(encoding="utf-8"), policy.levels)
    plan = propose(policy, register, BudgetYear.parse("2025-07", starts=7)).plan
    return {item.measure: item for item in plan.items}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        bounding.prepare(connection)
        connection.execute("create table value (month integer, person varchar, value bigint)")
        yield connection


@pytest.fixture(scope="module")
def tree() -> GroupTree:
    return plan_groups((Unit("O", "All", None, 100, "x"),), ("organisation",), 10)


def absences() -> Iterator[tuple[int, str, int]]:
    """Quarter-hours of absence a person and month: short spells, and long ones of one to six months.

    Every two-year pattern occurs at all 24 shifts, so each month has exactly the same people's hours.
    """
    dice = random.Random("a workforce that does not change")
    for number in range(PATTERNS):
        hours = [dice.choice((8, 15, 38)) if dice.random() < 0.2 else 0 for _ in MONTHS]
        if number % 6 == 0:
            start, length = dice.randrange(24), 1 + number // 6 % 6
            hours = [150 if (place - start) % 24 < length else h for place, h in enumerate(hours)]
        for shift in range(24):
            for place, month in enumerate(MONTHS):
                if amount := hours[(place + shift) % 24]:
                    yield month.index, f"p{number}-{shift}", 4 * amount


def kept_shares(
    warehouse: duckdb.DuckDBPyConnection, tree: GroupTree, item: PlanItem, rows: list[tuple[int, str, int]]
) -> list[float]:
    """The share of the true total that is charged, a quarter of the two years at a time."""
    months, people, values = (list(column) for column in zip(*rows, strict=True))
    warehouse.execute("insert into value select unnest(?), unnest(?), unnest(?)", [months, people, values])
    shares = []
    for month in MONTHS:
        query = f"select person, 'O', value, 0 from value where month = {month.index}"  # noqa: S608
        charge = bounding.freeze(warehouse, item, month, tree, 1, query)
        shares.append(bounding.totals(warehouse, charge, "organisation")["O"])
    whole = sum(values) / 24
    return [sum(shares[start : start + 3]) / 3 / whole for start in range(0, 24, 3)]


def test_kept_absence_hours_neither_drift_nor_swing(
    warehouse: duckdb.DuckDBPyConnection, tree: GroupTree, items: dict[str, PlanItem]
) -> None:
    shares = kept_shares(warehouse, tree, items["absent_hours"], list(absences()))
    assert max(shares) - min(shares) <= LARGEST_SWING, shares


def test_kept_people_with_absence_neither_drift_nor_swing(
    warehouse: duckdb.DuckDBPyConnection, tree: GroupTree, items: dict[str, PlanItem]
) -> None:
    rows = [(month, person, 1) for month, person, _ in absences()]
    shares = kept_shares(warehouse, tree, items["absent_people"], rows)
    assert max(shares) - min(shares) <= LARGEST_SWING, shares


def test_the_bound_would_be_noticed_a_binding_cap_swings(
    warehouse: duckdb.DuckDBPyConnection, tree: GroupTree, items: dict[str, PlanItem]
) -> None:
    """The same workforce under the cap of 120 hours without a monthly bound: the test can fail."""
    from dataclasses import replace

    binding = replace(items["absent_hours"], highest=1000, half_width=1000, cap_squared=480**2)
    shares = kept_shares(warehouse, tree, binding, list(absences()))
    assert max(shares) - min(shares) > 2 * LARGEST_SWING


def test_no_persistent_item_can_ever_be_cut(items: dict[str, PlanItem]) -> None:
    capped = {"left", "left_voluntarily", "absent_hours", "absent_people"}
    for name in items.keys() - capped:
        assert items[name].cap_squared == 12 * items[name].half_width ** 2, name
