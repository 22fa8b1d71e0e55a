"""The flows: what rows are stops nothing; a server that cannot start is told."""

from __future__ import annotations

import multiprocessing
import signal
import time
from dataclasses import replace

import pytest

from pipelines import flows, orchestration
from pipelines.ingest_report import FileReport, Finding, IngestReport
from pipelines.report_page import steps
from pipelines.verbs.ingest_table import ingest_lines

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
    "2026-01 to 2026-01",
    (),
)


@pytest.mark.parametrize(
    ("file", "is_told"),
    [
        (FILE, True),
        (replace(FILE, status="unchanged"), True),
        (
            replace(
                FILE,
                rows_accepted=1,
                rows_set_aside=8,
                findings=(Finding("format", "", "", "set-aside", 8, 2),),
            ),
            False,
        ),
        (replace(FILE, findings=(Finding("skipped", "", "", "set-aside", 9, 2),)), False),
        (replace(FILE, rows_read=0, rows_set_aside=0, findings=()), False),
    ],
)
def test_that_no_row_of_a_file_counts_is_told_and_stops_nothing(
    file: FileReport, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it to stop, one person's one good row would decide what is measured of all others."""
    report = IngestReport((file,), (), dry_run=True)
    monkeypatch.setattr(flows, "load_exports", lambda *_: report)
    monkeypatch.setattr(flows, "measure_and_publish", lambda *_: "measured")
    assert flows.monthly.fn("home", "folder") == (report, "measured")
    assert any("No row counts" in step.text for step in steps(report)) == is_told
    warned = "WARNING: none of its rows was accepted" in "\n".join(ingest_lines(report))
    assert warned == (is_told and not report.is_unchanged)


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


def test_a_run_that_does_not_end_is_ended_with_its_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orchestration, "GRACE_SECONDS", 0.1)
    run = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(600,))
    run.start()
    orchestration.end_runs()
    assert run.exitcode == -signal.SIGKILL
