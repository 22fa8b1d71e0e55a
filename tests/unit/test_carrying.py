"""The charged state when charges are lost and people's ids change: the cap holds, nobody starts afresh."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from pathlib import Path

import duckdb
import pytest

from privacy import measuring
from privacy.belonging import check_belongs
from privacy.bounding import (
    assume_lost,
    charge_ids,
    charged_periods,
    check_cap,
    freeze,
    prepare,
    stored_charge,
)
from privacy.carrying import join_people, known_people, rename_people
from privacy.errors import LedgerRefused
from privacy.groups import GroupTree
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Period
from privacy.plan import Charge, PlanItem

Make = Callable[..., PlanItem]
Warehouse = duckdb.DuckDBPyConnection
JULY = Period.parse("2025-07")
MONTHS = tuple(JULY.previous(-step) for step in range(13))


def values(**people: int) -> str:
    cells = ", ".join(f"('{person}', 'A1', {value}, 1)" for person, value in people.items())
    return f"select * from (values {cells})"  # noqa: S608


def charged(warehouse: Warehouse, person: str) -> dict[int, int]:
    query = "select period_index, x from charged where person = ? and x <> 0 order by period_index"
    return dict(warehouse.execute(query, [person]).fetchall())


def charge(warehouse: Warehouse, item: PlanItem, tree: GroupTree, month: Period, **people: int) -> Charge:
    made = freeze(warehouse, item, month, tree, 2, values(**people))
    check_cap(warehouse, item, month)
    return made


# lost charges


def test_of_a_lost_charge_everybody_counts_as_having_given_the_most_of_a_period(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item(half_width=60, highest=60, cap_squared=100**2)
    lost = Charge("lost", item, MONTHS[1], 2)
    assert assume_lost(warehouse, [lost]) == 1 and assume_lost(warehouse, [lost]) == 0
    charge(warehouse, item, tree, MONTHS[2], p=60)
    charge(warehouse, item, tree, MONTHS[3], p=60, newcomer=60)
    left = isqrt(100**2 - 2 * 60**2)
    assert charged(warehouse, "p") == {MONTHS[2].index: 60, MONTHS[3].index: left}
    assert charged(warehouse, "newcomer") == {MONTHS[3].index: 60}


def test_a_lost_charge_stops_counting_when_its_window_has_passed(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item(half_width=100, highest=100, cap_squared=100**2)
    assume_lost(warehouse, [Charge("lost", item, MONTHS[0], 2)])
    charge(warehouse, item, tree, MONTHS[11], p=100)
    assert charged(warehouse, "p") == {}
    charge(warehouse, item, tree, MONTHS[12], p=100)
    assert charged(warehouse, "p") == {MONTHS[12].index: 100}


def test_a_lost_charge_counts_against_its_own_item_alone(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item, other = (make_item(measure=m, half_width=100, highest=100) for m in ("left", "open_cases"))
    assume_lost(warehouse, [Charge("lost", other, MONTHS[0], 2)])
    charge(warehouse, item, tree, MONTHS[1], p=100)
    assert charged(warehouse, "p") == {MONTHS[1].index: 100}


@pytest.mark.parametrize(("lost", "left"), [(11, 0), (12, 1)])
def test_a_lost_charge_of_a_later_month_counts_as_far_as_a_window_reaches(
    warehouse: Warehouse, make_item: Make, tree: GroupTree, lost: int, left: int
) -> None:
    """Be it of one person who counts as one."""
    item = make_item(half_width=1, highest=1, cap_squared=1)
    assume_lost(warehouse, [Charge("lost", item, MONTHS[lost], 2)])
    charge(warehouse, item, tree, MONTHS[0], p=1)
    assert sum(charged(warehouse, "p").values()) == left


def test_what_a_lost_charge_may_have_held_and_what_is_charged_since_stay_within_the_cap(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    """Whatever the true contribution was: here the most that the truth allowed before the loss."""
    item = make_item(half_width=80, highest=80, cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[0], p=70)
    truth = charge(warehouse, item, tree, MONTHS[1], p=80)
    true_x = charged(warehouse, "p")[MONTHS[1].index]
    for table in ("charge", "charged", "charge_total"):
        warehouse.execute(f"delete from {table} where charge_id = ?", [truth.charge_id])  # noqa: S608
    assume_lost(warehouse, [truth])
    for month in MONTHS[2:12]:
        charge(warehouse, item, tree, month, p=80)
    assert sum(x * x for x in charged(warehouse, "p").values()) + true_x**2 <= item.cap_squared


def test_a_persistent_quantity_goes_on_uncut_beside_a_lost_charge(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item(half_width=15, highest=15, cap_squared=12 * 15**2)
    assume_lost(warehouse, [Charge("lost", item, MONTHS[4], 2)])
    for month in (*MONTHS[:4], *MONTHS[5:]):
        charge(warehouse, item, tree, month, p=15)
    assert set(charged(warehouse, "p").values()) == {15}


def test_a_charge_frozen_in_an_older_copy_gives_way_to_the_one_that_was_drawn(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item()
    charge(warehouse, item, tree, JULY, p=50)
    assume_lost(warehouse, [Charge("drawn", item, JULY, 2)])
    assert charge_ids(warehouse, item) == {"drawn"} and charged(warehouse, "p") == {}


def test_a_lost_charge_stands_where_it_was_and_its_period_counts_as_charged(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    lost = Charge("lost", make_item(), MONTHS[1], 2)
    assume_lost(warehouse, [lost])
    assert stored_charge(warehouse, lost.item, lost.period) == lost
    charge(warehouse, make_item(), tree, MONTHS[2], p=1)
    charge(warehouse, make_item(measure="left"), tree, MONTHS[2], p=1)
    assert charged_periods(warehouse) == {str(MONTHS[1]), str(MONTHS[2])}


def test_with_lost_charges_stood_in_for_measuring_goes_on(
    warehouse: Warehouse,
    sign: Callable[..., Ledger],
    make_item: Make,
    noise_free: Mechanism,
    year: BudgetYear,
) -> None:
    item = make_item()
    ledger = sign(item)
    measure(warehouse, ledger, noise_free, item, MONTHS[0], year, values(p=90))
    with duckdb.connect() as older:
        prepare(older)
        with pytest.raises(LedgerRefused, match="does not know"):
            check_belongs(older, ledger.records, item)
        assert assume_lost(older, ledger.records.charges()) == 1
        assert measure(older, ledger, noise_free, item, MONTHS[1], year, values(p=90)) == 3
        assert charged(older, "p") == {}, "the most of a period is this item's whole cap"


# joined and renamed people


def test_two_ids_of_one_person_join_their_squares_and_stop_nobody_elses_draws(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item(cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[0], p=90, q=90, other=90)
    join_people(warehouse, kept="p", gone="q")
    charge(warehouse, item, tree, MONTHS[1], p=90, other=90)
    assert charged(warehouse, "p") == {MONTHS[0].index: 90} and known_people(warehouse) == {"p", "other"}
    assert charged(warehouse, "other")[MONTHS[1].index] == isqrt(100**2 - 90**2)
    charge(warehouse, item, tree, MONTHS[12], p=90)
    assert charged(warehouse, "p")[MONTHS[12].index] == 90, "their windows have passed"


def test_of_joined_ids_only_what_was_charged_before_may_exceed_the_cap(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item(cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[0], p=90, q=90)
    join_people(warehouse, kept="p", gone="q")
    warehouse.execute(
        "insert into charged values ('x', ?, ?, 'p', 1, false)", [item.identity, MONTHS[1].index]
    )
    with pytest.raises(LedgerRefused, match="exceeds its cap"):
        check_cap(warehouse, item, MONTHS[1])


def test_joined_ids_do_not_stop_an_earlier_month_that_is_measured_later(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    """Both rows of one period are one person's squares, counted once."""
    item = make_item(cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[1], p=60, q=60, other=5)
    join_people(warehouse, kept="p", gone="q")
    charge(warehouse, item, tree, MONTHS[0], p=100, other=5)
    assert charged(warehouse, "p")[MONTHS[0].index] == isqrt(100**2 - 2 * 60**2)


