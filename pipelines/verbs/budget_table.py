"""The privacy budget as text, from the published ledger alone."""

from __future__ import annotations

from collections.abc import Iterator

from privacy.accounting import Rho, epsilon_of
from privacy.budget import YearBudget, budgets
from privacy.plan import PlanItem
from privacy.records import Records
from privacy.releases import Stage, stages


def budget_lines(records: Records) -> Iterator[str]:
    """One month's, one year's and the running loss side by side; ρ adds, ε is converted from each sum."""
    yield f"Privacy budget of one person at {records.organisation}"
    if not records.years:
        yield "No plan has been signed yet."
        return
    yield "Losses add as ρ; the ε of parts or years must not be added."
    running = Rho(0)
    for budget in budgets(records):
        running = running + budget.committed
        yield from _year_lines(records, budget, running)
    yield from _release_lines(records)


def _year_lines(records: Records, budget: YearBudget, running: Rho) -> Iterator[str]:
    plan = records.plan_in_force(budget.year).body
    yield ""
    yield (
        f"{budget.year.title}  allowed ρ = {budget.promised} (ε = {plan['policy']['epsilon']}, "
        f"δ = {plan['policy']['delta']}); revision {plan['revision']} signed by "
        f"{', '.join(plan['signatures'])}"
    )
    losses = (
        ("spent", budget.spent), ("planned", budget.planned), ("studies", budget.studied),
        ("reserve", budget.reserve_left), ("free", budget.free), ("one month", budget.one_month),
        ("this year", budget.committed), ("all years", running),
    )  # fmt: skip
    for name, loss in losses:
        yield f"  {name:<10} ρ = {loss}   ε = {epsilon_of(loss, budget.delta):.2f}"
    for item in budget.kept:
        yield _item_line(item, "drawn" if item in budget.drawn else "not drawn")
    for study in budget.studies:
        yield _item_line(study.item, f"study {study.number} of {', '.join(map(str, study.periods))}")


def _item_line(item: PlanItem, mark: str) -> str:
    name = f"{item.measure} by {item.cadence}"
    return f"    {name:<34} ρ = {item.rho}  {', '.join(item.levels)}  ({mark})"


def _release_lines(records: Records) -> Iterator[str]:
    """The releases that are not simply out."""
    for state in stages(records).values():
        if state.stage is not Stage.PUBLISHED:
            why = f": {state.reason.replace('-', ' ')}" if state.reason else " for approval"
            yield f"Release {state.id} is {state.stage.value}{why}."
