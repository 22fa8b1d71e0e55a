"""What is past its time goes, by export and age, and comes back by no way; what is measured stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from house import House, with_plan
from ingest_folder import Agency, by_name
from tiny_agency import POLICY

from pipelines.coverage import covered_months
from pipelines.mended import MENDED
from pipelines.mending import write_sheets
from pipelines.people import erase
from pipelines.retention import OF_LINES, months_kept, retain
from privacy.errors import BadPolicy
from privacy.policy import Policy, read_policy

# Absences, leavers, caseload and exposure are kept from February 2026 on, the roster from February 2025.
THEN = date(2028, 2, 20)


def policy(folder: Path, retention: str = "") -> Policy:
    path = folder / "policy.toml"
    path.write_text(POLICY + retention, encoding="utf-8")
    return read_policy(path)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency(tmp_path)
    agency.change("staff.csv", "p1,U1,worker", "p3,U1,a former role,2024-01-01,2024-12-31,37.5\np1,U1,worker")
    agency.change("exposure.csv", "p3;2026-01-17;-1;3", "p3;2026-02-01;4;3\np3;2026-01-26;4;3")
    agency.ingest()
    return agency


def days(agency: Agency, table: str, column: str) -> list[str]:
    with agency.warehouse() as warehouse:
        rows = warehouse.execute(f"select {column}::varchar from {table} order by 1").fetchall()  # noqa: S608
    return [row[0] for row in rows]


def test_rows_go_by_their_last_day_and_a_week_stays_that_may_reach_into_a_kept_month(
    agency: Agency, tmp_path: Path
) -> None:
    told = retain(agency.home, policy(tmp_path), THEN)
    assert days(agency, "absences", "end_date") == ["2026-03-02"]
    assert days(agency, "separations", "date") == ["2026-02-10"]
    assert days(agency, "caseload", "date") == ["2026-02-28"]
    assert days(agency, "exposure", "date") == ["2026-01-26", "2026-02-01"]
    assert len(days(agency, "staff", "end_date")) == 5
    assert (told.rows["absences"], told.rows["staff"], told.rows["exposure"]) == (1, 1, 1)
    assert str(told.first["absences"]) == "2026-02" and str(told.first["staff"]) == "2025-02"


def test_sheets_and_what_stands_of_single_lines_go_with_the_months_of_their_files(
    agency: Agency, tmp_path: Path
) -> None:
    write_sheets(agency.home, agency.folder)
    with agency.warehouse() as warehouse:
        warehouse.execute("insert into mended select load_id, 2, 'p1', '', false, 'p1', [] from load")
        warehouse.execute("insert into doubted select load_id, 2, 'overlap', '', '', 'keep', '' from load")
    retain(agency.home, policy(tmp_path), date(2040, 1, 1))
    assert not agency.home.sheets.exists()
    with agency.warehouse() as warehouse:
        assert not [t for t in (*OF_LINES, MENDED) if warehouse.table(t).fetchall()]


def test_no_byte_of_them_stays_and_files_of_what_was_set_aside_then_go_too(
    agency: Agency, tmp_path: Path
) -> None:
    assert b"a former role" in agency.home.warehouse.read_bytes()
    before = list(agency.home.set_aside.iterdir())
    retain(agency.home, policy(tmp_path), THEN)
    assert b"a former role" not in agency.home.warehouse.read_bytes()
    assert len(list(agency.home.set_aside.iterdir())) == len(before), "their files cover kept months, too"
    told = retain(agency.home, policy(tmp_path), date(2029, 5, 1))
    assert told.files == len(before) and not list(agency.home.set_aside.iterdir())


def test_a_dry_run_tells_the_same_and_writes_nothing(agency: Agency, tmp_path: Path) -> None:
    before = agency.files()
    told = retain(agency.home, policy(tmp_path), THEN, dry_run=True)
    assert agency.files() == before
    done = retain(agency.home, policy(tmp_path), THEN)
    assert (told.rows, told.first, told.charges) == (done.rows, done.first, done.charges)


def test_months_that_are_not_kept_are_not_covered_so_that_they_are_never_measured(
    agency: Agency, tmp_path: Path
) -> None:
    retain(agency.home, policy(tmp_path), THEN)
    with agency.warehouse() as warehouse:
        assert covered_months(warehouse, "absences") == {"2026-02", "2026-03"}
        assert covered_months(warehouse, "staff") == {"2026-01", "2026-02", "2026-03"}


def test_files_that_still_hold_them_do_not_bring_them_back(agency: Agency, tmp_path: Path) -> None:
    retain(agency.home, policy(tmp_path), THEN)
    before = {name: rows for name, rows in agency.stored().items() if name not in ("load", "set_aside")}
    assert {file.status for file in agency.ingest().files} == {"rechecked"}
    agency.put(
        "absence 1.csv", (agency.folder / "absence 1.csv").read_text() + "p1,2026-03-09,2026-03-09,7.5\n"
    )
    agency.change("staff.csv", "p4,U9", "p4,U2")
    report = by_name(agency.ingest())
    assert report["absence 1.csv"].by_rule["past"] >= 1
    assert report["staff.csv"].by_rule == {"past": 1} and report["staff.csv"].set_aside_percent == 0
    after = agency.stored()
    assert {row[3:5] for row in after["absences"]} > {row[3:5] for row in before["absences"]}
    assert days(agency, "absences", "end_date") == ["2026-03-02", "2026-03-09"]


def test_the_time_kept_can_be_lengthened_but_nothing_comes_back(agency: Agency, tmp_path: Path) -> None:
    retain(agency.home, policy(tmp_path), THEN)
    longer = policy(tmp_path, "[retention]\nstaff = 60\nabsences = 60\n")
    assert str(retain(agency.home, longer, THEN).first["absences"]) == "2026-02"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("absence = 24", "no export"),
        ("staff = 20", "longer than staff"),
        ("absences = 48", "keeps absences longer"),
        ("absences = 6", "from 18 to 1200"),
        ('absences = "24"', "from 18 to 1200"),
    ],
)
def test_a_retention_that_cannot_be_is_refused(section: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=told):
        months_kept(policy(tmp_path, f"[retention]\n{section}\n"))


def test_the_command_says_what_goes_and_published_figures_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house = with_plan(House.begun(tmp_path, monkeypatch, capsys, "plan = 2"))
    house.measures()
    published = [(p, p.read_bytes()) for p in sorted(house.home.releases.rglob("*")) if p.is_file()]
    assert "nothing was written" in house.does("retain", "--dry-run")
    assert "rows past that: 0" in house.does("retain")
    erase(house.home, "P001")
    house.measures()
    assert [(p, p.read_bytes()) for p in sorted(house.home.releases.rglob("*")) if p.is_file()] == published
    assert "Everything holds." in house.does("audit", "verify")
