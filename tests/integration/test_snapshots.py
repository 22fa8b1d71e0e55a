"""Snapshots of who works where become spells, whichever way they come and whoever else is in them."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ingest_folder import Agency, by_name

from pipelines.mending import store_mended, write_sheets
from pipelines.pseudonyms import Pseudonyms, read_key
from privacy.errors import BadExport

COLUMNS = """
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
role = "Job"
weekly_hours = "Hours"
start_date = "Hired"
end_date = "Left"
[exports.staff.constants]
is_supervisor = "false"
"""
BY_FILE = f"""
[exports.staff]
file = "headcount-*.csv"
shape = "snapshot"
covers = ["2024-12", "2026-12"]
{{more}}
[exports.staff.snapshots]
"headcount-2024.csv" = "2024-12-31"
"headcount-2025.csv" = "2025-12-31"
"headcount-2026.csv" = 2026-12-31
{COLUMNS}"""
BY_COLUMN = f"""
[exports.staff]
file = "{{file}}"
shape = "snapshot"
snapshots = ["2026-12-31", "2024-12-31", "2025-12-31"]
snapshot_date = "As of"
covers = ["2024-12", "2026-12"]
{COLUMNS}"""
HEADER = "Id,Unit,Job,Hours,Hired,Left"
YEARS = (2024, 2025, 2026)
# Of each person what each snapshot says, and the spells: unit, hours, first and last day.
PEOPLE: dict[str, tuple[tuple[str, str, str], list[tuple[str, str, str, str | None]]]] = {
    "steady": (("U1,w,30,,",) * 3, [("U1", "30", "2024-12-31", None)]),
    "hired": (
        ("", "U1,w,30,2025-03-01,", "U1,w,30,2025-03-01,"),
        [("U1", "30", "2025-03-01", None)],
    ),
    "longer there": (("U1,w,30,2001-04-01,",) * 3, [("U1", "30", "2001-04-01", None)]),
    "entered late": (
        ("", "U1,w,30,2020-03-01,", "U1,w,30,2020-03-01,"),
        [("U1", "30", "2020-03-01", None)],
    ),
    "fewer hours": (
        ("U1,w,30,2001-04-01,", "U1,w,20,2001-04-01,", "U1,w,20,2001-04-01,"),
        [("U1", "30", "2001-04-01", "2025-12-30"), ("U1", "20", "2025-12-31", None)],
    ),
    "moved on a day": (
        ("U1,w,30,2001-04-01,", "U2,w,30,2025-06-15,", "U2,w,30,2025-06-15,"),
        [("U1", "30", "2001-04-01", "2025-06-14"), ("U2", "30", "2025-06-15", None)],
    ),
    "gone": (("U1,w,30,,", "", ""), [("U1", "30", "2024-12-31", "2025-12-30")]),
    "gone with a day": (
        ("U1,w,30,,", "U1,w,30,,2025-05-31", "U1,w,30,,2025-05-31"),
        [("U1", "30", "2024-12-31", "2025-05-31")],
    ),
    "gone from elsewhere": (
        ("U1,w,30,,", "U2,w,30,,2025-05-31", ""),
        [("U1", "30", "2024-12-31", "2025-05-31")],
    ),
    "fixed term prolonged": (
        ("U1,w,30,,2025-06-30", "U1,w,30,,2027-06-30", "U1,w,30,,2027-06-30"),
        [("U1", "30", "2024-12-31", "2027-06-30")],
    ),
    "fixed term left early": (("U1,w,30,,2027-06-30", "", ""), [("U1", "30", "2024-12-31", "2025-12-30")]),
    "back": (
        ("U1,w,30,2001-04-01,", "", "U1,w,30,2026-02-01,"),
        [("U1", "30", "2001-04-01", "2025-12-30"), ("U1", "30", "2026-02-01", None)],
    ),
    "back under the old date": (
        ("U1,w,30,2001-04-01,", "", "U1,w,30,2001-04-01,"),
        [("U1", "30", "2001-04-01", "2025-12-30"), ("U1", "30", "2026-12-31", None)],
    ),
    "left and hired again": (
        ("U1,w,30,,", "U1,w,30,,2025-05-31", "U1,w,30,2026-02-01,"),
        [("U1", "30", "2024-12-31", "2025-05-31"), ("U1", "30", "2026-02-01", None)],
    ),
    "came and went between": (
        ("", "U1,w,30,2025-02-01,2025-08-31", ""),
        [("U1", "30", "2025-02-01", "2025-08-31")],
    ),
    "two posts": (
        ("U1,w,20,,|U2,w,10,,", "U1,w,20,,", "U1,w,20,,"),
        [("U1", "20", "2024-12-31", None), ("U2", "10", "2024-12-31", "2025-12-30")],
    ),
}


def snapshot(year: int, people: Any = PEOPLE) -> list[str]:
    place = YEARS.index(year)
    rows = [(person, row) for person in people for row in PEOPLE[person][0][place].split("|") if row]
    return [f"{person},{row}" for person, row in rows]


def put(agency: Agency, year: int, rows: list[str]) -> None:
    agency.put(f"headcount-{year}.csv", "\n".join([HEADER, *rows]) + "\n")


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency.empty(tmp_path, BY_FILE.format(more=""))
    for year in YEARS:
        put(agency, year, snapshot(year))
    return agency


def spells(agency: Agency) -> dict[str, list[tuple[str, str, str, str | None]]]:
    names = {Pseudonyms(read_key(agency.home.pseudonym_key)).of(person): person for person in PEOPLE}
    found: dict[str, list[Any]] = {}
    for _, _, person, unit, _, first, last, hours, _ in agency.stored()["staff"]:
        row = (unit, f"{hours.normalize():f}", str(first), str(last) if last else None)
        found.setdefault(names[person], []).append(row)
    return {person: sorted(rows, key=lambda row: row[2:3]) for person, rows in found.items()}


EXPECTED = {person: sorted(rows, key=lambda row: row[2:3]) for person, (_, rows) in PEOPLE.items()}


@pytest.mark.parametrize("person", PEOPLE)
def test_what_snapshots_say_of_a_person_is_when_they_worked_where(agency: Agency, person: str) -> None:
    agency.ingest()
    assert sorted(spells(agency)[person]) == sorted(EXPECTED[person])


def test_every_row_read_begins_a_spell_or_goes_on_one_or_is_set_aside(agency: Agency) -> None:
    report = by_name(agency.ingest())
    for year in YEARS:
        file = report[f"headcount-{year}.csv"]
        assert file.rows_read == len(snapshot(year)) > file.rows_accepted > 0 or year == 2024
        assert file.rows_accepted + file.rows_collapsed + file.rows_set_aside == file.rows_read
    assert report["headcount-2025.csv"].by_rule == {"end-before-start": 1}


def test_a_snapshot_that_only_goes_on_earlier_contracts_is_not_taken_for_a_wrong_mapping(
    tmp_path: Path,
) -> None:
    agency = Agency.empty(tmp_path, BY_FILE.format(more=""))
    for year in YEARS:
        put(agency, year, ["steady,U1,w,30,,", *["hired,U1,w,30,2025-03-01,2024-01-01"][: year - 2024]])
    report = agency.ingest()
    second = by_name(report)["headcount-2025.csv"]
    assert (second.rows_accepted, second.rows_collapsed, second.rows_set_aside) == (0, 1, 1)
    assert not second.is_lost


@pytest.mark.parametrize("order", list(permutations(YEARS)))
def test_the_order_in_which_they_arrive_does_not_matter(tmp_path: Path, order: tuple[int, ...]) -> None:
    agency = Agency.empty(tmp_path, "")
    for count, _ in enumerate(order, start=1):
        there = sorted(order[:count])
        days = "".join(f'"headcount-{year}.csv" = "{year}-12-31"\n' for year in there)
        table = BY_FILE.format(more="").split("[exports.staff.snapshots]")[0]
        covers = f'covers = ["{there[0]}-12", "{there[-1]}-12"]'
        table = table.replace('covers = ["2024-12", "2026-12"]', covers)
        agency.map(f"{table}[exports.staff.snapshots]\n{days}{COLUMNS}")
        put(agency, order[count - 1], snapshot(order[count - 1]))
        agency.ingest()
    assert {person: sorted(rows) for person, rows in spells(agency).items()} == {
        person: sorted(rows) for person, rows in EXPECTED.items()
    }


@pytest.mark.parametrize("person", PEOPLE)
def test_nobodys_spells_depend_on_a_colleague(tmp_path: Path, person: str) -> None:
    agency = Agency.empty(tmp_path, BY_FILE.format(more=""))
    for year in YEARS:
        put(agency, year, snapshot(year, [each for each in PEOPLE if each != person]))
    agency.ingest()
    assert spells(agency) == {each: rows for each, rows in EXPECTED.items() if each != person}


def test_a_snapshot_that_is_sent_again_replaces_what_it_said(agency: Agency) -> None:
    agency.ingest()
    agency.change("headcount-2025.csv", "steady,U1,w,30", "steady,U2,w,30")
    assert by_name(agency.ingest())["headcount-2025.csv"].status == "replaced"
    assert spells(agency)["steady"] == [
        ("U1", "30", "2024-12-31", "2025-12-30"),
        ("U2", "30", "2025-12-31", "2026-12-30"),
        ("U1", "30", "2026-12-31", None),
    ]
    agency.change("headcount-2025.csv", "steady,U2,w,30", "steady,U1,w,30")
    agency.ingest()
    assert spells(agency) == EXPECTED
    assert agency.ingest().is_unchanged


def test_one_file_with_the_day_in_a_column_says_the_same(tmp_path: Path) -> None:
    agency = Agency.empty(tmp_path, BY_COLUMN.format(file="all.csv"))
    rows = [f"{row},{year}-12-31" for year in reversed(YEARS) for row in snapshot(year)]
    agency.put("all.csv", "\n".join([f"{HEADER},As of", *rows, "steady,U1,w,30,,,2025-11-30"]) + "\n")
    report = by_name(agency.ingest())["all.csv"]
    assert spells(agency) == EXPECTED
    assert report.by_rule == {"end-before-start": 1, "unknown-snapshot": 1}


def test_a_workbook_with_a_sheet_a_snapshot_says_the_same(tmp_path: Path) -> None:
    mapping = BY_FILE.format(more='sheet = "20*"').replace("headcount-*.csv", "all.xlsx")
    for year in YEARS:
        mapping = mapping.replace(f"headcount-{year}.csv", str(year))
    agency, book = Agency.empty(tmp_path, mapping), openpyxl.Workbook()
    for year in reversed(YEARS):
        sheet = book.create_sheet(str(year))
        for row in [HEADER, *snapshot(year)]:
            sheet.append(row.split(","))
    book.save(agency.folder / "all.xlsx")
    agency.ingest()
    assert spells(agency) == EXPECTED


def test_a_mended_row_goes_on_the_spell_that_it_had_broken(agency: Agency) -> None:
    agency.change("headcount-2025.csv", "steady,U1,w,30", "steady,U1,w,many")
    agency.ingest()
    assert len(spells(agency)["steady"]) == 2
    sheet = next(each for each in write_sheets(agency.home, agency.folder) if "2025" in each.file_name)
    text = sheet.path.read_text(encoding="utf-8-sig")
    mended = [line for line in text.replace("many", "30").splitlines() if "gone from" not in line]
    sheet.path.write_text("\n".join(mended), encoding="utf-8")
    store_mended(agency.home, sheet.path)
    agency.ingest()
    assert spells(agency) == EXPECTED


def test_rules_that_look_at_spells_look_at_those_that_are_made(agency: Agency) -> None:
    agency.map(BY_FILE.format(more='rules = { end-before-start = "cut" }'))
    report = by_name(agency.ingest())["headcount-2025.csv"]
    assert (report.by_rule, report.doubted) == ({}, {"end-before-start (cut)": 1})
    put(agency, 2026, [*snapshot(2026), "steady,U1,w,30,,", "hired,U9,w,10,,"])
    found = by_name(agency.ingest())
    assert found["headcount-2026.csv"].by_rule == {"overlap": 1, "unknown-unit": 1}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('shape = "snapshot"', "", "'snapshots' and 'snapshot_date' need shape = \"snapshot\""),
        ('shape = "snapshot"', 'shape = "grid"', "'shape' must be one of rows snapshot"),
        ('"2024-12-31"', '"31.12.2024"', "each day of 'snapshots' is written as \"2025-12-31\""),
        ('"headcount-2025.csv" = "2025-12-31"\n', "", "headcount-2025.csv: no day is declared for this file"),
        (
            '"headcount-2025.csv"',
            '"headcount-2023.csv" = "2023-12-31"\n"headcount-2025.csv"',
            "no line is of",
        ),
        ('["2024-12", ', '["2024-11", ', "its snapshots tell of 2024-12 to 2026-12 alone"),
        ("[exports.staff.columns]", '[exports.staff.columns]\nkind = "x"', "unknown column 'kind'"),
    ],
)
def test_what_is_not_as_declared_is_one_sentence(agency: Agency, old: str, new: str, said: str) -> None:
    text = BY_FILE.format(more="")
    assert old in text
    agency.map(text.replace(old, new, 1))
    with pytest.raises(BadExport, match=said) as refused:
        agency.ingest()
    assert "\n" not in str(refused.value)


def test_days_and_heading_go_together(tmp_path: Path) -> None:
    agency = Agency.empty(tmp_path, BY_COLUMN.format(file="all.csv").replace('snapshot_date = "As of"', ""))
    agency.put("all.csv", f"{HEADER},As of\n")
    with pytest.raises(BadExport, match="a snapshot needs 'snapshots', a table with the day of each file"):
        agency.ingest()


def test_a_snapshot_that_has_gone_from_the_folder_is_asked_for(agency: Agency) -> None:
    agency.ingest()
    before = agency.stored()
    (agency.folder / "headcount-2024.csv").unlink()
    with pytest.raises(BadExport, match=r"the snapshot headcount-2024.csv is stored"):
        agency.ingest()
    assert agency.stored() == before


def test_what_ended_before_the_time_kept_is_told_by_the_spell(agency: Agency) -> None:
    with agency.warehouse() as warehouse:
        warehouse.execute("insert into kept_from values ('staff', '2025-07')")
    found = by_name(agency.ingest(today=date(2027, 1, 4)))
    assert sum(file.by_rule.get("past", 0) for file in found.values()) == 5
    assert "gone with a day" not in spells(agency) and len(spells(agency)["moved on a day"]) == 1
