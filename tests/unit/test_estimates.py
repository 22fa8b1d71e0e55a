"""Least squares on the tree, Fieller's interval, and ratios over months: against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from metrics.estimates import Moments, Ratio, estimate_leaves, membership, ratio
from metrics.indicators import INDICATORS
from metrics.mean_head_count import head_count_weights
from metrics.results import within_meaning
from metrics.signals import usual_variance
from privacy.groups import GroupTree, Unit, plan_groups
from privacy.periods import Period

LEVELS = ("organisation", "division")
SIGMAS = (("organisation", 3), ("division", 4))


@pytest.fixture
def tree() -> GroupTree:
    units = (
        Unit("O", "All", None, 0, "x"),
        Unit("A", "A", "O", 40, "x"),
        Unit("B", "B", "O", 60, "x"),
    )
    return plan_groups(units, LEVELS, 10)


def test_leaves_are_the_dense_normal_equations(tree: GroupTree) -> None:
    noisy = {group.id: 10 * place + 5 for place, group in enumerate(tree.groups)}
    design = membership(tree)
    weights = np.diag([1 / dict(SIGMAS)[group.level] ** 2 for group in tree.groups])
    observed = np.array([noisy[group.id] for group in tree.groups])
    expected = np.linalg.solve(design.T @ weights @ design, design.T @ weights @ observed)
    assert estimate_leaves(tree, SIGMAS, noisy).mean == pytest.approx(expected)


def test_children_of_an_estimate_add_up_and_its_variance_is_no_larger_than_the_draws(tree: GroupTree) -> None:
    leaves = estimate_leaves(tree, SIGMAS, {group.id: 7 for group in tree.groups})
    rows = membership(tree)
    variance = np.einsum("gl,lk,gk->g", rows, leaves.covariance, rows)
    assert (variance <= [dict(SIGMAS)[group.level] ** 2 + 1e-9 for group in tree.groups]).all()
    assert (rows @ leaves.mean)[0] == pytest.approx(leaves.mean.sum())


def test_exact_totals_are_left_as_they_are(tree: GroupTree) -> None:
    leaf = {leaf.id: 10 + place for place, leaf in enumerate(tree.leaves)}
    values = {g.id: sum(leaf[x.id] for x in tree.leaves if g in tree.ancestry(x.id)) for g in tree.groups}
    found = estimate_leaves(tree, SIGMAS, values)
    assert found.mean == pytest.approx([leaf[x.id] for x in tree.leaves])


def test_a_weak_prior_pulls_a_head_count_towards_its_posts_by_the_known_weights(tree: GroupTree) -> None:
    single = (Unit("O", "All", None, 0, "x"), Unit("A", "A", "O", 40, "x"))
    only = plan_groups(single, LEVELS, 10)
    values = {group.id: 30 for group in only.groups if group.id in ("O", "A")} | {"O:direct": 0}
    free = estimate_leaves(only, SIGMAS, values)
    pulled = estimate_leaves(only, SIGMAS, values, tolerance=0.15)
    assert free.mean[0] < pulled.mean[0] < 40


def moments(n: float, d: float, vn: float, vd: float, c: float = 0.0) -> Moments:
    return Moments(*(np.array([value]) for value in (n, d, vn, vd, c)))


def test_fieller_with_a_known_denominator_is_the_normal_interval() -> None:
    cell = ratio(0, moments(50, 100, 4, 0), 100)
    assert cell.value == 50 and cell.margin == pytest.approx(1.959964 * 2, rel=1e-6)


def test_both_ends_of_fieller_solve_its_equation() -> None:
    n, d, vn, vd, c = 50.0, 100.0, 9.0, 25.0, 3.0
    cell = ratio(0, moments(n, d, vn, vd, c), 1)
    for end in (cell.low, cell.high):
        assert (n - end * d) ** 2 == pytest.approx(1.959964**2 * (vn - 2 * end * c + end**2 * vd), rel=1e-5)


def test_a_denominator_that_could_be_nothing_bounds_nothing() -> None:
    assert ratio(0, moments(5, 3, 1, 4), 1).margin == math.inf
    assert ratio(0, moments(5, -30, 1, 4), 1).low is None


def test_values_are_cut_to_what_has_a_meaning() -> None:
    cell = within_meaning(INDICATORS["any_absence"], Ratio(-3.0, -9.0, 103.0))
    assert (cell.value, cell.low, cell.high) == (0.0, 0.0, 100.0)


@pytest.mark.parametrize("method", ["mean_of_month_ends", "opening_and_closing"])
@pytest.mark.parametrize("window", [1, 12])
@pytest.mark.parametrize("has_opening", [True, False])
def test_head_count_weights_sum_to_one(method: str, window: int, has_opening: bool) -> None:
    months = Period.parse("2026-06").trailing(window)
    opening = months[0].previous() if has_opening else None
    assert sum(head_count_weights(months, opening, method).values()) == pytest.approx(1)


def test_usual_variance_does_not_let_a_step_hide_itself() -> None:
    steady = [10.0, 11.0, 10.0, 11.0, 10.0, 11.0]
    stepped = [10.0, 11.0, 10.0, 30.0, 31.0, 30.0]
    assert usual_variance(stepped) < np.var(stepped, ddof=1)
    assert usual_variance(steady) == pytest.approx((1 / 1.128) ** 2)
