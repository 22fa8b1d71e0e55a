"""Grids of days by person say what long rows say, and each doubtful cell is told by its place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from calendar_files import PEOPLE, Cells, agency_with, grid, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_folder import Agency, by_name

from pipelines.mending import store_mended, write_sheets
from pipelines.verbs.ingest_table import ingest_lines
from privacy.errors import BadExport

GRID = """
[exports.absences]
file = "{file}"
shape = "grid"
covers = ["2024-01", "2026-12"]
{more}
[exports.absences.columns]
person_id = "Pers No"
{columns}
[exports.absences.constants]
{constants}
{tables}
"""
CODES = {
    "file": "calendar.csv",
    "more": 'header_lines = 2\nperiod = "2026"',
    "columns": 'kind = "{cell}"',
    "constants": 'hours = "7.5"',
    "tables": '[exports.absences.values.kind]\n"S" = "sickness"\n"F" = "family"\n'
    '[exports.absences.skip]\n"{cell}" = ["V", "H"]\n',
}
LONG = """
[exports.absences]
file = "long.csv"
covers = ["2024-01", "2026-12"]
[exports.absences.columns]
person_id = "Pers No"
start_date = "Day"
end_date = "Day"
kind = "Code"
[exports.absences.constants]
hours = "7.5"
[exports.absences.values.kind]
"S" = "sickness"
"F" = "family"
[exports.absences.skip]
"Code" = ["V", "H"]
"""


def of(root: Path, rows: Sequence[Sequence[str]], **changes: str) -> Agency:
    asked = CODES | changes
    agency = agency_with(root, GRID.format(**asked))
    if asked["file"].endswith(".csv"):
        agency.put(asked["file"], text_of(rows))
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([int(cell) if cell.isdecimal() else cell or None for cell in row])
        book.save(agency.folder / asked["file"])
    return agency


def test_a_grid_without_a_line_is_refused_and_one_without_a_filled_cell_is_of_no_absence(
    tmp_path: Path,
) -> None:
    rows = grid(2026, {})
    nobody_away = of(tmp_path / "nobody away", rows)
    assert by_name(nobody_away.ingest())["calendar.csv"].rows_read == 0
    with pytest.raises(BadExport, match="holds a header and no data line"):
        of(tmp_path / "nobody", rows[:2]).ingest()


def absences(agency: Agency) -> list[tuple[Any, ...]]:
    return sorted(row[2:] for row in agency.stored()["absences"])


FACTS: Cells = {
    ("p1", date(2026, 1, 5)): "S",
    ("p1", date(2026, 1, 6)): "S",
    ("p1", date(2026, 1, 7)): "V",
    ("p2", date(2026, 2, 28)): "F",
    ("p3", date(2026, 3, 31)): "S",
    ("p3", date(2026, 12, 31)): "H",
    ("p5", date(2026, 6, 15)): "S",
}


def as_long_rows(root: Path, cells: Cells) -> Agency:
    agency = agency_with(root, LONG)
    rows = [[person, str(day), code] for (person, day), code in cells.items()]
    agency.put("long.csv", text_of([["Pers No", "Day", "Code"], *rows]))
    return agency


@pytest.mark.parametrize("file", ["calendar.csv", "calendar.xlsx"])
def test_a_grid_says_what_long_rows_say(tmp_path: Path, file: str) -> None:
    wide, long = of(tmp_path / "wide", grid(2026, FACTS), file=file), as_long_rows(tmp_path / "long", FACTS)
    report = by_name(wide.ingest())[file]
    long.ingest()
    assert absences(wide) == absences(long) and len(absences(wide)) == 5
    assert (report.rows_read, dict(report.by_rule)) == (7, {"skipped": 2})
    assert wide.ingest().is_unchanged


@settings(max_examples=12, deadline=None)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(PEOPLE),
            st.integers(0, 365).map(lambda n: date(2024, 1, 1) + timedelta(n)),
        ),
        st.sampled_from(["S", "F", "V", "?"]),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 1_000),
)
def test_any_grid_says_what_the_same_long_rows_say(
    tmp_path_factory: pytest.TempPathFactory, cells: Cells, seed: int
) -> None:
    root = tmp_path_factory.mktemp("grid")
    shuffled = dict(random.Random(seed).sample(sorted(cells.items()), len(cells)))
    more = 'header_lines = 2\nperiod = "2024"'
    wide, long = of(root / "wide", grid(2024, cells), more=more), as_long_rows(root / "long", shuffled)
    told, expected = by_name(wide.ingest())["calendar.csv"], by_name(long.ingest())["long.csv"]
    assert absences(wide) == absences(long) and told.by_rule == expected.by_rule


def test_a_doubtful_cell_is_told_by_its_line_and_column(tmp_path: Path) -> None:
    cells = FACTS | {("p4", date(2026, 1, 3)): "burnt out"}
    rows = grid(2026, cells)
    rows[3][2 + 31 + 29] = "S"  # the 30th of February
    agency = of(tmp_path, rows)
    dry = "\n".join(ingest_lines(agency.ingest(dry_run=True)))
    assert "format, kind: 1 rows, first line 6, column 5: none of sickness" in dry
    assert "format, start_date: 1 rows, first line 4, column 63: no date of the form" in dry
    assert by_name(agency.ingest())["calendar.csv"].by_rule == {"format": 2, "skipped": 2}
    (path,) = agency.home.set_aside.glob("*-absences.csv")
    text = path.read_text()
    assert "burnt out" not in text and "p4" not in text and "line 6, column 5" in text
    assert len(absences(agency)) == 5


def test_a_cell_set_aside_is_mended_as_a_long_row(tmp_path: Path) -> None:
    agency = of(tmp_path, grid(2026, FACTS | {("p4", date(2026, 1, 3)): "X"}))
    agency.ingest()
    (sheet,) = write_sheets(agency.home, agency.folder)
    text = sheet.path.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "load,row,line,Pers No,{cell},{day},rule,column,reason"
    sheet.path.write_text(text.replace(",X,2026-01-03,", ",S,2026-01-03,"), encoding="utf-8")
    store_mended(agency.home, sheet.path)
    agency.ingest()
    assert len(absences(agency)) == 6


def test_a_leap_day_is_a_day_in_its_year_alone(tmp_path: Path) -> None:
    rows = grid(2024, {("p1", date(2024, 2, 29)): "S"})
    for year, count in (("2024", 1), ("2026", 0)):
        agency = of(tmp_path / year, rows, more=f'header_lines = 2\nperiod = "{year}"')
        assert by_name(agency.ingest())["calendar.csv"].rows_accepted == count


def test_cells_may_be_hours_or_days_by_code(tmp_path: Path) -> None:
    hours = {
        ("p1", date(2026, 1, 5)): "7,5",
        ("p2", date(2026, 2, 3)): "0,25",
        ("p3", date(2026, 2, 3)): "25",
    }
    changes = {
        "more": 'header_lines = 2\nperiod = "2026"\ndecimal_mark = ","',
        "columns": 'hours = "{cell}"',
        "constants": 'kind = "sickness"',
        "tables": "",
    }
    agency = of(tmp_path / "hours", grid(2026, hours), **changes)
    assert by_name(agency.ingest())["calendar.csv"].by_rule == {"hours-beyond-days": 1}
    assert sorted(float(row[3]) for row in absences(agency)) == [0.25, 7.5]
    halves = {("p1", date(2026, 1, 5)): "S", ("p2", date(2026, 2, 3)): "S/2"}
    changes |= {
        "columns": 'hours = "{cell}"\nkind = "{cell}"',
        "constants": "",
        "tables": '[exports.absences.values.hours]\n"S" = "7.5"\n"S/2" = "3.75"\n'
        '[exports.absences.values.kind]\n"S" = "sickness"\n"S/2" = "sickness"\n',
    }
    agency = of(tmp_path / "halves", grid(2026, halves), **changes)
    agency.ingest()
    assert sorted(float(row[3]) for row in absences(agency)) == [3.75, 7.5]


ONE = ["Pers No", "1", "2", "Mo 3"]
DATES = ["Pers No", "31/01/2026", "01/02/2026", "02/02/2026"]


@pytest.mark.parametrize(
    ("more", "header", "days"),
    [
        ('period = "2026-02"', [ONE], ["2026-02-01", "2026-02-03"]),
        ('period = "2026-02"\nheader_lines = 2', [["", "So", "Mo", "Di"], ONE], ["2026-02-01", "2026-02-03"]),
        ('date_format = "%d/%m/%Y"', [DATES], ["2026-01-31", "2026-02-02"]),
        ('period = "2026-03/P12M"\nheader_lines = 2', [["", "Apr", "", ""], ONE],
         ["2025-04-01", "2025-04-03"]),
        ("header_lines = 2", [["", "Apr-26", "", "05/2026"], ONE], ["2026-04-01", "2026-05-03"]),
        ('header_lines = 2\nperiod = { "calendar.csv" = "2025-Q2" }', [["", "Apr", "", ""], ONE],
         ["2025-04-01", "2025-04-03"]),
        ('period = "2026-02"\nheader_lines = 2', [ONE, ["", "So", "Mo", ""]], ["2026-02-01", "2026-02-03"]),
        ("header_lines = 3", [["", "Mar 2026", "", ""], ["Pers No", "1", "2", "3"], ["", "So", "Mo", "Di"]],
         ["2026-03-01", "2026-03-03"]),
        ("header_lines = 3", [["", "Mar 2026", "", ""], ["", "So", "mar.", "Di"], ["Pers No", "1", "2", "3"]],
         ["2026-03-01", "2026-03-03"]),
    ],
)  # fmt: skip
def test_days_are_headed_in_many_ways(
    tmp_path: Path, more: str, header: list[list[str]], days: list[str]
) -> None:
    agency = of(tmp_path, [*header, ["p1", "S", "", "S"]], more=more)
    agency.ingest()
    assert [str(row[1]) for row in absences(agency)] == days


@pytest.mark.parametrize(
    ("changes", "header", "said"),
    [
        ({"more": 'period = "2026"'}, [ONE], "column 2 is headed like a day, but its month or year"),
        ({}, [["", "Tammikuu", "", ""], ONE], "column 2 is headed like a day, but its month or year"),
        ({"more": "header_lines = 2"}, [["", "Jan", "", ""], ONE], "its month or year is not known"),
        ({}, [["", "Jan 2025", "", ""], ONE], "or is outside of 'period'"),
        (
            {"more": 'period = "2026-02"'},
            [[*ONE[:3], "1"]],
            "column 2 has another column",
        ),
        ({}, [["Pers No", "A", "B", "C"], ["", "a", "b", "c"]], "no heading is a day"),
        ({"columns": "", "constants": 'hours = "1"\nkind = "other"', "tables": ""}, [ONE], "map one to"),
        ({"columns": 'start_date = "From"\nkind = "{cell}"'}, [ONE], "the columns of a grid are its days"),
        ({"more": 'period = "26"'}, [ONE], "'period' is a year, a month or twelve months"),
    ],
)
def test_a_grid_that_is_not_as_declared_is_one_sentence(
    tmp_path: Path, changes: dict[str, str], header: list[list[str]], said: str
) -> None:
    agency = of(tmp_path, [*header, ["p1", "S", "", "S"]], **changes)
    with pytest.raises(BadExport, match=said) as refused:
        agency.ingest()
    assert "\n" not in str(refused.value)


def test_nothing_is_lost_of_a_person_whose_colleague_is_in_the_grid_or_not(tmp_path: Path) -> None:
    everybody, fewer = FACTS, {key: code for key, code in FACTS.items() if key[0] != "p1"}
    both = [of(tmp_path / str(n), grid(2026, cells)) for n, cells in enumerate((everybody, fewer))]
    for agency in both:
        agency.ingest()
    assert set(absences(both[1])) < set(absences(both[0]))
    assert len(absences(both[0])) - len(absences(both[1])) == 2


def test_a_cell_may_be_a_day_of_the_persons_own_contract(tmp_path: Path) -> None:
    more = 'header_lines = 2\nperiod = "2026"\nhours_a_day = "contract"'
    agency = of(tmp_path, grid(2026, FACTS), more=more, constants='hours = "1"')
    agency.put("staff.csv", "Id,Unit,Job,From\np1,U1,worker,2020-01-01\np2,U1,worker,2026-03-01\n")
    assert by_name(agency.ingest())["calendar.csv"].by_rule == {"no-contract": 3, "skipped": 2}
    assert [float(row[3]) for row in absences(agency)] == [7.5, 7.5]


def test_a_grid_in_parquet_says_what_its_long_rows_say(tmp_path: Path) -> None:
    """Its one line of headings is of whole dates."""
    days = sorted({day for _, day in FACTS})
    by_person = {who: [FACTS.get((who, day)) for day in days] for who in PEOPLE}
    columns = {str(day): [cells[n] for cells in by_person.values()] for n, day in enumerate(days)}
    table = pa.table({"Pers No": list(by_person), **columns})
    wide = agency_with(tmp_path / "wide", GRID.format(**CODES | {"file": "calendar.parquet", "more": ""}))
    pq.write_table(table, wide.folder / "calendar.parquet")
    long = as_long_rows(tmp_path / "long", FACTS)
    wide.ingest()
    long.ingest()
    assert absences(wide) == absences(long) and len(absences(wide)) == 5
