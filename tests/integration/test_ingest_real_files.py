"""Public HR files come through the same door with the mappings kept in the project, to known answers."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from ingest_folder import no_checks

from metrics.planner import propose
from pipelines.exports import EXPORTS
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.ingest_report import IngestReport
from pipelines.installation import begin, opened
from pipelines.warehouse import connect
from privacy.errors import BadExport
from privacy.periods import BudgetYear

ROOT = Path(__file__).parents[2]
MAPPINGS, SHARED = ROOT / "data" / "mappings", ROOT.parent / "shared" / "data"
MAPPED = sorted(folder.name for folder in MAPPINGS.iterdir() if folder.is_dir())


def units_of(name: str) -> list[dict[str, str]]:
    with (MAPPINGS / name / "register.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def take_in(name: str, root: Path) -> tuple[Home, IngestReport]:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the public data set {name} is not beside the repository, in shared/data")
    home = Home(root)
    home.make_folders()
    shutil.copy(MAPPINGS / name / "mapping.toml", home.mapping)
    units = frozenset(row["unit_id"] for row in units_of(name))
    return home, ingest(home, folder, known_units=units, today=date(2026, 11, 1), check=no_checks)


def rows(home: Home, query: str) -> list[tuple]:
    with connect(home) as warehouse:
        return warehouse.execute(query).fetchall()


def test_hrdataset_gives_its_known_people_and_leavers(tmp_path: Path) -> None:
    facts = json.loads((SHARED / "hrdataset_v14" / "facts.json").read_text()) if SHARED.is_dir() else {}
    home, report = take_in("hrdataset_v14", tmp_path)
    staff, separations = report.files
    assert (staff.rows_read, staff.rows_accepted) == (facts["rows"], 311)
    assert (separations.rows_accepted, dict(separations.by_rule)) == (facts["terminated"], {"skipped": 207})
    reasons = dict(rows(home, "select reason, count(*) from separations group by reason"))
    assert reasons == {"voluntary": facts["voluntary"], "involuntary": facts["for_cause"]}


def test_hrdataset_opens_and_closes_each_year_with_the_known_head_count(tmp_path: Path) -> None:
    home, _ = take_in("hrdataset_v14", tmp_path)
    facts = json.loads((SHARED / "hrdataset_v14" / "facts.json").read_text())
    spells = rows(home, "select start_date, end_date from staff")
    leavings = [day for (day,) in rows(home, "select date from separations")]
    for year, known in facts["by_year"].items():
        last = date(int(year), 12, 31)
        in_post = sum(start <= last and (end is None or end > last) for start, end in spells)
        left = sum(day.year == int(year) for day in leavings)
        assert (in_post, left) == (known["close"], known["sep"])


def test_viva_gives_a_row_for_each_person_and_week(tmp_path: Path) -> None:
    home, report = take_in("viva_insights", tmp_path)
    staff, exposure = report.files
    assert (staff.rows_read, staff.rows_accepted, staff.rows_collapsed) == (10_500, 300, 10_200)
    assert (exposure.rows_accepted, exposure.rows_set_aside) == (300 * 35, 0)
    assert rows(home, "select count(distinct person), count(distinct date) from exposure") == [(300, 35)]
    assert rows(home, "select distinct dayname(date) from exposure") == [("Sunday",)]
    assert rows(home, "select grain, week_date from load where export = 'exposure'") == [("week", "start")]


def tables(home: Home) -> dict[str, list[tuple]]:
    """What is stored of people, without the numbers of loads."""
    return {
        name: sorted(rows(home, f"select * exclude (load_id) from {name}"), key=repr)  # noqa: S608
        for name in EXPORTS
    }


def same_people(home: Home, root: Path) -> Home:
    """Another home, in which ids have the same pseudonyms."""
    other = Home(root)
    other.make_folders()
    shutil.copy(home.pseudonym_key, other.pseudonym_key)
    return other


def taken_in_as(home: Home, name: str, mapping: str) -> IngestReport:
    home.mapping.write_text(mapping, encoding="utf-8")
    units = frozenset(row["unit_id"] for row in units_of(name))
    return ingest(home, SHARED / name, known_units=units, today=date(2026, 11, 1), check=no_checks)


def test_uci_gives_every_record_person_and_hour_and_the_same_with_semicolons(tmp_path: Path) -> None:
    home, report = take_in("uci_absenteeism", tmp_path / "commas")
    staff, absences = report.files
    assert (staff.rows_read, staff.rows_accepted, staff.rows_collapsed) == (740, 36, 704)
    assert (absences.rows_accepted, absences.rows_set_aside) == (740, 0)
    known = "select count(*), count(distinct person), sum(hours) from absences"
    assert rows(home, known) == [(740, 36, 5124)]
    mapping = home.mapping.read_text(encoding="utf-8").replace(
        'file = "Absenteeism_at_work.csv"',
        'file = "Absenteeism_at_work__semicolon_rederived.csv"\ndelimiter = ";"',
    )
    other = same_people(home, tmp_path / "semicolons")
    taken_in_as(other, "uci_absenteeism", mapping)
    assert tables(other) == tables(home)


def test_adventureworks_gives_its_units_people_and_spells(tmp_path: Path) -> None:
    home, report = take_in("adventureworks_hr", tmp_path)
    (staff,) = report.files
    assert (staff.rows_read, staff.rows_accepted) == (296, 296)
    known = "select count(distinct unit_id), count(distinct person), count(*), count(end_date) from staff"
    assert rows(home, known) == [(16, 290, 296, 6)]


EMPLOYEES = """
[exports.staff]
file = "Employees.csv"
covers = ["2006-07", "2013-11"]
[exports.staff.columns]
person_id = "BusinessEntityID"
role = "JobTitle"
start_date = "HireDate"
[exports.staff.constants]
unit_id = "ORG"
weekly_hours = "40"
is_supervisor = "false"
"""


def test_adventureworks_employees_are_the_same_from_utf8_and_cp1252(tmp_path: Path) -> None:
    home, _ = take_in("adventureworks_hr", tmp_path / "history")
    commas, semicolons = same_people(home, tmp_path / "utf-8"), same_people(home, tmp_path / "cp1252")
    taken_in_as(commas, "adventureworks_hr", EMPLOYEES)
    other = 'file = "Employees_cp1252_semicolon.csv"\nencoding = "cp1252"\ndelimiter = ";"'
    taken_in_as(semicolons, "adventureworks_hr", EMPLOYEES.replace('file = "Employees.csv"', other))
    assert tables(commas) == tables(semicolons) and len(tables(commas)["staff"]) == 290
    people = [rows(each, "select distinct person from staff order by person") for each in (home, commas)]
    assert people[0] == people[1]
    with pytest.raises(BadExport, match="declare its true encoding"):
        wrong = other.replace('cp1252"\ndel', 'utf-8"\ndel')
        taken_in_as(semicolons, "adventureworks_hr", EMPLOYEES.replace('file = "Employees.csv"', wrong))


def test_mfgemployees_gives_its_hours_before_rounding_and_its_cells(tmp_path: Path) -> None:
    home, report = take_in("mfgemployees4", tmp_path)
    staff, absences = report.files
    assert (staff.rows_accepted, absences.rows_accepted) == (8336, 8336)
    assert rows(home, "select round(sum(hours), 2) from absences") == [(Decimal("510863.24"),)]
    cell = "select unit_id, role, count(*) as people from staff group by unit_id, role"
    assert rows(home, f"select count(*), count(*) filter (people < 10) from ({cell})") == [(272, 99)]  # noqa: S608


@pytest.mark.parametrize("name", MAPPED)
def test_the_hand_written_registers_hold_round_posts_and_one_root(name: str) -> None:
    units = units_of(name)
    assert [unit["unit_id"] for unit in units if not unit["parent_id"]] == ["ORG"]
    assert {unit["parent_id"] for unit in units[1:]} <= {unit["unit_id"] for unit in units}
    assert all(int(unit["authorised_posts"]) % 5 == 0 for unit in units)


@pytest.mark.parametrize("name", MAPPED)
def test_each_folder_makes_a_home_with_a_plan_that_can_be_signed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEEWARD_WITNESS", str(tmp_path / "witness"))
    home = Home(tmp_path / "home")
    begin(home, MAPPINGS / name)
    with opened(home) as installation:
        first = BudgetYear.parse("2015-01", starts=1)
        assert propose(installation.policy, installation.register, first).plan.items
