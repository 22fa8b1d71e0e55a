"""The two budget years of the sample, and counting Mondays to Fridays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

FIRST_DAY = date(2024, 7, 1)
LAST_DAY = date(2026, 6, 30)
BURN_IN = date(2024, 1, 1)  # absences are thrown from here on, so that July 2024 opens with people away
DAY = timedelta(days=1)


@cache
def next_month(day: date) -> date:
    """The first day of the month after the day's."""
    return (day.replace(day=28) + 4 * DAY).replace(day=1)


@cache
def last_day(month: date) -> date:
    return next_month(month) - DAY


@cache
def months(first: date = FIRST_DAY, last: date = LAST_DAY) -> tuple[date, ...]:
    """The first days of all months from the one of ``first`` to the one of ``last``."""
    found = [first.replace(day=1)]
    while next_month(found[-1]) <= last:
        found.append(next_month(found[-1]))
    return tuple(found)


@cache
def weekdays(first: date, last: date) -> tuple[date, ...]:
    """Mondays to Fridays from first to last, both included."""
    days = ((first + n * DAY) for n in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() < 5)


def days_later(first: date, working_days: int) -> date:
    """The last day of a spell of so many working days that starts on the weekday ``first``."""
    weeks, rest = divmod(working_days - 1, 5)
    over_weekend = 2 if first.weekday() + rest > 4 else 0
    return first + (weeks * 7 + rest + over_weekend) * DAY


def budget_year(day: date) -> str:
    """The budget year from 1 July that holds the day, as ``2024-25``."""
    start = day.year if day.month >= 7 else day.year - 1
    return f"{start}-{(start + 1) % 100:02d}"
