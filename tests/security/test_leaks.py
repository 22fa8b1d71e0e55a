"""The main job on an agency full of canaries, and some ways to fail: nothing leaks, modes hold, one sentence.

Every way to fail is forced in ``test_every_failure.py``.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from canaries import Canary, Refuge
from canary_agency import CanaryAgency
from forced_paths import IN_ONE_PROCESS, NOTHING_WRONG
from forced_session import Outcome, Session
from search import found
from sweep import contents, sweep, wrong_modes

from pipelines.exports import EXPORTS, STAFF
from pipelines.home import Home
from pipelines.people import erase, rotate_key
from pipelines.pseudonyms import Pseudonyms
from pipelines.retention import retain
from pipelines.showing import show
from pipelines.warehouse import connect
from privacy.policy import read_policy

QUICK = (
    NOTHING_WRONG, "dry run", "ragged row", "constraint broken", "ledger overwritten",
    "stopped while noise is drawn", "error in pipelines.ingest.store",
)  # fmt: skip


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    session = Session.at(tmp_path_factory.mktemp("leaks"))
    session.force(QUICK)
    return session


@pytest.fixture(scope="module")
def well(session: Session) -> Outcome:
    return session.outcome(IN_ONE_PROCESS[NOTHING_WRONG])


@pytest.mark.parametrize("name", QUICK)
def test_every_ending_is_one_sentence_and_nothing_leaks(name: str, session: Session) -> None:
    outcome = session.outcome(IN_ONE_PROCESS[name])
    outcome.check_ending()
    outcome.check_nothing_leaked()


def test_the_canaries_went_all_the_way(well: Outcome) -> None:
    """Every accepted cell is a value in the warehouse, and a month was published from there."""
    with duckdb.connect(str(well.agency.home.warehouse), read_only=True) as warehouse:
        stored = {
            value
            for table in EXPORTS
            for row in warehouse.execute(f"select * from {table}").fetchall()  # noqa: S608
            for value in row
        }
    cells = [c for each in well.agency.planted for row in each.rows[:2] for c in row if isinstance(c, Canary)]
    accepted = [cell for cell in cells if cell.refuge is Refuge.WAREHOUSE]
    assert len(accepted) > len(EXPORTS)
    assert {
        cell.typed or (int(cell.text) if cell.text.isdigit() else cell.cell) for cell in accepted
    } <= stored
    assert "1 releases published" in well.stdout


def test_each_refused_cell_set_its_row_aside_and_only_line_and_rule_are_kept(well: Outcome) -> None:
    for number, planted in enumerate(well.agency.planted, start=1):
        path = well.agency.home.set_aside / f"{number:06d}-{planted.export.name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        accepted = 3 if planted.export is STAFF else 2  # a stranger to the roster joins it there
        assert len(rows) == len(planted.rows) - accepted
        assert set(rows[0]) == {"export", "file", "line", "place", "rule", "column", "reason"}


def test_everybody_in_the_warehouse_is_a_keyed_hash(well: Outcome) -> None:
    with duckdb.connect(str(well.agency.home.warehouse), read_only=True) as warehouse:
        for table in EXPORTS:
            people = {row[0] for row in warehouse.execute(f"select person from {table}").fetchall()}  # noqa: S608
            assert people and all(re.fullmatch("[0-9a-f]{64}", person) for person in people)


def test_prefect_kept_logs_states_and_results_so_that_there_was_something_to_search(well: Outcome) -> None:
    with sqlite3.connect(f"file:{well.agency.home.prefect / 'prefect.db'}?mode=ro", uri=True) as database:
        for table in ("log", "flow_run_state", "task_run_state", "artifact", "events"):
            count = database.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
            assert count[0], table
    assert any((well.agency.home.prefect / "storage").iterdir())


def test_nothing_was_written_elsewhere_and_no_other_machine_was_called(session: Session) -> None:
    lines = session.watched.read_text(encoding="utf-8").splitlines()
    written = [Path(line.removeprefix("write ")) for line in lines if line.startswith("write /")]
    outside = {path for path in written if not path.is_relative_to(session.folder)} - {Path("/dev/null")}
    assert len(written) > 100 and not outside
    assert not [line for line in lines if line.startswith("call")]


def test_great_expectations_and_the_warehouse_leave_no_temporary_file(well: Outcome) -> None:
    folders = (well.agency.home.temporary, well.agency.root / "tmp", well.agency.root / "user")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if not path.parent.name.startswith("leeward-test-keys")]


@pytest.mark.parametrize("mask", [0, 0o077])
def test_modes_do_not_hang_on_the_umask_of_whoever_begins_a_home(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        agency = CanaryAgency.at(tmp_path)
    finally:
        os.umask(before)
    assert not wrong_modes(agency.home.root, agency.witness)


def test_the_warehouse_gives_the_umask_back(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with pytest.raises(RuntimeError), connect(Home(tmp_path)):
            raise RuntimeError("in the middle")
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def copied(well: Outcome, folder: Path, *left_out: str) -> CanaryAgency:
    """What the main job left, Prefect's database and storage included."""
    shutil.copytree(well.agency.root, folder, symlinks=True, ignore=shutil.ignore_patterns(*left_out))
    return well.agency.moved_to(folder)


