"""One measurement from rows to ledger: frozen charges, retries, crashes, foreign warehouses."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from signatories import POLICY, enter_plan

from privacy import bounding
from privacy.accounting import Rho
from privacy.errors import BadRegister, BudgetRefused, LedgerRefused, Refusal
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import Plan, PlanItem

Make = Callable[..., PlanItem]
Sign = Callable[..., Ledger]
Warehouse = duckdb.DuckDBPyConnection
JULY, AUGUST = Period.parse("2025-07"), Period.parse("2025-08")
SECRET = "pseudonym-of-somebody"


def values(*rows: tuple[str, str, int, int]) -> str:
    cells = ", ".join(f"('{person}', '{unit}', {value}, {base})" for person, unit, value, base in rows)
    return f"select * from (values {cells})"  # noqa: S608


ROWS = values(("p", "A1", 30, 1), ("q", "B2", 50, 1), ("r", "A", 200, 1))


class Crash(Exception):
    """The power goes off."""


class Crashing:
    """A mechanism that is interrupted before it draws anything."""

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        raise Crash


def charged(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.execute("select charge_id, person, x from charged order by all").fetchall()


def test_what_is_entered_is_the_bounded_total_of_every_group(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    ledger = sign(make_item())
    assert measure(warehouse, ledger, noise_free, make_item(), JULY, year, ROWS) == 3
    by_level = {draw.level: dict(draw.values) for draw in ledger.records.measurements}
    assert by_level == {
        "organisation": {"ORG": 180},
        "division": {"A": 130, "B": 50, "ORG:direct": 0},
        "programme": {"A1": 30, "A2": 0, "A:direct": 100, "B1": 0, "B:small": 50},
    }


def test_a_repeat_serves_what_is_stored_whatever_the_exports_say_now(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    ledger = sign(make_item())
    measure(warehouse, ledger, noise_free, make_item(), JULY, year, ROWS)
    before = list(ledger.lines()), charged(warehouse)
    assert measure(warehouse, ledger, noise_free, make_item(), JULY, year, values(("p", "B1", 1, 1))) == 0
    assert (list(ledger.lines()), charged(warehouse)) == before


def test_a_retry_after_a_crash_uses_the_frozen_charge(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    """Also when the exports were corrected in between."""
    ledger, item = sign(make_item()), make_item()
    with pytest.raises(Crash):
        measure(warehouse, ledger, Crashing(), item, JULY, year, ROWS)
    frozen = charged(warehouse)
    assert frozen and not ledger.records.measurements
    assert measure(warehouse, ledger, noise_free, item, JULY, year, values(("p", "B1", 1, 1))) == 3
    assert charged(warehouse) == frozen
    assert ledger.records.measurements[0].values == {"ORG": 180}


def test_a_charge_of_other_groups_that_was_never_drawn_is_frozen_anew(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, register: Any, year: BudgetYear
) -> None:
    ledger, item = sign(make_item()), make_item()
    with pytest.raises(Crash):
        measure(warehouse, ledger, Crashing(), item, JULY, year, ROWS)
    sign(item, in_register={**register, "document": "another paper"})
    assert measure(warehouse, ledger, noise_free, item, JULY, year, values(("p", "B1", 1, 1))) == 3
    assert [row[1:] for row in charged(warehouse)] == [("p", 1)]
    assert bounding.charge_ids(warehouse, item) == ledger.records.charge_ids(item)


def test_a_warehouse_that_lacks_a_charge_of_the_ledger_is_refused(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    """An older or foreign warehouse would forget what counts against the cap."""
    ledger = sign(make_item())
    measure(warehouse, ledger, noise_free, make_item(), JULY, year, ROWS)
    before = list(ledger.lines())
    with duckdb.connect() as foreign:
        bounding.prepare(foreign)
        for period in (JULY, AUGUST):
            with pytest.raises(LedgerRefused, match="does not know"):
                measure(foreign, ledger, noise_free, make_item(), period, year, ROWS)
        assert not charged(foreign)
    assert list(ledger.lines()) == before


def test_a_charged_state_above_the_cap_is_never_drawn(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    ledger, item = sign(make_item()), make_item()
    with pytest.raises(Crash):
        measure(warehouse, ledger, Crashing(), item, JULY, year, ROWS)
    warehouse.execute("update charged set x = 101 where person = 'p'")
    with pytest.raises(LedgerRefused, match="exceeds its cap"):
        measure(warehouse, ledger, noise_free, item, JULY, year, ROWS)
    assert not ledger.records.measurements


@pytest.mark.parametrize("changes", [{"version": 2}, {"cadence": Cadence.QUARTER}])
def test_what_is_not_signed_is_neither_drawn_nor_charged(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear, changes: Any
) -> None:
    ledger = sign(make_item())
    with pytest.raises(BudgetRefused):
        measure(warehouse, ledger, noise_free, make_item(**changes), JULY, year, ROWS)
    assert not bounding.charged_periods(warehouse)


def test_a_quarterly_item_is_never_charged_for_a_month(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    """Twelve months of an item whose cap spans four periods would let three times C² through."""
    item = make_item(cadence=Cadence.QUARTER)
    ledger = sign(item)
    with pytest.raises(Refusal):
        measure(warehouse, ledger, noise_free, item, JULY, year, ROWS)
    assert not bounding.charged_periods(warehouse)


def test_a_person_in_an_unknown_unit_counts_with_the_whole_organisation(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    """One person's row must neither stop a draw nor be dropped: the rule looks at public units alone."""
    ledger = sign(make_item())
    measure(warehouse, ledger, noise_free, make_item(), JULY, year, values((SECRET, "X9", 1, 1)))
    drawn = {m.level: m.values for m in ledger.records.measurements}
    assert set(drawn["organisation"].values()) == {1}
    assert sum(drawn["division"].values()) == 1 and drawn["division"]["ORG:direct"] == 1


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(values((SECRET, "A1", 4711, 1), (SECRET, "B1", 4711, 1)), id="a person twice"),
        pytest.param(f"select '{SECRET}', 'A1', null, 4711", id="no value"),
        pytest.param(f"select '{SECRET}', 'A1', 4711::hugeint << 70, 1", id="a value beyond 64 bits"),
    ],
)
def test_a_fault_in_the_rows_freezes_nothing_and_names_nobody(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear, rows: str
) -> None:
    ledger = sign(make_item())
    with pytest.raises(Refusal) as refused:
        measure(warehouse, ledger, noise_free, make_item(), JULY, year, rows)
    assert SECRET not in str(refused.value) and "4711" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert not bounding.charged_periods(warehouse)


