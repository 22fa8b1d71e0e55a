"""The linear programme behind the reconstruction, on totals small enough to check by eye."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from attacks.reconstruction import solve

PEOPLE = 12
# Every two and every three neighbours on a ring: enough overlapping sets to tell all people apart.
SETS = np.array(
    [[(i - n) % PEOPLE < size for i in range(PEOPLE)] for size in (2, 3) for n in range(PEOPLE)]
).astype(float)
FACTS = np.array([1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0], dtype=float)
NOTHING = np.zeros(PEOPLE)


def solved(totals: np.ndarray, deviation: float, leaning: np.ndarray = NOTHING) -> np.ndarray:
    return solve(csr_array(SETS), totals, np.full(len(totals), deviation), leaning)


def test_exact_totals_of_overlapping_sets_give_everybodys_fact() -> None:
    assert np.allclose(solved(SETS @ FACTS, 0), FACTS)


def test_a_wrong_leaning_does_not_outweigh_exact_totals() -> None:
    assert np.allclose(solved(SETS @ FACTS, 0, np.where(FACTS == 1, -2.0, 2.0)), FACTS)


def test_one_false_total_among_many_does_not_mislead() -> None:
    totals = SETS @ FACTS
    totals[-1] += 3
    assert np.allclose(solved(totals, 0), FACTS)


def test_hidden_totals_are_left_out() -> None:
    totals = SETS @ FACTS
    totals[PEOPLE:] = np.nan
    found = solved(totals, 0)
    assert np.allclose((SETS @ found)[:PEOPLE], totals[:PEOPLE])


def test_with_much_noise_the_rates_of_units_decide() -> None:
    leaning = np.where(np.arange(PEOPLE) < 6, 3.0, -3.0)
    assert np.allclose(solved(SETS @ FACTS, 1000, leaning), leaning > 0)
