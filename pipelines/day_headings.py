"""Headings that are days: a number below a month's name, a number of the one month meant, or a whole date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipelines.dateformat import DateFormat
from privacy.errors import BadExport
from privacy.periods import Cadence, Period

# What calendars in English, German, French, Spanish, Italian and Dutch call each month.
_NAMES = (
    "january jan januar jänner janvier janv enero ene gennaio gen januari",
    "february feb februar februari février févr fév febrero febbraio",
    "march mar märz mär mrz mars marzo maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag mei",
    "june jun juni juin junio giugno giu",
    "july jul juli juillet juil julio luglio lug",
    "august aug août aou aoû agosto ago augustus",
    "september sep sept septembre septiembre settembre set",
    "october oct oktober okt octobre octubre ottobre ott",
    "november nov novembre noviembre",
    "december dec dezember dez décembre déc diciembre dic dicembre",
)
MONTH_OF = {name: month for month, names in enumerate(_NAMES, start=1) for name in names.split()}
DAY_NUMBER = re.compile(r"(?:[^\W\d]{1,3}[.]? ?)?(0?[1-9]|[12][0-9]|3[01])[.]?(?: ?[^\W\d]{1,3}[.]?)?")
_NAMED = re.compile(r"([^\W\d]+)[.]?(?:[ -/.']*(\d{4}|\d{2}))?")
_NUMBERED = re.compile(r"(?P<year>\d{4})[-/. ](?P<month>\d{1,2})|(?P<m>\d{1,2})(?:[-/. ](?P<y>\d{4}))?")
WEEKDAY = re.compile(r"[^\W\d]{1,3}[.]?")


@dataclass(frozen=True)
class DayColumn:
    """A column that is a day: ``text`` is it as the mapping writes dates; of 31 April it is no date."""

    place: int
    text: str


def day_columns(
    file: str, header: Sequence[str], months: Sequence[Period], date_format: DateFormat
) -> tuple[DayColumn, ...]:
    """The columns of a header that are days, in the order of the file.

    Args:
        months: those that the days may be of; none where every heading says its year.

    Raises:
        BadExport: a day's month or year is not known or among those, a day occurs twice, or there is none.
    """
    found = []
    for place, heading in enumerate(header):
        *upper, lowest = _without_weekday(heading.split(" / "))
        if (day := _written(lowest, date_format)) is not None:
            _check(file, place, Period.holding(day), months)
            found.append(DayColumn(place, date_format.write(day)))
        elif number := DAY_NUMBER.fullmatch(lowest):
            month = _month(" ".join(upper), months, date_format)
            month = _check(file, place, month, months)
            found.append(DayColumn(place, _text(month, int(number[1]), date_format)))
    texts = [each.text for each in found]
    if twice := next((each for each in found if texts.count(each.text) > 1), None):
        raise BadExport(f"{file}: the day of column {twice.place + 1} has another column; keep one of them.")
    if not found:
        raise BadExport(
            f"{file}: no heading is a day; correct 'header_line', 'header_lines' or 'date_format'."
        )
    return tuple(found)


def _without_weekday(parts: list[str]) -> list[str]:
    """A month and a day without the weekday that stands below either of them."""
    for place in range(len(parts) - 1, 0, -1):
        if WEEKDAY.fullmatch(parts[place]):
            return [*parts[:place], *parts[place + 1 :]]
    return parts


def _written(text: str, date_format: DateFormat) -> date | None:
    """A whole date as the mapping writes them."""
    if not re.fullmatch(date_format.pattern, text):
        return None
    try:
        return datetime.strptime(text, date_format.text.replace("%-", "%")).date()
    except ValueError:
        return None


def _month(text: str, months: Sequence[Period], date_format: DateFormat) -> Period | None:
    """The month that stands above a day; the only one meant where a weekday or nothing does."""
    if (day := _written(text, date_format)) is not None:
        return Period.holding(day)
    named, numbered = _NAMED.fullmatch(text.casefold()), _NUMBERED.fullmatch(text)
    if named and named[1] in MONTH_OF:
        return _in_year(MONTH_OF[named[1]], named[2], months)
    if numbered:
        return _in_year(int(numbered["month"] or numbered["m"]), numbered["year"] or numbered["y"], months)
    is_free = not text or WEEKDAY.fullmatch(text)
    return months[0] if is_free and len(months) == 1 else None


def _in_year(month: int, year: str | None, months: Sequence[Period]) -> Period | None:
    if not 1 <= month <= 12:
        return None
    if year is not None:
        return Period(Cadence.MONTH, (int(year) if len(year) == 4 else 2000 + int(year)) * 12 + month - 1)
    found = [each for each in months if each.first_day.month == month]
    return found[0] if len(found) == 1 else None


def _check(file: str, place: int, month: Period | None, months: Sequence[Period]) -> Period:
    """The same month. A day that could not be told apart would be lost with all its cells, so the file is."""
    if month is None or (months and month not in months):
        raise BadExport(
            f"{file}: column {place + 1} is headed like a day, but its month or year is not known or is "
            "outside of 'period'; correct 'period' in the mapping or the headings."
        )
    return month


def _text(month: Period, number: int, date_format: DateFormat) -> str:
    try:
        return date_format.write(month.first_day.replace(day=number))
    except ValueError:
        return f"day {number} of {month}"
