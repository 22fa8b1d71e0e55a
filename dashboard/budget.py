"""The privacy budget in words and shares, for the page that shows it."""

from __future__ import annotations

from privacy.accounting import Rho, epsilon_of
from privacy.budget import YearBudget, lifetime


def share(budget: YearBudget, part: Rho) -> float:
    """A part of what is promised, in percent."""
    return 100 * part.pico / budget.promised.pico


def parts(budget: YearBudget) -> tuple[tuple[str, Rho], ...]:
    """What a year's promise is made of, under the names that readers see."""
    return (
        ("Spent", budget.spent),
        ("Planned", budget.planned),
        ("Studies", budget.studied),
        ("Reserve", budget.reserve_left),
        ("Remaining", budget.free),
    )


def loss(budget: YearBudget, rho: Rho) -> tuple[str, str]:
    """A loss as ρ and, at the year's own δ, as ε."""
    return f"{float(rho):.4f}", f"{epsilon_of(rho, budget.delta):.2f}"


def loss_in_total(budgets: tuple[YearBudget, ...]) -> tuple[Rho, float]:
    """The loss of all years: rho added, then converted once at the newest year's delta."""
    rho = lifetime(budgets)
    return rho, epsilon_of(rho, budgets[-1].delta)
