"""A full, small or read-only disk: one sentence and an exit code, nothing lost, and it goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import agency_home
import forked
import full_disk_trials
import pytest
from agency_home import AgencyHome
from small_disk import SmallDisk, bow_to_permissions, mounted
from tiny_agency import TinyAgency

from pipelines.orchestration import LEAST_FREE_MIB

ONE_SENTENCE = 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with mounted(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("no file system can be mounted here")
        yield disk


@pytest.mark.slow
def test_a_run_on_a_full_disk_is_finished_once_there_is_room(
    place: AgencyHome, disk: SmallDisk, tmp_path: Path
) -> None:
    assert not full_disk_trials.filled(place, disk, tmp_path).unsound


@pytest.mark.slow
def test_a_run_whose_files_may_not_grow_is_finished_once_they_may(place: AgencyHome, tmp_path: Path) -> None:
    assert not full_disk_trials.limited(place, tmp_path).unsound


@pytest.mark.slow
def test_a_run_that_finds_no_room_at_any_step_is_finished_by_the_next(
    place: AgencyHome, tmp_path: Path
) -> None:
    assert not full_disk_trials.refused_at_every_step(place, tmp_path).unsound


@pytest.mark.slow
def test_the_command_says_in_one_sentence_that_the_disk_is_full(place: AgencyHome, disk: SmallDisk) -> None:
    """Also where there is room for the ledger and none for Prefect; afterwards it does the work."""
    agency = TinyAgency(place.copy(disk.root / "agency").root, {})
    for room in (0, 300, (LEAST_FREE_MIB - 1) * 1024):
        disk.leave(room)
        _refuses(agency, "release")
    disk.empty()
    done = agency.leeward("release")
    assert done.returncode == 0 and "2 releases published" in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("verb", [("release",), ("plan", "propose", "--year", "2026-01"), ("init",)])
def test_the_command_says_in_one_sentence_that_the_disk_is_read_only(
    place: AgencyHome, disk: SmallDisk, verb: tuple[str, ...]
) -> None:
    here = place.copy(disk.root / "agency")
    before = agency_home.entered(here)
    disk.remount("ro")
    _refuses(TinyAgency(here.root, {}), *verb)
    disk.remount("rw")
    assert agency_home.entered(here) == before


def _refuses(agency: TinyAgency, *verb: str) -> None:
    done = agency.leeward(*verb)
    assert done.returncode not in (0, 1), done.stderr
    assert done.stderr.startswith("leeward: ") and done.stderr.count("\n") == ONE_SENTENCE, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["home/ledger.sqlite", "home/protected/warehouse.duckdb", "witness"])
def test_a_run_that_may_not_write_a_file_says_so_and_is_finished_once_it_may(
    place: AgencyHome, tmp_path: Path, closed: str
) -> None:
    here = place.copy(tmp_path / "here")
    (here.root / closed).chmod(0o400)
    refused = forked.run(_release_as_anybody, here.root)
    for path in (here.root / closed).parent.glob(f"{Path(closed).name}*"):
        path.chmod(0o600)  # SQLite gives the files beside its own the same mode
    assert refused.exit_code == 0 and refused.answer, "it went on"
    before = agency_home.entered(here)
    assert forked.run(_release_as_anybody, here.root).answer == ""
    assert agency_home.entered(here)[: len(before)] == before
    assert agency_home.verdict(here) == "" and not agency_home.half_visible(here)


def _release_as_anybody(root: Path) -> str:
    bow_to_permissions()
    return agency_home.release(root)
