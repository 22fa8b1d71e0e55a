"""The flows: nothing is measured of a file that a wrong mapping has emptied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines import flows
from pipelines.ingest_report import FileReport, Finding, IngestReport
from privacy.errors import BadExport

FILE = FileReport(
    "staff",
    "staff.csv",
    "new",
    1,
    9,
    0,
    0,
    9,
    (Finding("format", "", "", "set-aside", 9, 2),),
    ("2026-01", "2026-01"),
    (),
)


@pytest.mark.parametrize(
    ("file", "is_measured"),
    [
        (FILE, False),
        (replace(FILE, status="unchanged"), False),
        (
            replace(
                FILE,
                rows_accepted=1,
                rows_set_aside=8,
                findings=(Finding("format", "", "", "set-aside", 8, 2),),
            ),
            True,
        ),
        (replace(FILE, findings=(Finding("skipped", "", "", "set-aside", 9, 2),)), True),
        (replace(FILE, rows_read=0, rows_set_aside=0, findings=()), True),
    ],
)
def test_a_month_is_not_measured_while_no_row_of_a_file_counts(
    file: FileReport, is_measured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is measured stays for good: a wrong date format would spend the year's budget on nothing."""
    monkeypatch.setattr(flows, "load_exports", lambda *_: IngestReport((file,), (), dry_run=False))
    monkeypatch.setattr(flows, "measure_and_publish", lambda *_: "measured")
    if is_measured:
        assert flows.monthly.fn("home", "folder")[1] == "measured"
        return
    with pytest.raises(BadExport, match=r"No row of staff\.csv was accepted, so nothing was measured"):
        flows.monthly.fn("home", "folder")
