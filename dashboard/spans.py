"""Days, months and longer spans: read as they are published, said as people say them."""

from __future__ import annotations

from datetime import date

from privacy.periods import Period

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTH, QUARTER = 1, 3


def span_of(period: str) -> tuple[Period, int]:
    """The last month of a published period, and its window: how many months it holds.

    >>> [(str(last), window) for last, window in map(span_of, ("2026-06", "2026-Q2", "2026-06/P12M"))]
    [('2026-06', 1), ('2026-06', 3), ('2026-06', 12)]
    """
    text, _, window = period.partition("/P")
    whole = Period.parse(text)
    return whole.months[-1], int(window.rstrip("M")) if window else whole.cadence.value


def month_name(month: Period) -> str:
    return f"{MONTHS[month.first_day.month - 1]} {month.first_day.year}"


def day_name(day: date) -> str:
    """``22 Nov 2026``."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def period_name(month: Period, window: int) -> str:
    """The months of a window: ``June 2026``, ``April to June 2026``, ``the 12 months to June 2026``."""
    if window == QUARTER:
        return f"{MONTHS[month.previous(2).first_day.month - 1]} to {month_name(month)}"
    return month_name(month) if window == MONTH else f"the {window} months to {month_name(month)}"


def window_name(window: int) -> str:
    return {MONTH: "One month", QUARTER: "Quarter"}.get(window, f"{window} months")
