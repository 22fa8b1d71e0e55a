"""Numbers as people read them: as many digits as the margin allows, always with their unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

SPACE = "\u00a0"
FINEST, PEOPLE = 0.01, "people"
SHORT_UNITS = {"hours a month": "h"}


def step_for(margin: float, finest: float = FINEST) -> float:
    """The place to round to: the power of ten of which the margin holds at least two.

    >>> step_for(2.0), step_for(0.5), step_for(40.0)
    (1.0, 0.1, 10.0)
    """
    if not math.isfinite(margin) or margin <= 0:
        return max(finest, 0.1)
    return max(10.0 ** math.floor(math.log10(margin / 2)), finest)


def rounded(value: float, step: float) -> str:
    """A number at a step, with thousands apart and no minus before zero.

    >>> rounded(2334.7, 10.0), rounded(4.5449, 0.1), rounded(-0.2, 1.0)
    ('2,330', '4.5', '0')
    """
    decimals = max(0, -round(math.log10(step)))
    number = round(value / step) * step
    return f"{number + 0.0:,.{decimals}f}" if abs(number) >= step / 2 else f"{0:.{decimals}f}"


def unit_words(unit: str, *, short: bool = False) -> str:
    """The unit with the blank before it."""
    return SPACE + (SHORT_UNITS.get(unit, unit) if short else unit)


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval, in ``unit``."""

    value: float
    low: float
    high: float
    unit: str

    @property
    def margin(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2

    @property
    def step(self) -> float:
        return step_for(self.margin, 1.0 if self.unit == PEOPLE else FINEST)

    @property
    def number(self) -> str:
        return rounded(self.value, self.step)

    @property
    def text(self) -> str:
        """``4.5 %``, with a short unit."""
        return self.number + unit_words(self.unit, short=True)

    @property
    def range(self) -> str:
        """``4.0–5.1 %``, with a short unit."""
        low, high = rounded(self.low, self.step), rounded(self.high, self.step)
        return f"{low}–{high}{unit_words(self.unit, short=True)}"

    @property
    def give_or_take(self) -> str:
        """``± 40``, in the unit."""
        return f"±{SPACE}{rounded(self.margin, self.step)}"
