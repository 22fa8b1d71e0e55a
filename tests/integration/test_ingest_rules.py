"""A choice about doubtful rows is part of what makes a stored file current: a changed one is applied."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ingest_folder import MAPPING, Agency, by_name

from pipelines import checks, crowd
from pipelines.checks import check
from pipelines.exports import Export

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


def test_what_rows_must_find_elsewhere_is_checked_across_exports(tmp_path: Path) -> None:
    """p2 left on 10 February; p9 is in no roster, which the mapping overlooks here."""
    agency = Agency(tmp_path)
    agency.map(MAPPING + '[exports.absences.rules]\nunknown-person = "keep"\n')
    agency.put(
        "absence 2.csv",
        "Id,From,To,Lost\np2,2026-02-10,2026-02-11,8\np2,2026-02-20,2026-02-20,8\np2,2026-01-09,2026-02-09,8\n",
    )
    warnings = {(w.export, w.check): w.count for w in agency.ingest(check=check).warnings}
    assert warnings["absences", "person-in-roster"] == 1
    assert warnings["absences", "inside-employment"] == 3
    assert ("exposure", "inside-employment") not in warnings


def test_rows_are_checked_in_batches_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agency, sizes = Agency(tmp_path), []
    monkeypatch.setattr(crowd, "VECTORS_A_BATCH", 1)
    days = [f"2026-01-{day:02d}" for day in range(1, 31)]
    lines = [f"p1,{day},{n},0" for day in days for n in range(100)]
    agency.put("cases.csv", "\n".join(["Id,Census,Open,Trauma", *lines, ""]))
    agency.map(MAPPING + '[exports.caseload.rules]\ncontradiction = "keep"\n')

    def watch(export: Export, rows: checks.Batches, relations: checks.Batches, _: crowd.Crowd) -> tuple[()]:
        for batches in (rows, relations):
            sizes.append((export.name, [len(batch) for batch in batches]))
        return ()

    agency.ingest(check=watch)
    found = [each for name, each in sizes if name == "caseload"]
    assert [sum(each) for each in found] == [3000, 3000] and max(map(max, found)) <= 2048
    assert all(each == [0] or 0 not in each for _, each in sizes)
