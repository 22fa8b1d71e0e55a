"""Windows: the months that a cell speaks of, and the periods by which they can be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metrics.indicators import Indicator
from metrics.rules import MONTH, QUARTER, YEAR, ReadingRules
from privacy.periods import Cadence, Period


@dataclass(frozen=True)
class Window:
    """A month, a calendar quarter or twelve months: the ``length`` months that end with ``last``.

    >>> Window(Period.parse("2026-03"), 3).name, Window(Period.parse("2026-03"), 12).name
    ('2026-Q1', '2026-03/P12M')
    """

    last: Period
    length: int

    @property
    def quarter(self) -> Period | None:
        """The quarter that ends with the window, if one does."""
        return self.last.ending(Cadence.QUARTER)

    @property
    def name(self) -> str:
        if self.length == YEAR:
            return f"{self.last}/P{YEAR}M"
        return str(self.quarter if self.length == QUARTER else self.last)

    @property
    def ways(self) -> tuple[tuple[Period, ...], ...]:
        """The runs of periods that make up the window, the one to prefer first."""
        quarters = self.quarter.trailing(self.length // QUARTER) if self.quarter else ()
        months = self.last.trailing(self.length)
        known = {MONTH: (months,), QUARTER: (quarters,), YEAR: (months, quarters)}
        return tuple(way for way in known[self.length] if way)


def windows_ending(rules: ReadingRules, indicator: Indicator, month: Period) -> Iterator[Window]:
    """The windows of an indicator that end with a month."""
    for length in rules.windows(indicator):
        window = Window(month, length)
        if window.ways:
            yield window
