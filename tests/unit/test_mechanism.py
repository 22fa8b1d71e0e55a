"""The gate before the noise: no draw that would cost more than was signed, and every one that does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.accounting import Rho, price
from privacy.errors import BudgetRefused
from privacy.mechanism import DiscreteGaussian, root_above

SECRET = 7_654_321


@pytest.fixture
def no_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenDP's map as it is, and a sampler that must not be reached."""
    real = DiscreteGaussian._measurement

    def guarded(cap_squared: int, sigma: int) -> tuple[Any, float]:
        def drawn(_: Sequence[int]) -> list[int]:
            raise AssertionError("something was drawn")

        return drawn, real(cap_squared, sigma)[1]

    monkeypatch.setattr(DiscreteGaussian, "_measurement", staticmethod(guarded))


@pytest.mark.usefixtures("no_draw")
@pytest.mark.parametrize(("cap_squared", "sigma"), [(100, 0), (100, 9), (101, 10), (10**6, 1)])
def test_a_draw_that_costs_more_than_signed_is_refused_before_it(cap_squared: int, sigma: int) -> None:
    """A scale of 0 (which OpenDP takes, and returns the exact value), a smaller one, a larger cap."""
    with pytest.raises(BudgetRefused) as refused:
        DiscreteGaussian().draw([SECRET], cap_squared=cap_squared, sigma=sigma, signed=price(100, 10))
    assert str(SECRET) not in str(refused.value)


@pytest.mark.parametrize("cap_squared", [100, 101])
def test_the_last_grain_of_what_was_signed_may_be_drawn(cap_squared: int) -> None:
    """A loss that is exactly what was signed is within it; one grain less is not."""
    loss = DiscreteGaussian._measurement(cap_squared, 10)[1]
    exactly = SimpleNamespace(value=Fraction(loss))
    assert len(DiscreteGaussian().draw([0], cap_squared=cap_squared, sigma=10, signed=exactly)) == 1
    with pytest.raises(BudgetRefused) as refused:
        DiscreteGaussian().draw(
            [0],
            cap_squared=cap_squared,
            sigma=10,
            signed=SimpleNamespace(value=Fraction(loss) - Fraction(1, 10**30)),
        )
    assert str(refused.value) == "A draw would cost more than was signed for it; nothing was drawn."


@pytest.mark.usefixtures("no_draw")
def test_no_scale_below_zero_reaches_the_sampler() -> None:
    with pytest.raises(Exception, match=r".") as refused:
        DiscreteGaussian().draw([SECRET], cap_squared=100, sigma=-10, signed=Rho(10**15))
    assert not isinstance(refused.value, AssertionError) and str(SECRET) not in str(refused.value)


@given(st.integers(1, 2**40), st.integers(1, 2**21))
def test_a_draw_at_its_signed_price_is_never_refused(cap_squared: int, sigma: int) -> None:
    """As far as losses go that a policy could allow: the spare grain takes up OpenDP's rounding."""
    loss = DiscreteGaussian._measurement(cap_squared, sigma)[1]
    exact = Fraction(cap_squared, 2 * sigma**2)
    if exact <= 100:
        assert exact <= Fraction(loss) * (1 + Fraction(1, 10**12))
        assert Fraction(loss) <= price(cap_squared, sigma).value


@given(st.integers(1, 2**40))
def test_the_distance_told_to_the_sampler_is_not_below_the_cap(square: int) -> None:
    root = root_above(square)
    assert Fraction(root) ** 2 >= square
    assert Fraction(math.nextafter(root, 0)) ** 2 < square or root == math.sqrt(square)


def test_one_noisy_whole_number_a_group() -> None:
    drawn = DiscreteGaussian().draw([1, 2, 3], cap_squared=100, sigma=10, signed=price(100, 10))
    assert len(drawn) == 3 and all(type(value) is int for value in drawn)


def test_a_level_without_groups_draws_nothing() -> None:
    assert DiscreteGaussian().draw([], cap_squared=100, sigma=10, signed=price(100, 10)) == []
