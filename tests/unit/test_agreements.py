"""Studies, approvals, withdrawals, closing a year: what may be entered, and what it does to the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from signatories import SECOND, TESTER, enter, signing

from privacy.accounting import Rho, epsilon_of
from privacy.agreements import (
    Reason,
    approval_body,
    check,
    is_in_force,
    plan_body,
    study_body,
    withdrawal_body,
)
from privacy.budget import YearBudget, budgets, lifetime
from privacy.errors import BudgetRefused, LedgerRefused, Refusal
from privacy.ledger import Ledger
from privacy.periods import BudgetYear, Period
from privacy.plan import Charge, Plan, PlanItem, Study
from privacy.releases import Stage, newest_published, stage_of, stages, withdrawn_draws

Make = Callable[..., PlanItem]
Sign = Callable[..., Ledger]
JULY, AUGUST = Period.parse("2025-07"), Period.parse("2025-08")
PROMISE = {"epsilon": "4", "delta": "0.000001", "rho_pico": 10**15}


def study_of(item: PlanItem, year: BudgetYear, *periods: Period, number: int = 1) -> Study:
    labelled = replace(item, measure="studied", study=f"{year}/{number}")
    return Study(year, number, labelled, periods or (AUGUST,))


def draw(ledger: Ledger, item: PlanItem, year: BudgetYear, period: Period) -> int:
    charge = Charge(f"{item.identity}-{period}", item, period, 2)
    return ledger.measure(charge, year, lambda _: {"ORG": 1})


def publish(ledger: Ledger, name: str) -> None:
    ledger.append("release", {"release": name, "period": "2025-07", "files": {}})


@pytest.fixture
def planned(sign: Sign, make_item: Make) -> Ledger:
    """One plan item, and a reserve that pays for exactly two like it."""
    item = make_item()
    return sign(item, reserve=Rho(2 * item.rho.pico))


# studies


def test_a_study_is_debited_from_the_reserve_and_drawn_for_its_periods_alone(
    planned: Ledger, make_item: Make, year: BudgetYear
) -> None:
    before = YearBudget.of(planned.records, year)
    study = study_of(make_item(), year)
    enter(planned, "study", study_body(study))
    after = YearBudget.of(planned.records, year)
    assert (after.studied, after.reserve_left) == (
        study.item.rho,
        Rho(before.reserve.pico - study.item.rho.pico),
    )
    assert after.committed == before.committed + study.item.rho and after.free == before.free
    with pytest.raises(BudgetRefused, match="no open item"):
        draw(planned, study.item, year, JULY)
    assert draw(planned, study.item, year, AUGUST) == 3
    assert draw(planned, study.item, year, AUGUST) == 0


def test_studies_may_cost_the_whole_reserve_and_not_a_grain_more(
    planned: Ledger, make_item: Make, year: BudgetYear
) -> None:
    for number in (1, 2):
        enter(planned, "study", study_body(study_of(make_item(), year, number=number)))
    assert YearBudget.of(planned.records, year).reserve_left == Rho(0)
    cheapest = study_of(make_item(cap_squared=1, sigmas=(("organisation", 10**6),)), year, number=3)
    with pytest.raises(BudgetRefused, match="reserve"):
        enter(planned, "study", study_body(cheapest))


def test_a_signed_study_keeps_its_cost_when_the_year_is_closed_or_amended(
    planned: Ledger, make_item: Make, year: BudgetYear, sign: Sign
) -> None:
    study = study_of(make_item(), year)
    enter(planned, "study", study_body(study))
    with pytest.raises(BudgetRefused, match="keep at least as much"):
        sign(reserve=Rho(study.item.rho.pico - 1))
    sign(reserve=study.item.rho)
    budget = YearBudget.of(planned.records, year)
    assert budget.committed == study.item.rho and budget.open == ()
    assert draw(planned, study.item, year, AUGUST) == 3


def test_studies_are_numbered_so_that_no_signature_serves_twice(
    planned: Ledger, make_item: Make, year: BudgetYear
) -> None:
    first = study_body(study_of(make_item(), year))
    enter(planned, "study", first)
    with pytest.raises(LedgerRefused, match="Another study"):
        enter(planned, "study", first)


def test_a_study_needs_a_plan_and_periods_of_its_year(
    ledger: Ledger, make_item: Make, year: BudgetYear
) -> None:
    with pytest.raises(BudgetRefused, match="No plan has been signed"):
        enter(ledger, "study", study_body(study_of(make_item(), year)))
    for periods in ((Period.parse("2026-07"),), (Period.parse("2025-Q3"),), (JULY, JULY)):
        with pytest.raises(ValueError, match="each once"):
            study_of(make_item(), year, *periods)
    with pytest.raises(ValueError, match="label"):
        Study(year, 1, make_item(), (JULY,))


def test_an_item_of_a_study_is_no_item_of_a_plan(sign: Sign, make_item: Make) -> None:
    with pytest.raises(BudgetRefused, match="item of a study"):
        sign(make_item(study="2025-07/1"))


# plans


def test_a_plan_is_entered_once_and_an_amended_one_cannot_be_entered_from_an_old_signature(
    ledger: Ledger, register: Mapping[str, Any], make_item: Make, year: BudgetYear
) -> None:
    policy = {**PROMISE, "signing": signing(TESTER)}
    body = plan_body(ledger.records, Plan(year, (make_item(),), Rho(0)), policy, register)
    enter(ledger, "plan", body, register=register)
    with pytest.raises(LedgerRefused, match="was amended since"):
        enter(ledger, "plan", body, register=register)
    again = plan_body(ledger.records, Plan(year, (make_item(),), Rho(0)), policy, register)
    assert again["revision"] == 2 and is_in_force(ledger.records, again)


def test_a_plan_needs_every_signature_that_its_policy_asks_for(
    ledger: Ledger, register: Mapping[str, Any], make_item: Make, year: BudgetYear
) -> None:
    policy = {**PROMISE, "signing": signing(TESTER, SECOND, plan=2)}
    body = plan_body(ledger.records, Plan(year, (make_item(),), Rho(0)), policy, register)
    with pytest.raises(BudgetRefused, match="signatures of 2"):
        enter(ledger, "plan", body, TESTER, register=register)
    assert [entry.kind for entry in ledger.records.entries] == ["opened"]
    entry = enter(ledger, "plan", body, SECOND, TESTER, register=register)
    assert sorted(entry.body["signatures"]) == [TESTER, SECOND]


def test_closing_a_year_gives_back_what_was_not_drawn_and_refuses_draws(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    drawn, idle = make_item(), make_item(version=2)
    ledger = sign(drawn, idle, reserve=Rho(5))
    draw(ledger, drawn, year, JULY)
    sign()
    budget = YearBudget.of(ledger.records, year)
    assert (budget.committed, budget.reserve_left, budget.kept) == (drawn.rho, Rho(0), (drawn,))
    with pytest.raises(BudgetRefused, match="no open item"):
        draw(ledger, drawn, year, AUGUST)


# one month, one year, all years


def test_one_months_loss_is_that_of_the_most_a_month_lets_through(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    persistent = make_item(half_width=10, cap_squared=12 * 10**2)
    sparse = make_item(version=2, half_width=60, cap_squared=50**2)
    budget = YearBudget.of(sign(persistent, sparse).records, year)
    alone = [make_item(half_width=10, cap_squared=10**2), make_item(cap_squared=50**2)]
    assert budget.one_month == alone[0].rho + alone[1].rho < budget.committed


def test_the_loss_of_all_years_adds_as_rho_and_not_as_epsilon(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    sign(make_item())
    ledger = sign(make_item(), in_year=BudgetYear.parse("2026-07", starts=7))
    one, two = budgets(ledger.records)
    assert lifetime((one, two)).pico == one.committed.pico + two.committed.pico
    assert epsilon_of(lifetime((one, two)), one.delta) < 2 * epsilon_of(one.committed, one.delta)


# releases


def with_approval(ledger: Ledger, register: Mapping[str, Any], item: PlanItem, year: BudgetYear) -> Ledger:
    policy = {**PROMISE, "signing": signing(TESTER, SECOND, release=2)}
    body = plan_body(ledger.records, Plan(year, (item,), Rho(0)), policy, register)
    enter(ledger, "plan", body, register=register)
    draw(ledger, item, year, JULY)
    publish(ledger, "2025-07-000006")
    return ledger


def test_a_release_is_held_until_as_many_approve_it_as_the_plan_asked_for(
    ledger: Ledger, register: Mapping[str, Any], make_item: Make, year: BudgetYear
) -> None:
    held = with_approval(ledger, register, make_item(), year)
    assert (
        stage_of(held.records, "2025-07-000006").stage is Stage.HELD
        and newest_published(held.records) is None
    )
    body = approval_body(held.records, "2025-07-000006")
    with pytest.raises(BudgetRefused, match="signatures of 2"):
        enter(held, "approved", body, TESTER)
    enter(held, "approved", body, TESTER, SECOND)
    assert stage_of(held.records, "2025-07-000006").stage is Stage.PUBLISHED
    with pytest.raises(LedgerRefused, match="not held"):
        enter(held, "approved", body, TESTER, SECOND)


def test_an_approval_is_of_the_release_as_it_was_entered(
    ledger: Ledger, register: Mapping[str, Any], make_item: Make, year: BudgetYear
) -> None:
    held = with_approval(ledger, register, make_item(), year)
    with pytest.raises(LedgerRefused, match="another than was signed for"):
        enter(held, "approved", {"release": "2025-07-000006", "entry": "0" * 64}, TESTER, SECOND)


def test_a_withdrawn_release_takes_along_what_it_was_the_first_to_publish_and_nothing_else(
    planned: Ledger, make_item: Make, year: BudgetYear
) -> None:
    item = make_item()
    for period, name in ((JULY, "2025-07-000006"), (AUGUST, "2025-08-000010")):
        draw(planned, item, year, period)
        publish(planned, name)
    enter(planned, "withdrawn", withdrawal_body(planned.records, "2025-08-000010", Reason.WRONG_EXPORT))
    assert [state.stage for state in stages(planned.records).values()] == [Stage.PUBLISHED, Stage.WITHDRAWN]
    newest = newest_published(planned.records)
    assert newest is not None and newest.id == "2025-07-000006"
    gone = withdrawn_draws(planned.records)
    assert {str(m.period) for m in planned.records.measurements if m.seq in gone} == {"2025-08"}
    with pytest.raises(LedgerRefused, match="withdrawn already"):
        enter(planned, "withdrawn", withdrawal_body(planned.records, "2025-08-000010", Reason.WRONG_EXPORT))
    assert draw(planned, item, year, AUGUST) == 0, "a withdrawal brings no second draw"


def test_a_release_that_the_ledger_lacks_is_refused(planned: Ledger) -> None:
    with pytest.raises(Refusal, match="has no release"):
        withdrawal_body(planned.records, "2025-07-000099", Reason.WRONG_EXPORT)


# restores


def test_after_a_restore_that_lost_entries_nothing_of_the_years_begun_is_drawn(
    planned: Ledger, make_item: Make, year: BudgetYear, sign: Sign
) -> None:
    following = BudgetYear.parse("2026-07", starts=7)
    planned.append("restored", {"abandoned": ["9:" + "a" * 64], "burnt_before": "2026-07-01"})
    with pytest.raises(BudgetRefused, match="nothing more is drawn before 2026-07-01"):
        draw(planned, make_item(), year, JULY)
    sign(make_item(), in_year=following)
    assert draw(planned, make_item(), following, Period.parse("2026-07")) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body | {"rho_pico": body["rho_pico"] - 1},
        lambda body: body | {"items": [item | {"note": "P005"} for item in body["items"]]},
    ],
)
def test_a_plan_whose_text_says_else_than_it_costs_is_refused(
    planned: Ledger,
    make_item: Make,
    year: BudgetYear,
    spoil: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> None:
    """Once entered it would break every later check of the ledger, for ever."""
    policy = planned.records.plans(year)[-1].body["policy"]
    register = next(planned.records.of("register")).body
    body = plan_body(planned.records, Plan(year, (make_item(),), Rho(0)), policy, register)
    check(planned.records, "plan", body)
    with pytest.raises(BudgetRefused, match="says something else than what would be measured"):
        check(planned.records, "plan", spoil(body))
