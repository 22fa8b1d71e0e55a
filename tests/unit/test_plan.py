"""The plan: identity and price of its items, signing, amending, and what a year may cost."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from signatories import enter_plan

from privacy.accounting import PICO, Rho
from privacy.budget import YearBudget
from privacy.errors import BudgetRefused, Refusal
from privacy.ledger import Ledger
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import LARGEST_CAP_SQUARED, Charge, Plan, PlanItem

Make = Callable[..., PlanItem]
Sign = Callable[..., Ledger]
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
    "study": "2025-07/1",
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


def committed(ledger: Ledger, year: BudgetYear) -> Rho:
    return YearBudget.of(ledger.records, year).committed


def draw(ledger: Ledger, item: PlanItem, year: BudgetYear, period: str = "2025-07") -> int:
    return ledger.measure(Charge("c", item, Period.parse(period), 2), year, lambda _: {"ORG": 1})


def test_a_plan_that_overspends_is_refused_and_nothing_is_entered(
    ledger: Ledger, sign: Sign, make_item: Make
) -> None:
    item = make_item()
    with pytest.raises(BudgetRefused, match="the policy allows"):
        sign(item, allowed=Rho(item.rho.pico - 1))
    assert not list(ledger.records.of("plan"))


def test_signing_the_same_plan_again_enters_nothing(sign: Sign, make_item: Make) -> None:
    assert len(sign(make_item()).records.entries) == len(sign(make_item()).records.entries) == 3


def test_an_item_amended_before_any_draw_gives_its_loss_back(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    old, new = make_item(), make_item(version=2)
    sign(old, allowed=old.rho)
    ledger = sign(new, allowed=old.rho)
    assert committed(ledger, year) == new.rho
    assert [item.identity for item in ledger.records.open_items(year)] == [new.identity]


@pytest.mark.parametrize("spare", [-1, 0])
def test_an_item_amended_after_a_draw_keeps_its_whole_cost(
    sign: Sign, ledger: Ledger, make_item: Make, year: BudgetYear, spare: int
) -> None:
    old, new = make_item(), make_item(version=2)
    allowed = Rho(old.rho.pico + new.rho.pico + spare)
    draw(sign(old, allowed=allowed), old, year)
    if spare < 0:
        with pytest.raises(BudgetRefused, match="drawn already"):
            sign(new, allowed=allowed)
        assert ledger.records.open_items(year) == (old,)
    else:
        sign(new, allowed=allowed)
        assert ledger.records.open_items(year) == (new,)
        assert committed(ledger, year) == old.rho + new.rho


def test_a_closed_item_refuses_draws_until_it_is_signed_again_at_no_second_cost(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    old, new = make_item(), make_item(version=2)
    draw(sign(old), old, year)
    ledger = sign(new)
    with pytest.raises(BudgetRefused, match="no open item"):
        draw(ledger, old, year, "2025-08")
    assert draw(sign(old, new), old, year, "2025-08") == 3
    assert committed(ledger, year) == old.rho + new.rho


def test_the_same_item_next_year_is_debited_to_both_years(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    item, after = make_item(), BudgetYear.parse("2026-07", starts=7)
    sign(item)
    ledger = sign(item, in_year=after)
    draw(ledger, item, after, "2026-07")
    assert committed(ledger, year) == committed(ledger, after) == item.rho
    sign(make_item(version=2), in_year=year)
    assert committed(ledger, year) == make_item(version=2).rho


@pytest.mark.parametrize("starts", [1, 6, 8])
def test_budget_years_that_overlap_are_refused(sign: Sign, make_item: Make, starts: int) -> None:
    """Else the months that two years share could be measured twice, at twice the policy's loss."""
    sign(make_item())
    with pytest.raises(Refusal):
        sign(make_item(version=2), in_year=BudgetYear.parse(f"2026-{starts:02d}", starts=starts))


def test_a_promise_is_not_changed_within_its_year(
    ledger: Ledger, make_item: Make, register: Any, year: BudgetYear
) -> None:
    """Else a signature in mid-year could raise epsilon for what was drawn under the lower one."""
    plan = Plan(year, (make_item(),), Rho(0))
    promised = {"epsilon": "4", "delta": "0.000001", "rho_pico": 10**13}
    enter_plan(ledger, plan, promised, register)
    for raised in ({"epsilon": "9"}, {"delta": "0.001"}, {"rho_pico": 10**14}):
        with pytest.raises(BudgetRefused, match="was promised"):
            enter_plan(ledger, plan, {**promised, **raised}, register)
