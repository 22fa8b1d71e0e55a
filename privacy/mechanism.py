"""Where noise is drawn: the only module that imports OpenDP, the only randomness in a release."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

from privacy.accounting import Rho
from privacy.errors import BudgetRefused


class Mechanism(Protocol):
    """Turns the exact totals of a level into those that may be published."""

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        """One vector of noisy totals. Raises BudgetRefused when the draw would cost more than signed."""
        ...


class DiscreteGaussian:
    """OpenDP's discrete Gaussian on a vector of 64-bit integers, one call a measurement.

    Two neighbours differ by one whole number in one cell, whose square a year's cap bounds, so the
    L2 distance is at most C. Source: Canonne, Kamath and Steinke (2020).
    """

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        measurement, loss = self._measurement(cap_squared, sigma)
        # OpenDP accepts a scale of 0 and then returns the exact value, at an infinite loss.
        if not math.isfinite(loss) or Fraction(loss) > signed.value:
            raise BudgetRefused("A draw would cost more than was signed for it; nothing was drawn.")
        return [int(value) for value in measurement(list(totals))]

    @staticmethod
    def _measurement(cap_squared: int, sigma: int) -> tuple[Any, float]:
        import opendp.prelude as dp

        dp.enable_features("contrib")
        measurement = dp.m.make_gaussian(
            dp.vector_domain(dp.atom_domain(T=dp.i64)), dp.l2_distance(T=float), float(sigma)
        )
        return measurement, float(measurement.map(root_above(cap_squared)))  # type: ignore[no-untyped-call]


def root_above(square: int) -> float:
    """A float that is not below the square root of a whole number.

    >>> root_above(4), root_above(2) ** 2 >= 2
    (2.0, True)
    """
    root = math.sqrt(square)
    while Fraction(root) ** 2 < square:
        root = math.nextafter(root, math.inf)
    return root
