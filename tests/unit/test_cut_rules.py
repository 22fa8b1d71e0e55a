"""How a person's value becomes a contribution, rule by rule, each with the least that shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from privacy import bounding
from privacy.bounding import check_cap, freeze
from privacy.errors import LedgerRefused
from privacy.groups import GroupTree
from privacy.periods import Period
from privacy.plan import PlanItem

Make = Callable[..., PlanItem]
Warehouse = duckdb.DuckDBPyConnection
JULY = Period.parse("2025-07")


def contributions(
    warehouse: Warehouse, item: PlanItem, tree: GroupTree, *rows: tuple[str, int, int]
) -> dict[str, int]:
    """What people contribute in July: by name, from their value and base."""
    cells = ", ".join(f"('{person}', 'A1', {value}, {base})" for person, value, base in rows)
    charge = freeze(warehouse, item, JULY, tree, 2, f"select * from (values {cells})")  # noqa: S608
    found = warehouse.execute(
        "select person, x from charged where charge_id = ?", [charge.charge_id]
    ).fetchall()
    return dict(found)


@pytest.mark.parametrize(("value", "counts"), [(-5, None), (0, None), (7, 7), (20, 20), (21, 20)])
def test_a_value_is_clamped_to_its_bounds(
    warehouse: Warehouse, make_item: Make, tree: GroupTree, value: int, counts: int | None
) -> None:
    item = make_item(highest=20, half_width=1000)
    assert contributions(warehouse, item, tree, ("p", value, 0)).get("p") == counts


@pytest.mark.parametrize(
    ("value", "base", "counts"),
    [(0, 1, -10), (40, 1, None), (45, 1, 5), (99, 1, 10), (0, 0, None), (7, 0, 7)],
)
def test_a_deviation_is_clamped_to_its_half_width_on_both_sides(
    warehouse: Warehouse, make_item: Make, tree: GroupTree, value: int, base: int, counts: int | None
) -> None:
    item = make_item(highest=100, half_width=10, centre=(("*", 40),))
    assert contributions(warehouse, item, tree, ("p", value, base)).get("p") == counts


def test_what_is_charged_to_one_item_takes_nothing_from_another(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    hours, cases = make_item(cap_squared=100), make_item(measure="open_cases", cap_squared=100)
    assert contributions(warehouse, hours, tree, ("p", 10, 0)) == {"p": 10}
    assert contributions(warehouse, cases, tree, ("p", 10, 0)) == {"p": 10}
    for item in (hours, cases):
        check_cap(warehouse, item, JULY)


def test_people_are_bounded_one_by_one(warehouse: Warehouse, make_item: Make, tree: GroupTree) -> None:
    item = make_item(cap_squared=100)
    assert contributions(warehouse, item, tree, ("p", 10, 0), ("q", 3, 0)) == {"p": 10, "q": 3}
    check_cap(warehouse, item, JULY)


def test_what_is_cut_is_marked_and_what_just_fits_is_not(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    contributions(warehouse, make_item(cap_squared=100), tree, ("fits", 10, 0), ("cut", 11, 0))
    assert dict(warehouse.execute("select person, is_cut from charged").fetchall()) == {
        "fits": False,
        "cut": True,
    }


LINES = (("*", 18), ("crisis", 15))


@pytest.mark.parametrize(("unit", "counted"), [("A1", {"p": 1}), ("B1", {}), ("elsewhere", {})])
def test_a_standard_is_that_of_the_persons_own_unit(
    warehouse: Warehouse, make_item: Make, tree: GroupTree, unit: str, counted: dict[str, int]
) -> None:
    """Sixteen cases are above the standard of a crisis unit and below that of all others."""
    item = make_item(measure="over", highest=1, half_width=1, standard=LINES)
    freeze(warehouse, item, JULY, tree, 2, f"select 'p', '{unit}', 16, 0")
    assert dict(warehouse.execute("select person, x from charged").fetchall()) == counted


@pytest.mark.parametrize(("level", "centre"), [("programme", 15), ("organisation", 18)])
def test_a_centre_is_that_of_the_deepest_group_that_is_drawn(
    warehouse: Warehouse, make_item: Make, tree: GroupTree, level: str, centre: int
) -> None:
    """Of programme A1 that of crisis work; of the whole that of its main line, which is another's here."""
    depth = ("organisation", "division", "programme").index(level) + 1
    sigmas = tuple((name, 1) for name in ("organisation", "division", "programme")[:depth])
    mainly = (("*", 18), ("crisis", 15)) if level == "programme" else (("*", 18), ("support", 15))
    item = make_item(centre=mainly, sigmas=sigmas, half_width=100)
    freeze(warehouse, item, JULY, tree, 2, "select 'p', 'A1', 20, 1")
    assert dict(warehouse.execute("select person, x from charged").fetchall()) == {"p": 20 - centre}


def test_a_charge_is_named_by_chance_alone(warehouse: Warehouse, make_item: Make, tree: GroupTree) -> None:
    rows = "select 'p', 'A1', 1, 0"
    names = {freeze(warehouse, make_item(measure=m), JULY, tree, 2, rows).charge_id for m in "abc"}
    assert len(names) == 3 and all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


def test_a_state_beyond_the_cap_says_where_and_what_to_do(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    item = make_item(cap_squared=100)
    contributions(warehouse, item, tree, ("p", 10, 0))
    warehouse.execute("update charged set x = 11")
    with pytest.raises(LedgerRefused) as refused:
        check_cap(warehouse, item, JULY)
    assert str(refused.value) == (
        "The charged state of 'absent_hours' exceeds its cap in the year around 2025-07; nothing is drawn. "
        "Restore the warehouse that belongs to this ledger and try again."
    )


def test_two_rows_of_one_person_say_that_it_is_the_products_fault(
    warehouse: Warehouse, make_item: Make, tree: GroupTree
) -> None:
    with pytest.raises(LedgerRefused) as refused:
        contributions(warehouse, make_item(), tree, ("p", 1, 0), ("p", 2, 0))
    assert str(refused.value) == (
        "'absent_hours' has several rows for one person in a period, so no year could be bounded; nothing is "
        "charged. This is a fault of the product, please report it."
    )
    assert not warehouse.execute("from charge").fetchall()


def test_a_charge_on_disk_survives_a_power_cut_by_name(
    tmp_path: Path, make_item: Make, tree: GroupTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of the warehouse is synced after the charge; a warehouse in memory has none."""
    synced: list[Path] = []
    monkeypatch.setattr(bounding, "sync_folder", synced.append)
    for place in (str(tmp_path / "warehouse.duckdb"), ":memory:"):
        with duckdb.connect(place) as warehouse:
            bounding.prepare(warehouse)
            contributions(warehouse, make_item(), tree, ("p", 1, 0))
    assert synced == [tmp_path]
