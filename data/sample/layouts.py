"""The exports as three different systems print them: headings, formats, trailing blanks, broken rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from broken import (
    Planted,
    Row,
    broken_absences,
    broken_census,
    broken_exposure,
    broken_leavers,
    broken_staff,
    put_in,
)
from case_work import Census, Exposure
from dice import Dice
from files import PLAIN, Csv, write_csv, write_xlsx
from months import budget_year
from staffing import Person
from time_away import Absence

SLASHED, DOTTED = "%d/%m/%Y", "%d.%m.%Y"
GRADES = {"Team supervisor": "B5", "Care assistant": "B2", "Support officer": "B3"}
BLANK_AFTER = 0.01  # of the text cells named below
BLANKS = ("  ", " ", "    ")
SHEET = "Assignments"

STAFF_HEADING = (
    "Employee No",
    "Cost centre",
    "Job title",
    "Grade",
    "Assignment start",
    "Assignment end",
    "Contract hours",
    "Line manager (Y/N)",
)
LEAVERS_HEADING = ("Staff ID", "Last day", "Leaving reason", "Notice weeks")
ABSENCE_HEADING = ("Emp Ref", "First day", "Last day", "Hours lost", "Absence type", "Paid")
CENSUS_HEADING = ("Worker", "Census date", "Open cases", "Of which trauma")
EXPOSURE_HEADING = ("Personnel number", "Month", "Direct h", "Indirect h", "Critical incidents")


@dataclass(frozen=True)
class Export:
    """One file of the folder: rows in order, the heading on line 1 not among them."""

    file: str
    heading: Sequence[str]
    rows: list[Row]
    planted: list[Planted]
    form: Csv = PLAIN

    def write(self, folder: Path) -> None:
        path = folder / self.file
        if path.suffix == ".xlsx":
            write_xlsx(path, SHEET, self.heading, self.rows)
        else:
            write_csv(path, self.heading, self.rows, self.form)


def leave_blanks(rows: list[Row], columns: Sequence[int], key: str) -> None:
    """Let some cells of these columns end with blanks, as fixed-width systems do."""
    dice = Dice("blanks", key)
    for row in rows:
        for column in columns:
            if dice.chance(BLANK_AFTER):
                row[column] = f"{row[column]}{dice.pick(BLANKS)}"


def comma(hours: float) -> str:
    return f"{hours:.2f}".replace(".", ",")


def staff_export(people: list[Person], healthy: list[str]) -> Export:
    """One row per assignment spell, by person and start."""
    spells = sorted((p.person_id, s.start, s.unit_id, s) for p in people for s in p.spells)
    rows: list[Row] = [
        [
            person_id,
            spell.unit_id,
            spell.role.title,
            GRADES.get(spell.role.title, "B4"),
            start.strftime(SLASHED),
            spell.end.strftime(SLASHED) if spell.end else "",
            spell.weekly_hours,
            "Y" if spell.role.is_supervisor else "N",
        ]
        for person_id, start, _, spell in spells
    ]
    leave_blanks(rows, (0, 1), "staff")
    file = "Staff assignments.xlsx"
    return Export(file, STAFF_HEADING, rows, put_in(file, rows, broken_staff(healthy)))


def leavers_export(people: list[Person], healthy: list[str]) -> Export:
    """One row per leaving, by day."""
    dice = Dice("notice")
    exits = sorted((one.day, person.person_id, one.reason) for person in people for one in person.exits)
    rows: list[Row] = [
        [person_id, day.strftime(DOTTED), reason, dice.pick((4, 8, 12))] for day, person_id, reason in exits
    ]
    leave_blanks(rows, (2,), "leavers")
    file, form = "Leavers.csv", Csv("cp1252", ";", "\r\n")
    return Export(file, LEAVERS_HEADING, rows, put_in(file, rows, broken_leavers(healthy)), form)


def absence_export(year: str, absences: list[Absence], healthy: list[str]) -> Export:
    """One row per spell that starts in the budget year, or before the first one."""
    rows: list[Row] = [
        [
            spell.person_id,
            spell.start.strftime(SLASHED),
            spell.end.strftime(SLASHED),
            f"{spell.hours:g}",
            spell.kind,
            "N" if spell.kind == "Special leave" else "Y",
        ]
        for spell in absences
    ]
    leave_blanks(rows, (0, 4), f"absences {year}")
    file = f"Absence detail {year}.csv"
    planted = put_in(file, rows, broken_absences(year, healthy))
    return Export(file, ABSENCE_HEADING, rows, planted, Csv("utf-8-sig"))


def absence_exports(absences: list[Absence], healthy: list[str]) -> list[Export]:
    """One file per budget year; spells from before the first year are in its file."""
    years: dict[str, list[Absence]] = {"2024-25": [], "2025-26": []}
    for spell in absences:
        years[max(budget_year(spell.start), "2024-25")].append(spell)
    return [absence_export(year, spells, healthy) for year, spells in years.items()]


def census_export(census: list[Census]) -> Export:
    """One row per case holder and month end."""
    rows: list[Row] = [
        [one.person_id, one.day.isoformat(), one.open_cases, one.trauma_cases] for one in census
    ]
    file = "Caseload census.csv"
    return Export(file, CENSUS_HEADING, rows, put_in(file, rows, broken_census()))


def exposure_export(exposure: list[Exposure], office_worker: str) -> Export:
    """One row per person and month, dated by the month's first day."""
    rows: list[Row] = [
        [
            one.person_id,
            one.day.strftime(DOTTED),
            comma(one.direct_hours),
            comma(one.indirect_hours),
            one.critical_incidents,
        ]
        for one in exposure
    ]
    file = "Exposure hours.csv"
    planted = put_in(file, rows, broken_exposure(office_worker))
    return Export(file, EXPOSURE_HEADING, rows, planted, Csv(delimiter=";"))