def test_a_fault_in_the_rows_leaves_the_warehouse_ready_for_the_next_try(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    ledger = sign(make_item())
    with pytest.raises(Exception, match=r"."):
        measure(warehouse, ledger, noise_free, make_item(), JULY, year, "select 'p', 'A1', null, 1")
    assert measure(warehouse, ledger, noise_free, make_item(), JULY, year, ROWS) == 3


def test_a_period_keeps_the_register_version_of_its_first_draw(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, register: Any, year: BudgetYear
) -> None:
    ledger, late = sign(make_item(), make_item(version=2)), make_item(version=2)
    measure(warehouse, ledger, noise_free, make_item(), JULY, year, ROWS)
    sign(make_item(), late, in_register={**register, "document": "another paper"})
    measure(warehouse, ledger, noise_free, late, JULY, year, ROWS)
    measure(warehouse, ledger, noise_free, late, AUGUST, year, ROWS)
    used = {str(entry.body["period"]): entry.body["register"] for entry in ledger.records.of("measurement")}
    assert used == {"2025-07": 2, "2025-08": ledger.records.register_of(AUGUST)}
    assert used["2025-08"] > used["2025-07"]


def test_a_period_before_the_register_begins_is_refused(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism
) -> None:
    early = BudgetYear.parse("2018-07", starts=7)
    ledger = sign(make_item(), in_year=early)
    with pytest.raises(BadRegister, match="no units in force"):
        measure(warehouse, ledger, noise_free, make_item(), Period.parse("2018-07"), early, ROWS)


def test_the_cap_is_asserted_over_twelve_months_and_no_longer(warehouse: Warehouse, make_item: Make) -> None:
    """Two months that only together exceed C² are refused within a year of each other, not beyond it."""
    item = make_item()
    each = math.isqrt(item.cap_squared // 2) + 1
    for distance, refused in ((11, True), (12, False)):
        warehouse.execute("delete from charged")
        for index in (JULY.index, JULY.index + distance):
            row = [f"c{index}", item.identity, index, SECRET, each, False]
            warehouse.execute("insert into charged values (?, ?, ?, ?, ?, ?)", row)
        if refused:
            with pytest.raises(LedgerRefused, match="exceeds its cap"):
                bounding.check_cap(warehouse, item, JULY)
        else:
            bounding.check_cap(warehouse, item, JULY)


def test_a_warehouse_charged_for_another_ledger_is_refused(
    warehouse: Warehouse,
    sign: Sign,
    make_item: Make,
    noise_free: Mechanism,
    year: BudgetYear,
    register: Any,
    tmp_path: Path,
) -> None:
    """A ledger begun anew beside it would draw the same charges a second time."""
    measure(warehouse, sign(make_item()), noise_free, make_item(), JULY, year, ROWS)
    with Ledger.create(tmp_path / "anew.sqlite", "Testers", code="0") as anew:
        enter_plan(anew, Plan(year, (make_item(),), Rho(0)), POLICY, register)
        with pytest.raises(LedgerRefused, match="charged for another ledger"):
            measure(warehouse, anew, noise_free, make_item(), JULY, year, ROWS)
        assert not anew.records.measurements


def test_an_older_ledger_beside_a_newer_warehouse_is_refused(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear, tmp_path: Path
) -> None:
    """Even where the witness was rolled back with it: the warehouse knows what was drawn."""
    ledger = sign(make_item())
    older = tmp_path / "older.sqlite"
    with sqlite3.connect(older) as copy:
        ledger._connection.backup(copy)
    measure(warehouse, ledger, noise_free, make_item(), JULY, year, ROWS)
    with Ledger(older, code="0") as back:
        for period in (JULY, AUGUST):
            with pytest.raises(LedgerRefused, match="older one was put"):
                measure(warehouse, back, noise_free, make_item(), period, year, ROWS)
        assert not back.records.measurements


def test_a_draw_that_a_crash_left_unacknowledged_in_the_warehouse_stops_nothing(
    warehouse: Warehouse, sign: Sign, make_item: Make, noise_free: Mechanism, year: BudgetYear
) -> None:
    ledger = sign(make_item())
    measure(warehouse, ledger, noise_free, make_item(), JULY, year, ROWS)
    warehouse.execute("delete from acknowledged")
    assert measure(warehouse, ledger, noise_free, make_item(), AUGUST, year, ROWS) == 3
