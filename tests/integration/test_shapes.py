"""Shapes of files: archives, several sheets, several exports from one file."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from ingest_folder import Agency

from pipelines.proposing.proposal import propose
from pipelines.proposing.sample import look_at
from privacy.errors import BadExport

ROSTER = """
[exports.staff]
file = "{file}"
covers = ["2026-01", "2026-03"]
{sheet}
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
role = "Job"
start_date = "From"
end_date = "To"
weekly_hours = "Hours"
[exports.staff.constants]
is_supervisor = "false"
"""
ABSENCES = """
[exports.absences]
file = "absences.xlsx"
covers = ["2026-01", "2026-03"]
{sheet}
[exports.absences.columns]
person_id = "Id"
start_date = "From"
end_date = "To"
hours = "Lost"
[exports.absences.constants]
kind = "sickness"
"""
STAFF = [["Id", "Unit", "Job", "From", "To", "Hours"]] + [
    [f"p{n}", "U1", "worker", "2025-01-01", "", "37.5"] for n in range(1, 4)
]
HEADER = ["Id", "From", "To", "Lost"]
JANUARY = [HEADER, ["p1", "2026-01-05", "2026-01-06", "15"], ["p2", "2026-01-05", "2026-01-05", "many"]]
FEBRUARY = [["February"], HEADER, ["p1", "2026-02-05", "2026-02-05", "7.5"]]
MARCH = [HEADER, ["p1", "2026-03-05", "2026-03-05", "7.5"], ["p9", "2026-03-05", "2026-03-05", "7.5"]]
Sheets = Mapping[str, Sequence[Sequence[str]]]


def workbook(path: Path, sheets: Sheets) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency(tmp_path)
    for path in agency.folder.iterdir():
        path.unlink()
    agency.put("staff.csv", "\n".join(",".join(row) for row in STAFF))
    return agency


def hours(agency: Agency) -> Decimal:
    return sum((row[5] for row in agency.stored()["absences"]), Decimal(0))


def mapped(agency: Agency, sheet: str) -> Agency:
    agency.map(ROSTER.format(file="staff.csv", sheet="") + ABSENCES.format(sheet=sheet))
    return agency


@pytest.mark.parametrize(
    ("sheet", "lost"),
    [
        ("", 15),
        ('sheet = "2026-03"', 7.5),
        ('sheet = "2026-*"', 22.5),
        ('sheet = ["2026-03", "2026-01"]', 22.5),
    ],
)
def test_the_sheets_that_are_meant_come_in(agency: Agency, sheet: str, lost: float) -> None:
    sheets = {"2026-01": JANUARY, "Notes": [["by hand"]], "2026-03": MARCH}
    workbook(agency.folder / "absences.xlsx", sheets)
    mapped(agency, sheet).ingest()
    assert hours(agency) == Decimal(str(lost))


def test_a_row_set_aside_is_told_by_its_sheet_and_its_line_there(agency: Agency) -> None:
    workbook(agency.folder / "absences.xlsx", {"2026-01": JANUARY, "2026-03": MARCH})
    mapped(agency, 'sheet = "2026-*"').ingest()
    (path,) = agency.home.set_aside.glob("*-absences.csv")
    with path.open(encoding="utf-8") as file:
        found = [(row["line"], row["rule"], row["place"]) for row in csv.DictReader(file)]
    assert found == [
        ("3", "format", "sheet '2026-01', line 3"),
        ("6", "unknown-person", "sheet '2026-03', line 3"),
    ]


@pytest.mark.parametrize(
    ("sheet", "sheets", "said"),
    [
        ('sheet = ["2026-01", "2026-09"]', {"2026-01": JANUARY}, "has no sheet '2026-09'"),
        ('sheet = "2025-*"', {"2026-01": JANUARY}, r"has no sheet '2025-\*'"),
        ('sheet = "*"', {"2026-01": JANUARY, "2026-02": FEBRUARY}, "sheet 2 lacks the heading 'Id'"),
        (
            'sheet = "*"',
            {"2026-01": JANUARY, "2026-02": [HEADER]},
            "sheet 2 holds a header and no data",
        ),
        ('sheet = "*"', {"2026-01": JANUARY, "2026-02": []}, "sheet 2 is empty"),
        ("sheet = 3", {"2026-01": JANUARY}, "'sheet' must be a name or a pattern in quotes, or a list"),
    ],
)
def test_a_sheet_of_another_shape_refuses_the_file_by_its_number(
    agency: Agency, sheet: str, sheets: Sheets, said: str
) -> None:
    workbook(agency.folder / "absences.xlsx", sheets)
    with pytest.raises(BadExport, match=said):
        mapped(agency, sheet).ingest()


def test_one_file_feeds_several_exports(agency: Agency) -> None:
    workbook(agency.folder / "absences.xlsx", {"Roster": STAFF, "Absence": JANUARY})
    roster = ROSTER.format(file="absences.xlsx", sheet='sheet = "Roster"')
    agency.map(roster + ABSENCES.format(sheet='sheet = "Absence"'))
    agency.ingest()
    assert len(agency.stored()["staff"]) == 3 and hours(agency) == 15
    assert [file.status for file in agency.ingest().files] == ["unchanged", "unchanged"]


def test_one_table_feeds_several_exports(agency: Agency) -> None:
    table = [[*STAFF[0], "Lost"], *([*row[:4], "2026-03-31", row[5], "7.5"] for row in STAFF[1:])]
    workbook(agency.folder / "absences.xlsx", {"All": table})
    agency.map(ROSTER.format(file="absences.xlsx", sheet="") + ABSENCES.format(sheet=""))
    agency.ingest()
    assert len(agency.stored()["staff"]) == len(agency.stored()["absences"]) == 3


def proposed(path: Path) -> str:
    return propose(look_at(path), None).text


def test_sheets_of_the_same_headings_are_proposed_together(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Notes": [["by hand"]], "2026-01": JANUARY, "2026-03": MARCH})
    assert 'sheet = ["2026-01", "2026-03"]  # they have the same headings' in proposed(path)


def test_of_an_archive_of_one_table_nothing_is_asked_and_of_several_which_one(tmp_path: Path) -> None:
    path, text = tmp_path / "a.zip", "\n".join(",".join(row) for row in JANUARY)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/absences.csv", text)
        archive.writestr("read me.pdf", "x")
    assert "member" not in proposed(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("staff.csv", "Id\np1\n")
    text = proposed(path)
    assert 'member = "absences.csv"  # decide' in text and "Which file of the archive is meant?" in text
