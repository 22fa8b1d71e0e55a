"""The stated epsilon against the privacy profile itself, summed and integrated with fifty digits.

The profile of a mechanism is the least delta for an epsilon: the sum (integral) of max(0, p - e^ε q) over
its outcomes. No formula of the product's is used for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import takewhile

import pytest
from test_accounting import opendp_epsilon

from privacy.accounting import PICO, Delta, Epsilon, Rho, epsilon_of, price, rho_for

PI = Decimal("3.14159265358979323846264338327950288419716939937511")
STEPS = 1200
CASES = [(rho, delta) for rho in ("0.01", "0.31106", "3.1106") for delta in ("1e-3", "1e-6", "1e-12")]


@contextmanager
def fifty_digits() -> Iterator[None]:
    with localcontext() as context:
        context.prec = 50
        yield


def gaussian_profile(rho: Decimal, epsilon: Decimal) -> Decimal:
    """Delta of a Gaussian at loss rho: Simpson's rule on p - e^ε q beyond where the two are equal.

    With means √(2ρ) = μ apart and deviation 1 they are equal at ε/μ + μ/2.
    """
    mean = (2 * rho).sqrt()
    start, width = epsilon / mean + mean / 2, Decimal(14) / STEPS

    def excess(x: Decimal) -> Decimal:
        return (-((x - mean) ** 2) / 2).exp() - (epsilon - x * x / 2).exp()

    inner = (excess(start + step * width) * (4 if step % 2 else 2) for step in range(1, STEPS))
    whole = excess(start) + sum(inner, Decimal(0)) + excess(start + STEPS * width)
    return whole * width / 3 / (2 * PI).sqrt()


def discrete_profile(distance: int, sigma: int, epsilon: Decimal) -> Decimal:
    """Delta of the discrete Gaussian of scale sigma for totals ``distance`` apart, summed term by term."""

    def weight(x: int) -> Decimal:
        return (Decimal(-x * x) / (2 * sigma * sigma)).exp()

    reach = 15 * sigma + distance
    whole = sum((weight(x) for x in range(-reach, reach + 1)), Decimal(0))
    factor = epsilon.exp()
    terms = (weight(x - distance) - factor * weight(x) for x in range(reach, -reach, -1))
    return sum(takewhile(lambda term: term > 0, terms), Decimal(0)) / whole


@pytest.mark.parametrize(("rho", "delta"), CASES)
def test_the_stated_epsilon_holds_by_the_integral_of_the_gaussian_profile(rho: str, delta: str) -> None:
    """And is no more than a quarter above the epsilon at which the integral is delta."""
    stated = epsilon_of(Rho.up(Fraction(rho)), Delta.parse(delta))
    with fifty_digits():
        assert gaussian_profile(Decimal(rho), Decimal(stated)) <= Decimal(delta)
        assert gaussian_profile(Decimal(rho), Decimal(stated) * Decimal("0.8")) > Decimal(delta)


def test_the_integral_is_the_known_profile_of_a_gaussian() -> None:
    """At ε = 0 it is 2Φ(μ/2) - 1, the total variation: 0.38292492254802620728 for μ = 1."""
    with fifty_digits():
        assert abs(
            gaussian_profile(Decimal("0.5"), Decimal(0)) - Decimal("0.38292492254802620728")
        ) < Decimal("1e-9")


@pytest.mark.parametrize("delta", ["1e-3", "1e-6", "1e-12"])
@pytest.mark.parametrize(("distance", "sigma"), [(1, 1), (2, 1), (1, 2), (3, 4), (5, 5), (10, 14), (60, 50)])
def test_the_stated_epsilon_holds_for_the_whole_number_noise_that_is_drawn(
    distance: int, sigma: int, delta: str
) -> None:
    stated = epsilon_of(price(distance**2, sigma), Delta.parse(delta))
    with fifty_digits():
        assert discrete_profile(distance, sigma, Decimal(stated)) <= Decimal(delta)


def test_the_continuous_formula_is_no_bound_for_small_whole_number_noise() -> None:
    """Why the product's loss is that of zCDP: at scale 1 the discrete profile exceeds the Gaussian's."""
    with fifty_digits():
        epsilon = Decimal("2")
        assert discrete_profile(1, 1, epsilon) > gaussian_profile(Decimal("0.5"), epsilon)


@pytest.mark.parametrize("epsilon", ["0.5", "1", "4", "8.8"])
def test_opendp_promises_what_the_policy_does_for_the_loss_that_it_allows(epsilon: str) -> None:
    rho = rho_for(Epsilon.parse(epsilon), Delta.parse("1e-6"))
    assert opendp_epsilon(float(rho), 1e-6) <= float(epsilon)
    assert opendp_epsilon(float(rho) * (1 + 1e-6) + 1 / PICO, 1e-6) > float(epsilon)
