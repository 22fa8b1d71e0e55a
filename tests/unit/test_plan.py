"""Plan items: identity, price and the bounds that the proof needs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from privacy.accounting import PICO, Rho
from privacy.errors import BudgetRefused
from privacy.periods import BudgetYear, Cadence
from privacy.plan import LARGEST_CAP_SQUARED, Plan, PlanItem

Make = Callable[..., PlanItem]
CHANGES: dict[str, Any] = {
    "measure": "open_cases",
    "version": 2,
    "base": "employed",
    "highest": 999,
    "centre": (("*", 1),),
    "standard": (("*", 18),),
    "half_width": 999,
    "cap_squared": 100**2 + 1,
    "cadence": Cadence.QUARTER,
    "sigmas": (("organisation", 200), ("division", 200), ("programme", 201)),
}


def test_every_part_of_an_item_is_part_of_its_identity(make_item: Make) -> None:
    """A changed item is another item with a cost of its own."""
    changed = [make_item(**{name: value}).identity for name, value in CHANGES.items()]
    assert set(CHANGES) == set(PlanItem.__dataclass_fields__)
    assert len({make_item().identity, *changed}) == len(CHANGES) + 1


def test_identity_does_not_depend_on_how_the_item_was_written_down(make_item: Make) -> None:
    item = make_item(centre=(("*", 3), ("crisis", 7)))
    assert make_item(centre=(("crisis", 7), ("*", 3))).identity == item.identity
    assert PlanItem.from_json(item.to_json()).identity == item.identity


def test_the_price_of_an_item_is_the_sum_over_its_levels(make_item: Make) -> None:
    item = make_item(cap_squared=100, sigmas=(("organisation", 10), ("division", 20)))
    exact = Fraction(100, 2 * 10**2) + Fraction(100, 2 * 20**2)
    assert exact < item.rho.value <= exact + Fraction(4, PICO)
    assert item.rho == item.price_at("organisation") + item.price_at("division")


@pytest.mark.parametrize(
    "bad",
    [
        {"cap_squared": 0},
        {"cap_squared": LARGEST_CAP_SQUARED + 1},
        {"sigmas": ()},
        {"sigmas": (("organisation", 0),)},
        {"sigmas": (("organisation", -5),)},
        {"highest": 0},
        {"half_width": 0},
        {"centre": ()},
        {"centre": (("crisis", 3),)},
    ],
)
def test_bounds_that_could_not_carry_the_proof_are_refused(make_item: Make, bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|needs|missing"):
        make_item(**bad)


def test_a_constant_is_that_of_the_service_line_or_else_of_any(make_item: Make) -> None:
    item = make_item(centre=(("*", 3), ("crisis", 7)))
    assert item.constant(item.centre, "crisis") == 7
    assert item.constant(item.centre, "anything") == 3


def test_a_plan_may_cost_all_that_is_allowed_and_not_a_grain_more(make_item: Make, year: BudgetYear) -> None:
    plan = Plan(year, (make_item(), make_item(version=2)), Rho(1000))
    plan.check(plan.rho)
    with pytest.raises(BudgetRefused, match="the policy allows"):
        plan.check(Rho(plan.rho.pico - 1))


def test_a_plan_that_holds_an_item_twice_is_refused(make_item: Make, year: BudgetYear) -> None:
    with pytest.raises(BudgetRefused, match="twice"):
        Plan(year, (make_item(), make_item()), Rho(0)).check(Rho(10**15))
