"""A power cut takes nothing that was acknowledged, and the next run goes on as if it had not been."""

from __future__ import annotations

import shutil
from pathlib import Path

import agency_home
import disk_trials
import duckdb
import forked
import power_trials
import pytest
import small_world
from aftermath import Undisturbed, judged
from agency_home import AgencyHome
from power_cut import Recorder, recorded
from small_world import SmallWorld

PRAGMAS = ("synchronous", "journal_mode", "foreign_keys", "wal_autocheckpoint")


def test_the_recorded_ledger_is_the_products_own(tmp_path: Path) -> None:
    """Its code runs on the recorder; what SQLite makes of its pragmas and its schema is the same too."""
    world = SmallWorld(tmp_path).begin([small_world.item(1)])
    with world.ledger() as true:
        expected = [true._connection.execute(f"PRAGMA {name}").fetchone() for name in PRAGMAS]
    recorder = Recorder({})
    with recorded(recorder), world.ledger() as ledger:
        found = [ledger._connection.execute(f"PRAGMA {name}").fetchone() for name in PRAGMAS]
        power_trials.measure(ledger, small_world.item(1), small_world.PERIODS[0])
    assert found == expected and found[:2] == [(2,), ("wal",)]
    assert [done.kind for done in recorder.operations if done.file.endswith("-wal")][-1] == "delete"
    assert any(done.kind == "write" and done.file == "ledger.sqlite" for done in recorder.operations)


def test_no_acknowledged_entry_is_lost_in_a_power_cut(tmp_path: Path) -> None:
    trial = power_trials.ledger_cut_off(tmp_path)
    assert not trial.unsound and len(trial.runs) >= 300


@pytest.mark.slow
@pytest.mark.parametrize(("weaker", "at_least"), [("NORMAL", 100), ("OFF", 100)])
def test_the_power_cuts_would_show_a_weaker_setting(tmp_path: Path, weaker: str, at_least: int) -> None:
    """FALSE_ALARM below 1e-20: two of three cuts fall where NORMAL or OFF had entries unsynced."""
    assert len(power_trials.ledger_cut_off(tmp_path, weaker, cuts=300).unsound) >= at_least


def test_a_release_that_lost_its_name_on_both_sides_of_its_move_is_back_before_the_next(
    place: AgencyHome, tmp_path: Path
) -> None:
    """Two folders are synced one after the other, and another month is due when the power is back."""
    here = place.copy(tmp_path / "cut")
    assert forked.run(agency_home.release, here.root, agency_home.FIRST_MONTH_DUE).answer == ""
    (moved,) = here.releases.glob("[0-9]*")
    shutil.rmtree(moved)
    (here.releases / "latest").unlink()
    expected = Undisturbed.of(place, tmp_path / "undisturbed")
    assert judged("both names lost", here, expected).problems == ()


@pytest.mark.slow
def test_a_release_goes_on_after_a_power_cut_at_any_operation(place: AgencyHome, tmp_path: Path) -> None:
    assert not disk_trials.release_cut_off(place, tmp_path).unsound


@pytest.mark.slow
def test_the_power_cuts_would_show_a_folder_that_is_not_synced(place: AgencyHome, tmp_path: Path) -> None:
    """FALSE_ALARM 0: at most steps all that was not synced is lost for sure."""
    assert disk_trials.release_cut_off(place, tmp_path, syncs_folders=False, every=10).unsound


def test_a_log_that_the_warehouse_took_over_may_come_back(tmp_path: Path) -> None:
    """DuckDB removes its log without syncing the folder; a log that returns is not taken over again."""
    path, log, kept = (tmp_path / name for name in ("w.duckdb", "w.duckdb.wal", "kept"))
    with duckdb.connect(str(path)) as warehouse:
        warehouse.execute("create table charge (charge_id varchar)")
    with duckdb.connect(str(path)) as warehouse:
        warehouse.execute("insert into charge values ('c')")
        kept.hardlink_to(log)
    assert not log.exists()
    kept.rename(log)
    with duckdb.connect(str(path)) as warehouse:
        assert warehouse.execute("select * from charge").fetchall() == [("c",)]
