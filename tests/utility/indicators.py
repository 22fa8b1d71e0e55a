"""The four indicators that are compared, of whatever totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from utility.workforce import Floats


@dataclass(frozen=True)
class Indicator:
    """A ratio of two totals in the unit that people read; none is published outside 0 to ``highest``.

    ``people`` is the total of those of whom it speaks.
    """

    name: str
    numerator: str
    denominator: str
    factor: float
    highest: float
    people: str = "employed"

    def of(self, totals: Callable[[str], Floats]) -> Floats:
        """The values of some totals, as well as they can be taken: a unit has somebody in it."""
        people = np.maximum(totals(self.denominator), LEAST[self.denominator])
        return np.clip(self.factor * totals(self.numerator) / people, 0, self.highest)


LEAST: Mapping[str, float] = {"employed": 1.0, "case_holders": 1.0, "scheduled_hours": 600.0}
INDICATORS = (
    Indicator("absence rate, points", "absent_hours", "scheduled_hours", 100.0, 100.0),
    Indicator("turnover, points", "left", "employed", 100.0, 100.0),
    Indicator("open cases a holder", "open_cases", "case_holders", 1.0, 60.0, "case_holders"),
    Indicator("exposure hours a person", "exposure_hours", "employed", 0.25, 200.0),
)
