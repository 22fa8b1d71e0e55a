"""How a person's value becomes a contribution, rule by rule, each with the least that shows it."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from privacy.bounding import check_cap, freeze
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
