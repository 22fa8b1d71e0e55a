"""The yardsticks of the attacks: advantage, its interval, the bounds and the likelihood ratio."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from attacks.advantage import Advantage, bound_by_epsilon, bound_by_rho, clopper_pearson, expected
from attacks.likelihood import leaning_of_units, log_ratio


def mass(sigma: int, shift: int = 0) -> np.ndarray:
    """The discrete Gaussian's probabilities around ``shift``, over 12 deviations and more."""
    reach = np.arange(-12 * sigma - 60, 12 * sigma + 61)
    weights = np.exp(-((reach - shift) ** 2) / (2 * sigma**2))
    return weights / weights.sum()


@pytest.mark.parametrize(("hits", "trials"), [(0, 30), (7, 30), (30, 30)])
def test_the_ends_of_an_interval_leave_each_tail_half_the_chance(hits: int, trials: int) -> None:
    low, high = clopper_pearson(hits, trials, 0.01)
    assert low == 0 if hits == 0 else binom.sf(hits - 1, trials, low) == pytest.approx(0.005)
    assert high == 1 if hits == trials else binom.cdf(hits, trials, high) == pytest.approx(0.005)


def test_advantage_is_what_is_accused_rightly_less_what_is_accused_wrongly() -> None:
    truth = np.array([True, True, True, True, False, False])
    accused = np.array([True, True, True, False, True, False])
    found = Advantage.of(accused, truth)
    assert found == Advantage(3, 4, 1, 2) and found.value == 0.25
    low, high = found.interval()
    assert low < 0.25 < high


def test_the_bounds_are_nothing_for_no_loss_and_grow_to_everything() -> None:
    assert bound_by_epsilon(0, 0) == 0 and bound_by_rho(0) == 0
    assert bound_by_epsilon(4, 1e-6) == pytest.approx(math.tanh(2), abs=1e-7)
    assert bound_by_epsilon(50, 0) == pytest.approx(1) and bound_by_rho(9) == 1


@pytest.mark.parametrize("sigma", [1, 2, 6, 30])
@pytest.mark.parametrize("shift", [1, 3, 10])
def test_the_bound_by_rho_is_above_what_the_best_attack_on_one_number_reaches(sigma: int, shift: int) -> None:
    best = np.abs(mass(sigma, shift) - mass(sigma)).sum() / 2
    assert best <= bound_by_rho(shift**2 / (2 * sigma**2))
    assert best == pytest.approx(2 * norm.cdf(shift / sigma / 2) - 1, abs=0.03)


@pytest.mark.parametrize("sigma", [1, 5])
def test_the_likelihood_ratio_is_that_of_the_discrete_gaussian(sigma: int) -> None:
    reach = np.arange(-12 * sigma - 60, 12 * sigma + 61)
    near = np.abs(reach) <= 4 * sigma
    ratio = np.log(mass(sigma, 3)[near] / mass(sigma)[near])
    size = near.sum()
    found = log_ratio(
        reach[near] + 70.0, np.full(size, 70.0), np.full(size, 3.0), np.full(size, float(sigma))
    )
    assert found == pytest.approx(ratio)


def test_a_number_without_noise_is_certain_and_a_hidden_one_says_nothing() -> None:
    published, known = np.array([8.0, 7.0, np.nan]), np.full(3, 7.0)
    assert log_ratio(published, known, np.ones(3), np.zeros(3)).tolist() == [math.inf, -math.inf, 0.0]


def test_a_guess_from_unit_rates_reaches_all_that_unit_rates_tell() -> None:
    unit = pd.Series(["A"] * 10 + ["B"] * 10)
    truth = np.array([True] * 6 + [False] * 4 + [True] * 2 + [False] * 8)
    leaning = leaning_of_units(unit, truth)
    assert Advantage.of(leaning > 0, truth).value == pytest.approx(6 / 8 - 4 / 12)
    assert leaning_of_units(pd.Series(["A"] * 20), truth) == pytest.approx(0)


def test_what_is_expected_without_a_leaning_is_the_normal_total_variation() -> None:
    truth, nothing = np.array([True, False]), np.zeros(2)
    assert expected(np.full(2, 0.5), nothing, truth) == pytest.approx(2 * norm.cdf(math.sqrt(0.5) / 2) - 1)
    assert expected(nothing, np.array([1.0, -1.0]), truth) == 1
