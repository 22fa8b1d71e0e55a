"""A choice about doubtful rows is part of what makes a stored file current: a changed one is applied."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ingest_folder import MAPPING, Agency, by_name

CHOICES = """
[exports.absences.rules]
overlap = "cut"
unknown-person = "keep"
"""


def test_a_changed_choice_is_applied_by_the_next_ingest_and_taken_back_by_the_one_after(
    tmp_path: Path,
) -> None:
    agency = Agency(tmp_path)
    agency.ingest()
    before = agency.stored()
    agency.map(MAPPING + CHOICES)
    files = by_name(agency.ingest())
    first = files["absence 1.csv"]
    assert (first.status, files["staff.csv"].status) == ("replaced", "unchanged")
    assert first.by_rule == {"end-before-start": 1}
    assert first.doubted == {"overlap (cut)": 1, "unknown-person (keep)": 1}
    assert agency.ingest().is_unchanged
    absences = agency.stored()["absences"]
    cut = next(row for row in absences if row[1] == 3 and row[3] == date(2026, 1, 7))
    assert cut[4:6] == (date(2026, 1, 7), 7.5)
    agency.map(MAPPING)
    agency.ingest()
    after = agency.stored()
    assert {name: rows for name, rows in after.items() if name != "load"} == {
        name: rows for name, rows in before.items() if name != "load"
    }


def test_a_choice_for_the_roster_brings_its_peoples_other_rows_back(tmp_path: Path) -> None:
    agency = Agency(tmp_path)
    agency.put("cases.csv", "Id,Census,Open,Trauma\np4,2026-01-31,15,6\n")
    assert by_name(agency.ingest())["cases.csv"].by_rule == {"unknown-person": 1}
    agency.map(MAPPING + '[exports.staff.rules]\nunknown-unit = "keep"\n')
    files = by_name(agency.ingest())
    assert files["staff.csv"].doubted == {"unknown-unit (keep)": 1}
    assert (files["cases.csv"].status, files["cases.csv"].rows_accepted) == ("rechecked", 1)
