"""Privacy loss as exact numbers, and its conversion to the (epsilon, delta) that people quote.

Standard library only, so that a dashboard or an auditor can recompute it anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from privacy.errors import BadPolicy

PICO = 10**12
SMALLEST, LARGEST = Decimal("1e-30"), Decimal(1000)


def exact_decimal(value: Fraction) -> str:
    """The decimal text of a number that was read from one: nothing is rounded.

    >>> exact_decimal(Fraction("1.5e-6"))
    '0.0000015'
    """
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(int(value * 10**places)).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def _positive_number(text: str, name: str) -> Fraction:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadPolicy(f"{name} is not a number; write it in quotes, as in {name} = '4'.") from None
    if not number.is_finite() or number <= 0:
        raise BadPolicy(f"{name} must be finite and above zero, not {text}; no guarantee is possible else.")
    if not SMALLEST <= number <= LARGEST:
        raise BadPolicy(f"{name} must lie between {SMALLEST} and {LARGEST}; nothing beyond has a meaning.")
    return Fraction(number)


@dataclass(frozen=True, order=True)
class Epsilon:
    """The epsilon of (epsilon, delta) differential privacy. Exact, finite, above zero.

    >>> Epsilon.parse("4")
    Epsilon(value=Fraction(4, 1))
    """

    value: Fraction

    @classmethod
    def parse(cls, text: str) -> Epsilon:
        """Read a decimal. Raises BadPolicy unless it is finite and above zero."""
        return cls(_positive_number(text, "epsilon"))

    def __str__(self) -> str:
        return f"{float(self.value):.3g}"


@dataclass(frozen=True, order=True)
class Delta:
    """The delta of (epsilon, delta) differential privacy: above zero and at most one in a thousand."""

    value: Fraction

    @classmethod
    def parse(cls, text: str) -> Delta:
        """Read a decimal. Raises BadPolicy unless it lies above zero and at most at 0.001."""
        value = _positive_number(text, "delta")
        if value > Fraction(1, 1000):
            raise BadPolicy(f"delta must be at most 0.001, not {text}; one in a million is usual.")
        return cls(value)

    def __str__(self) -> str:
        return f"{float(self.value):.0e}"


@dataclass(frozen=True, order=True)
class Rho:
    """Zero-concentrated differential privacy loss, an exact whole number of 1e-12, so sums never drift.

    >>> Rho.down(Fraction(1, 3)) + Rho.down(Fraction(1, 3))
    Rho(pico=666666666666)
    """

    pico: int

    def __post_init__(self) -> None:
        if self.pico < 0:
            raise ValueError("a privacy loss cannot be negative")

    @classmethod
    def up(cls, value: Fraction) -> Rho:
        """The least loss on the grid that is not below the value: for what is spent."""
        return cls(math.ceil(value * PICO))

    @classmethod
    def down(cls, value: Fraction) -> Rho:
        """The greatest loss on the grid that is not above the value: for what may be spent."""
        return cls(math.floor(value * PICO))

    @property
    def value(self) -> Fraction:
        return Fraction(self.pico, PICO)

    def __add__(self, other: Rho) -> Rho:
        return Rho(self.pico + other.pico)

    def __float__(self) -> float:
        return self.pico / PICO

    def __str__(self) -> str:
        return f"{float(self):.5f}"


def total(losses: Iterable[Rho]) -> Rho:
    """Losses of one person add: adaptive composition of zCDP (Bun and Steinke 2016, lemma 1.7)."""
    return Rho(sum(loss.pico for loss in losses))


def price(cap_squared: int, sigma: int) -> Rho:
    """What one level of a plan item costs a person a year: C²/(2σ²), rounded up with one unit to spare.

    The spare unit (1e-12) absorbs the upward rounding of the sampler's own floating-point map,
    which is compared with this price before each draw.
    """
    return Rho(Rho.up(Fraction(cap_squared, 2 * sigma * sigma)).pico + 1)


def _epsilon_at(order: float, rho: float, delta: float) -> float:
    return order * rho + math.log1p(-1 / order) - math.log(delta * order) / (order - 1)


def epsilon_of(rho: Rho, delta: Delta) -> float:
    """The least epsilon such that a rho-zCDP mechanism is (epsilon, delta) private, rounded up.

    Source: Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020),
    proposition 12: every Rényi order gives a valid bound, and the best order is searched.

    >>> epsilon_of(Rho.down(Fraction(31106, 100000)), Delta.parse("1e-6")) <= 4
    True
    """
    if rho.pico == 0:
        return 0.0
    low, high = math.log(1e-6), math.log(1e7)  # of the order minus one
    loss, slack = float(rho), float(delta.value)
    for _ in range(200):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if _epsilon_at(1 + math.exp(left), loss, slack) < _epsilon_at(1 + math.exp(right), loss, slack):
            high = right
        else:
            low = left
    best = _epsilon_at(1 + math.exp((low + high) / 2), loss, slack)
    return max(0.0, best * (1 + 1e-9) + 1e-9)


def rho_for(epsilon: Epsilon, delta: Delta) -> Rho:
    """The greatest loss whose :func:`epsilon_of` does not exceed epsilon, rounded down."""
    low, high = 0, math.ceil(epsilon.value * PICO)  # rho-zCDP implies epsilon > rho
    while high - low > 1:
        middle = (low + high) // 2
        if epsilon_of(Rho(middle), delta) <= epsilon.value:
            low = middle
        else:
            high = middle
    return Rho(low)
