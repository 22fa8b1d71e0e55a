"""95 % intervals hold what was measured, under the real mechanism: a named false-alarm rate, no seed."""

from __future__ import annotations

import math

import pytest

from metrics.estimates import Moments, estimate_leaves, membership, ratio
from privacy.accounting import price
from privacy.groups import GroupTree, Unit, plan_groups
from privacy.mechanism import DiscreteGaussian

FALSE_ALARM = 1e-6  # chance that one correct case fails
ROUNDS = 1500
LEVELS = ("organisation", "division", "programme")
CAP = 12


@pytest.fixture(scope="module")
def tree() -> GroupTree:
    programmes = [Unit(f"P{n}", f"P{n}", "AB"[n % 2], 100, "x") for n in range(6)]
    heads = (Unit("O", "O", None, 0, "x"), Unit("A", "A", "O", 0, "x"), Unit("B", "B", "O", 0, "x"))
    return plan_groups((*heads, *programmes), LEVELS, 10)


def noisy(tree: GroupTree, exact: dict[str, int], sigmas: dict[str, int]) -> dict[str, int]:
    draws: dict[str, int] = {}
    for level, sigma in sigmas.items():
        ids = [group.id for group in tree.at(level)]
        totals = [exact[group] for group in ids]
        noise = DiscreteGaussian().draw(totals, cap_squared=CAP, sigma=sigma, signed=price(CAP, sigma))
        draws |= dict(zip(ids, noise, strict=True))
    return draws


def totals(tree: GroupTree, per_programme: int) -> dict[str, int]:
    leaf = {leaf.id: per_programme if leaf.id.startswith("P") else 0 for leaf in tree.leaves}
    return {
        group.id: sum(n for name, n in leaf.items() if group in tree.ancestry(name)) for group in tree.groups
    }


@pytest.mark.parametrize("group", ["O", "A", "P3"])
def test_a_rates_interval_covers_the_realised_rate(tree: GroupTree, group: str) -> None:
    sigmas_n, sigmas_d = {"organisation": 6, "division": 5, "programme": 5}, dict.fromkeys(LEVELS, 8)
    top, below = totals(tree, 20), totals(tree, 100)
    rows = membership(tree)
    place = [g.id for g in tree.groups].index(group)
    hits = 0
    for _ in range(ROUNDS):
        n = estimate_leaves(tree, tuple(sigmas_n.items()), noisy(tree, top, sigmas_n))
        d = estimate_leaves(tree, tuple(sigmas_d.items()), noisy(tree, below, sigmas_d))
        row = rows[place : place + 1]
        variances = [row @ leaves.covariance @ row.T for leaves in (n, d)]
        moments = Moments(row @ n.mean, row @ d.mean, variances[0][0], variances[1][0], 0 * variances[0][0])
        cell = ratio(0, moments, 1.0)
        assert cell.low is not None and cell.high is not None
        hits += cell.low <= top[group] / below[group] <= cell.high
    assert abs(hits / ROUNDS - 0.95) <= allowed_gap()


def allowed_gap() -> float:
    """Beyond this the share of hits lies less often than the false-alarm rate, and half a point more
    for the rounding of whole-number noise."""
    deviations = math.sqrt(2 * math.log(2 / FALSE_ALARM))  # of a sub-Gaussian tail
    return deviations * math.sqrt(0.95 * 0.05 / ROUNDS) + 0.005