def cells_of_rows(agency: CanaryAgency) -> list[Canary]:
    """Every cell of every accepted row, ids included: where the rows are gone it may lie nowhere."""
    rows = [row for each in agency.planted for row in each.rows[:2]]
    cells = {cell for row in rows for cell in row if isinstance(cell, Canary)}
    return [replace(cell, refuge=Refuge.NOWHERE) for cell in cells]


def ids(agency: CanaryAgency) -> list[str]:
    """Of the planted people with rows: far, near, and the one who stands in the roster alone."""
    staff = agency.of(STAFF.name)
    stranger = staff.places[0].refused()[0]
    return [cell.text for cell in (staff.rows[0][0], staff.rows[1][0], stranger) if isinstance(cell, Canary)]


def hashes(agency: CanaryAgency) -> list[Canary]:
    """Their pseudonyms under the key as it is now."""
    known = Pseudonyms(agency.home.pseudonym_key.read_bytes())
    return [Canary("pseudonym", known.of(person)) for person in ids(agency)]


def in_protected(agency: CanaryAgency, canaries: list[Canary]) -> set[str]:
    """Where canaries stand that are found in the warehouse and in what was shown."""
    paths = [agency.home.warehouse, *agency.home.shown.glob("*")]
    return {hit.where for path in paths for _, content in contents(path) for hit in found(content, canaries)}


def erase_everybody(agency: CanaryAgency) -> None:
    for person in ids(agency):
        show(agency.home, read_policy(agency.home.policy), person, date(2026, 11, 22))
    for person, rows in zip(ids(agency), (len(EXPORTS), len(EXPORTS), 1), strict=True):
        assert sum(erase(agency.home, person).values()) == rows


def test_after_an_erasure_and_a_rotation_no_byte_of_a_cell_an_id_or_an_old_hash_is_in_any_file(
    well: Outcome, tmp_path: Path
) -> None:
    agency = copied(well, tmp_path / "copy")
    cells, old = cells_of_rows(agency), hashes(agency)
    assert {"staff.role, near", "absences.hours, far"} <= in_protected(agency, cells)
    erase_everybody(agency)
    assert not in_protected(agency, cells) and in_protected(agency, old), "charges stay under the hash"
    rotate_key(agency.home)
    assert not [str(hit) for hit in sweep(agency.root, [*cells, *old]).hits]
    assert in_protected(agency, hashes(agency)), "what counts against their caps waits under the new hash"
    assert not wrong_modes(agency.home.root, agency.witness)


def test_past_its_time_nothing_stays_and_contributions_go_with_the_rows(
    well: Outcome, tmp_path: Path
) -> None:
    """But for what has no end: the spell of who still works there."""
    agency = copied(well, tmp_path / "copy", "prefect")
    lasting = {cell.text for cell in agency.of(STAFF.name).rows[1] if isinstance(cell, Canary)}
    gone = [cell for cell in cells_of_rows(agency) if cell.text not in lasting] + hashes(agency)[:1]
    assert {"caseload.date, far", "pseudonym"} <= in_protected(agency, gone)
    assert retain(agency.home, read_policy(agency.home.policy), date(2130, 1, 1)).charges
    assert not [str(hit) for hit in sweep(agency.root, gone).hits]


def test_the_search_finds_what_an_erasure_would_leave_in_the_old_file(
    well: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = copied(well, tmp_path / "copy", "prefect")
    monkeypatch.setattr("pipelines.people.rewrite", lambda _: None)
    erase_everybody(agency)
    assert {"staff.role, far", "staff.role, near"} <= in_protected(agency, cells_of_rows(agency))
