"""The product's accounting against dp-accounting's: the same by Rényi divergences, more than by PLD.

dp-accounting needs an older attrs than the product's libraries, so it has an environment of its own.
"""

from __future__ import annotations

import pytest
from accounting_comparison import ORACLE_PYTHON, Compared, compared

pytestmark = pytest.mark.slow
ORDERS_GRID = 2e-5  # dp-accounting looks at a grid of orders, so it finds an epsilon that is a little larger


@pytest.fixture(scope="module")
def found() -> list[Compared]:
    assert ORACLE_PYTHON.exists(), "dp-accounting is missing: make .venv-accounting/ready"
    return compared()


def test_renyi_accounting_gives_the_products_epsilon_of_every_plan(found: list[Compared]) -> None:
    assert {
        one.plan: one.rdp / one.product - 1 for one in found if abs(one.rdp / one.product - 1) > ORDERS_GRID
    } == {}


def test_loss_distributions_need_less_than_the_product_states_of_every_plan(found: list[Compared]) -> None:
    """By a few percent: the price of a formula that needs no numerical convolution."""
    for one in found:
        assert 0.9 * one.product < one.pld < one.product, one.plan


def test_the_loss_of_whole_number_noise_is_within_what_is_stated(found: list[Compared]) -> None:
    """Where scales are small the continuous formula is no bound for it, the stated epsilon is."""
    small = [one for one in found if one.discrete is not None]
    assert len(small) >= 10
    assert all(one.discrete < one.product for one in small if one.discrete is not None)


def test_a_plan_that_spends_the_whole_budget_has_the_epsilon_that_the_policy_promised(
    found: list[Compared],
) -> None:
    budgets = {one.plan: one for one in found if one.plan.startswith("all of epsilon ")}
    assert len(budgets) == 4
    for name, one in budgets.items():
        promised = float(name.removeprefix("all of epsilon "))
        assert promised * (1 - 1e-6) < one.product <= promised
        assert one.rdp == pytest.approx(promised, rel=ORDERS_GRID)