def test_of_two_forks_the_charge_that_was_drawn_is_not_given_away(
    warehouse: Warehouse, sign: Callable[..., Ledger], make_item: Make, noise_free: Mechanism,
    year: BudgetYear,
) -> None:  # fmt: skip
    item = make_item()
    measure(warehouse, sign(item), noise_free, item, JULY, year, values(p=100))
    with pytest.raises(LedgerRefused, match="they are of two forks"):
        assume_lost(warehouse, [Charge("of the other fork", item, JULY, 2)])


def test_a_crash_before_a_draw_was_noted_is_made_good_by_the_next_run(
    warehouse: Warehouse, sign: Callable[..., Ledger], make_item: Make, noise_free: Mechanism,
    year: BudgetYear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """So that an older ledger put beside this warehouse is told even then."""
    item = make_item()
    ledger = sign(item)
    ledger.copy_to(tmp_path / "older.sqlite")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(measuring, "acknowledge", crash)
        measure(warehouse, ledger, noise_free, item, JULY, year, values(p=100))
    assert measure(warehouse, ledger, noise_free, item, JULY, year, values(p=100)) == 0
    with Ledger(tmp_path / "older.sqlite", code="0") as older, pytest.raises(LedgerRefused, match="lacks"):
        measure(warehouse, older, noise_free, item, JULY, year, values(p=100))


def test_a_new_pseudonym_brings_its_whole_state_along(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item(cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[0], p=60, q=10)
    join_people(warehouse, kept="p", gone="gone")
    warehouse.execute("create temp table renamed (person varchar, fresh varchar)")
    warehouse.execute("insert into renamed values ('p', 'fresh-p'), ('q', 'p')")
    rename_people(warehouse)
    assert known_people(warehouse) == {"fresh-p", "p"}
    freeze(warehouse, item, MONTHS[1], tree, 2, "select 'fresh-p', 'A1', 100, 1")
    assert charged(warehouse, "fresh-p") == {MONTHS[0].index: 60, MONTHS[1].index: 80}


def test_an_erased_person_who_returns_finds_the_charged_squares_waiting(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    """Erasing takes rows out of the exports' tables; the bare pseudonym's squares stay with the charges."""
    item = make_item(cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[0], p=100)
    charge(warehouse, item, tree, MONTHS[1], other=1)
    charge(warehouse, item, tree, MONTHS[2], p=100)
    assert charged(warehouse, "p") == {MONTHS[0].index: 100}


def test_what_was_frozen_before_a_join_may_still_be_drawn_after_it(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    """A crash between the two would else stop that draw for good; each id had a cap of its own then."""
    item = make_item(cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[0], p=90, q=90)
    join_people(warehouse, kept="p", gone="q")
    check_cap(warehouse, item, MONTHS[0])
    charge(warehouse, item, tree, MONTHS[1], p=90)
    assert MONTHS[1].index not in charged(warehouse, "p"), "but nothing more is charged"


def test_what_was_frozen_without_knowing_of_lost_charges_is_cut_anew(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    """A warehouse put back that froze a month before another one, since drawn elsewhere, was charged."""
    item = make_item(cap_squared=100**2)
    charge(warehouse, item, tree, MONTHS[0], p=100)
    assume_lost(warehouse, [Charge("lost", item, MONTHS[1], 2)])
    charge(warehouse, item, tree, MONTHS[0], p=100)
    assert charged(warehouse, "p") == {}, "the lost charge may have held the whole cap"
