"""The flows: nothing is measured of a file that was emptied; a server that cannot start is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines import flows, orchestration
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


@pytest.mark.parametrize(
    ("server", "own", "is_ours"),
    [
        (None, None, True),
        ("http://127.0.0.1:4200/api", "http://127.0.0.1:4200/api", True),
        ("http://prefect.example/api", None, False),
        ("http://127.0.0.1:4200/api", None, False),
    ],
)
def test_counts_of_rows_go_to_no_server_but_the_homes_own(
    server: str | None, own: str | None, is_ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ((orchestration.API_URL, server), (orchestration.OWN_SERVER, own)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert orchestration.keeps_in_protected_zone() is is_ours


def test_a_server_that_does_not_start_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_room(**_: object) -> None:
        raise RuntimeError("Timed out while attempting to connect to ephemeral Prefect API server.")

    monkeypatch.setattr(flows, "get_client", without_room)
    with pytest.raises(flows.StepFailed, match="does not start; see that the disk under protected/ has room"):
        flows.start_server()
