"""Calendars with a row a person and a column a day, and an agency whose roster holds those people."""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ingest_folder import ROSTER_COLUMNS, Agency

ROSTER = f'[exports.staff]\nfile = "staff.csv"\ncovers = ["2024-01", "2026-12"]\n{ROSTER_COLUMNS}'
MONTHS = ("January", "Feb.", "März", "avril", "May", "06", "Juli", "Aug", "Sept", "octubre", "nov", "Dez")
PEOPLE = [f"p{n}" for n in range(1, 6)]
Cells = dict[tuple[str, date], str]


def grid(year: int, cells: Cells, *, days: int = 31, months: Sequence[int] = range(1, 13)) -> list[list[str]]:
    """A year's grid as spreadsheets have it: merged months, 31 days in each, a column of totals."""
    upper, lower = ["Pers No", "Name"], ["", ""]
    for month in months:
        upper += [f"{MONTHS[month - 1]}", *[""] * (days - 1)]
        lower += [str(day) for day in range(1, days + 1)]
    rows = [[*upper, ""], [*lower, "Total"]]
    for person in PEOPLE:
        found = [
            cells.get((person, date(year, month, day)), "") if day <= monthrange(year, month)[1] else ""
            for month in months
            for day in range(1, days + 1)
        ]
        rows.append([person, "Somebody", *found, str(sum(map(bool, found)))])
    return rows


def text_of(rows: Sequence[Sequence[str]]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue()


def agency_with(root: Path, mapping: str) -> Agency:
    """An agency of these people with a mapping beside the roster's."""
    agency = Agency.empty(root, ROSTER + mapping)
    agency.put("staff.csv", "Id,Unit,Job,From\n" + "".join(f"{who},U1,worker,2020-01-01\n" for who in PEOPLE))
    return agency
