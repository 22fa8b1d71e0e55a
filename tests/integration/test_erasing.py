"""An erased person's rows stay out until that person is let in again, whoever else's rows are corrected."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingest_folder import FILES, Agency, by_name

from pipelines.people import erase, readmit

FILE = "absence 1.csv"


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency(tmp_path)
    agency.ingest()
    return agency


def test_another_persons_correction_does_not_bring_an_erased_person_back(agency: Agency) -> None:
    assert erase(agency.home, "p1")["absences"]
    erased = agency.stored()["absences"]
    agency.put(FILE, FILES[FILE] + "p2,2026-03-02,2026-03-02,8\n")
    report = by_name(agency.ingest())[FILE]
    assert set(erased) <= set(agency.stored()["absences"])
    assert report.rows_read == report.rows_accepted + report.rows_collapsed + report.rows_set_aside
    agency.put(FILE, FILES[FILE])
    agency.ingest()
    assert agency.stored()["absences"] == erased


def test_an_erased_person_who_has_come_back_is_let_in_by_the_next_ingest(agency: Agency) -> None:
    whole = agency.stored()
    erase(agency.home, "p1")
    readmit(agency.home, "p1")
    agency.ingest()
    assert agency.stored()["absences"] == whole["absences"] and agency.stored()["staff"] == whole["staff"]


def test_whoever_had_no_row_that_counts_is_kept_out_too(agency: Agency) -> None:
    """p9 is in no roster, so nothing of theirs counts; the file then comes with a roster that has them."""
    assert not any(erase(agency.home, "p9").values())
    listed = "".join(path.read_text() for path in agency.home.set_aside.glob("*.csv"))
    assert "unknown-person" not in listed + str(agency.stored()["set_aside"])
    agency.put("staff.csv", FILES["staff.csv"] + "p9,U1,worker,2025-01-01,,37.5\n")
    staff = by_name(agency.ingest())["staff.csv"]
    assert staff.rows_read == len(FILES["staff.csv"].splitlines()) - 1


def test_a_line_of_an_erased_person_that_cannot_be_read_leaves_no_trace(agency: Agency) -> None:
    erase(agency.home, "p1")
    agency.put(FILE, FILES[FILE] + "p1,2026-03-02,never,8\n")
    report = by_name(agency.ingest())[FILE]
    assert (report.rows_read, report.by_rule) == (2, {"end-before-start": 1, "unknown-person": 1})
