"""Calendar periods: the months and quarters in which a person is measured, and budget years."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum


class Cadence(Enum):
    """How often an item is measured; the value is the number of months in a period."""

    MONTH = 1
    QUARTER = 3

    @property
    def a_year(self) -> int:
        """Periods in any twelve consecutive months."""
        return 12 // self.value

    @classmethod
    def parse(cls, text: str) -> Cadence:
        return {"month": cls.MONTH, "quarter": cls.QUARTER}[text]

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Period:
    """One month or calendar quarter, numbered without gaps within its cadence.

    >>> str(Period.parse("2026-03")), str(Period.parse("2026-Q1")), str(Period.parse("2026-03").previous(3))
    ('2026-03', '2026-Q1', '2025-12')
    """

    cadence: Cadence
    index: int

    def __hash__(self) -> int:
        """Cheap, because periods are keys wherever a number is made; few months share one with a quarter."""
        return self.index

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2026-03`` or ``2026-Q1``. Raises ValueError for anything else."""
        if match := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text):
            return cls(Cadence.MONTH, int(match[1]) * 12 + int(match[2]) - 1)
        if match := re.fullmatch(r"(\d{4})-Q([1-4])", text):
            return cls(Cadence.QUARTER, int(match[1]) * 4 + int(match[2]) - 1)
        raise ValueError(f"'{text}' is not a period; write a month as 2026-03 or a quarter as 2026-Q1")

    @classmethod
    def holding(cls, day: date, cadence: Cadence = Cadence.MONTH) -> Period:
        return cls(cadence, (day.year * 12 + day.month - 1) // cadence.value)

    def __str__(self) -> str:
        year, part = divmod(self.index, self.cadence.a_year)
        return f"{year:04d}-{part + 1:02d}" if self.cadence is Cadence.MONTH else f"{year:04d}-Q{part + 1}"

    @property
    def first_day(self) -> date:
        year, month = divmod(self.index * self.cadence.value, 12)
        return date(year, month + 1, 1)

    @property
    def last_day(self) -> date:
        return self.previous(-1).first_day - timedelta(days=1)

    @property
    def months(self) -> tuple[Period, ...]:
        first = self.index * self.cadence.value
        return tuple(Period(Cadence.MONTH, first + step) for step in range(self.cadence.value))

    def ending(self, cadence: Cadence) -> Period | None:
        """The period of a cadence that ends with this one, if one does.

        >>> str(Period.parse("2026-03").ending(Cadence.QUARTER))
        '2026-Q1'
        >>> Period.parse("2026-04").ending(Cadence.QUARTER) is None
        True
        """
        whole, rest = divmod(self.months[-1].index + 1, cadence.value)
        return None if rest else Period(cadence, whole - 1)

    @property
    def endings(self) -> tuple[Period, ...]:
        """The periods of every cadence that end with this one, the shortest first."""
        found = (self.ending(cadence) for cadence in Cadence)
        return tuple(period for period in found if period is not None)

    def previous(self, steps: int = 1) -> Period:
        return Period(self.cadence, self.index - steps)

    def trailing(self, count: int) -> tuple[Period, ...]:
        """The ``count`` consecutive periods that end with this one, oldest first."""
        return tuple(self.previous(steps) for steps in reversed(range(count)))


@dataclass(frozen=True)
class BudgetYear:
    """Twelve months for which the policy promises one loss; named by its first month.

    >>> str(BudgetYear.of(Period.parse("2026-03"), starts=7))
    '2025-07'
    """

    first: Period

    @classmethod
    def parse(cls, text: str, *, starts: int) -> BudgetYear:
        """Read ``2025-07``. Raises ValueError unless it is a month in which budget years start."""
        month = Period.parse(text)
        if cls.of(month, starts=starts).first != month:
            raise ValueError(f"budget years start in month {starts:02d}, so '{text}' names none")
        return cls(month)

    @classmethod
    def of(cls, period: Period, *, starts: int) -> BudgetYear:
        """The year in which the period ends, for years that start in month ``starts`` (1 to 12)."""
        last = period.months[-1].index
        return cls(Period(Cadence.MONTH, last - (last - (starts - 1)) % 12))

    @property
    def last(self) -> Period:
        """The last month of the year."""
        return self.first.previous(-11)

    def holds(self, period: Period) -> bool:
        """Whether the period ends in this year."""
        return self.first.index <= period.months[-1].index < self.first.index + 12

    def __str__(self) -> str:
        return str(self.first)

    @property
    def title(self) -> str:
        """As people say it: ``2025/26``, or ``2026`` for a calendar year."""
        year, month = self.first.first_day.year, self.first.first_day.month
        return str(year) if month == 1 else f"{year}/{(year + 1) % 100:02d}"
