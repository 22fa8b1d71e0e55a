"""No cell of one person's rows refuses the file, or decides what is read of others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_folder import MAPPING, Agency, by_name

from pipelines.loads import undo
from pipelines.people import join

BEYOND_THE_CALENDAR = 3_700_000  # days since 1970: the year 12100


def join_two(agency: Agency) -> None:
    join(agency.home, "p1", "p3")


def undo_one(agency: Agency) -> None:
    undo(agency.home, by_name(agency.ingest())["cases.csv"].load_id, frozenset())


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency(tmp_path)


def test_an_amount_that_no_column_can_hold_sets_its_row_alone_aside(agency: Agency) -> None:
    agency.map(MAPPING.replace('file = "absence *.csv"', 'file = "absence *.csv"\nhours_a_day = 7.5'))
    agency.put(
        "absence 1.csv", "Id,From,To,Lost\np1,2026-01-05,2026-01-05,99999999\np3,2026-01-05,2026-01-05,1\n"
    )
    report = by_name(agency.ingest())["absence 1.csv"]
    assert (report.rows_accepted, dict(report.by_rule)) == (1, {"format": 1})


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("ms")])
def test_a_date_beyond_the_calendar_sets_its_row_alone_aside(agency: Agency, kind: pa.DataType) -> None:
    days = pa.array([20489, BEYOND_THE_CALENDAR], pa.int32()).cast(pa.date32()).cast(kind)
    table = pa.table({"Id": ["p1", "p3"], "From": days, "To": days, "Lost": [8.0, 8.0]})
    pq.write_table(table, agency.folder / "absence 1.parquet")
    agency.map(MAPPING.replace('"absence *.csv"', '"absence *.parquet"'))
    report = by_name(agency.ingest())["absence 1.parquet"]
    assert (report.rows_accepted, report.rows_set_aside) == (1, 1)


def test_after_an_upgrade_every_file_is_read_anew_whoevers_rows_were_corrected(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a correction of one person would decide whether others are read by the new rules."""
    agency.ingest()
    assert agency.ingest().is_unchanged
    monkeypatch.setattr("pipelines.ingest.reader_hash", lambda: "that of another release")
    assert {file.status for file in agency.ingest().files} == {"rechecked"}
    assert agency.ingest().is_unchanged


@pytest.mark.parametrize("act", [join_two, undo_one], ids=["joined", "undone"])
def test_after_ids_were_joined_or_a_load_undone_every_file_is_read_anew(
    agency: Agency, act: Callable[[Agency], object]
) -> None:
    """Else a correction of somebody else would bring on what the act brings of the others' rows."""
    agency.ingest()
    act(agency)
    assert {file.status for file in agency.ingest().files} <= {"rechecked", "new"}


def test_the_reader_is_known_by_its_code_and_libraries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from pipelines import arrivals

    hashes = {arrivals.reader_hash()}
    for change in (
        {"version": lambda name: f"{name} of another release"},
        {"platform.python_version": lambda: "3.99"},
        {"__file__": str(tmp_path / "pipelines" / "arrivals.py")},
    ):
        with monkeypatch.context() as other:
            for name, value in change.items():
                other.setattr(f"pipelines.arrivals.{name}", value)
            hashes.add(arrivals.reader_hash.__wrapped__())
    assert len(hashes) == 4
