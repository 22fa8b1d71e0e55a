"""leeward map tells a calendar and a list as of a day; what it proposes takes the file in once decided."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from calendar_files import PEOPLE, ROSTER, agency_with, grid, text_of
from ingest_folder import by_name

from pipelines.cli import main

CODES = {(person, date(2026, 1, 5)): "S" for person in PEOPLE}


def proposed(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["map", str(path), *options]) == 0
    return capsys.readouterr().out


def test_a_calendar_is_told_and_comes_in_once_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rare = {(PEOPLE[0], date(2026, 3, 4)): "RARE"}
    agency = agency_with(tmp_path, "")
    agency.put("calendar.csv", "Absences of a service\n".replace("\n", "," * 374 + "\n") + text_of(
        grid(2026, CODES | rare)
    ))  # fmt: skip
    text = proposed(agency.folder / "calendar.csv", capsys)
    assert 'shape = "grid"' in text and "header_line = 2" in text and "header_lines = 2" in text
    assert "RARE" not in text and "Somebody" not in text and '# "S" = ""  # decide' in text
    table = tomllib.loads(text)["exports"]["absences"]
    assert table["columns"] == {"person_id": "Pers No", "kind": "{cell}"}
    decided = (
        text.replace("# period", "period")
        .replace("# hours", "hours")
        .replace('# "S" = ""', '"S" = "sickness"')
    )
    agency.map(ROSTER + decided.replace("shape =", 'covers = ["2026-01", "2026-12"]\nshape ='))
    report = by_name(agency.ingest())["calendar.csv"]
    assert (report.rows_accepted, report.by_rule) == (5, {"format": 1})


@pytest.mark.parametrize("initials", ["Mo Tu We Th Fr Sa Su", "M T W T F S S"])
def test_a_line_of_weekdays_below_the_days_is_told_and_is_nobodys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], initials: str
) -> None:
    agency = agency_with(tmp_path, "")
    june = {(person, date(2026, 6, 5)): "S" for person in PEOPLE}
    months, days, *people = grid(2026, june, months=[6], days=30)
    weekdays = ["", "", *(initials.split()[date(2026, 6, day).weekday()] for day in range(1, 31)), ""]
    agency.put("calendar.csv", text_of([months, days, weekdays, *people]))
    text = proposed(agency.folder / "calendar.csv", capsys)
    assert "header_lines = 3  # months, days, weekdays" in text and f'"{initials[:2].strip()}"' not in text
    decided = text.replace("# period", "period").replace("# hours", "hours")
    decided = decided.replace('# "S" = ""', '"S" = "sickness"')
    agency.map(ROSTER + decided.replace("shape =", 'covers = ["2026-06", "2026-06"]\nshape ='))
    report = by_name(agency.ingest())["calendar.csv"]
    assert (report.rows_accepted, dict(report.by_rule)) == (5, {})


def test_a_calendar_of_hours_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text_of(grid(2026, {key: "7.5" for key in CODES}, months=[1])), encoding="utf-8")
    text = proposed(path, capsys)
    assert 'hours = "{cell}"' in text and '# kind = "sickness"  # decide' in text and "7.5" not in text


def test_a_column_that_says_the_day_makes_a_roster_one_of_snapshots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "headcount.csv"
    rows = "".join(f"{who},U1,w,30,2025-12-31\n" for who in PEOPLE)
    path.write_text(f"Staff No,Unit,Job,Weekly hours,As of\n{rows}", encoding="utf-8")
    text = proposed(path, capsys, "--export", "staff")
    table = tomllib.loads(text)["exports"]["staff"]
    assert (table["shape"], table["snapshot_date"]) == ("snapshot", "As of")
    assert "start_date" not in text and "# snapshots = " in text


def test_a_roster_without_any_dates_may_be_a_snapshot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "headcount-2025.csv"
    path.write_text("Staff No,Unit,Job,Weekly hours\n" + "".join(f"{who},U1,w,30\n" for who in PEOPLE))
    text = proposed(path, capsys, "--export", "staff")
    assert "Does it say who is there as of a day" in text
    assert '# snapshots = { "headcount-2025.csv" = "2025-12-31" }' in text


def test_a_column_of_units_is_told_and_rows_in_days_come_in_as_hours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agency = agency_with(tmp_path, "")
    told = [("05", "Days"), ("06", "Hours"), ("07", "Days")]
    rows = [f"{who},2026-01-{day},2026-01-{day},1,Sickness,{unit}" for who in PEOPLE for day, unit in told]
    heading = "Pers No,Start Date,End Date,Quantity,Absence Type,Unit"
    agency.put("absences.csv", "\n".join([heading, *rows, "p1,2026-03-05,2026-03-05,1,Sickness,FTE", ""]))
    text = proposed(agency.folder / "absences.csv", capsys)
    assert 'amount_unit = "Unit"' in text and '"Days" = "days"' in text and '"Hours" = "hours"' in text
    assert "FTE" not in text
    table = tomllib.loads(text)["exports"]["absences"]
    assert table["hours_a_day"] == "contract"
    covers = 'covers = ["2026-01", "2026-03"]\nhours_a_day ='
    agency.map(ROSTER + text.replace("hours_a_day =", covers, 1))
    report = by_name(agency.ingest())["absences.csv"]
    assert (report.rows_accepted, report.by_rule) == (15, {"unknown-unit-of-amount": 1})
    assert sum(row[5] for row in agency.stored()["absences"]) == 10 * 7.5 + 5
