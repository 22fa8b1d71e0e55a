"""Charges, ledger and witness belong together: what does not is refused with its sentence, or healed."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import agency_home
import forked
import kill_trials
import pytest
from aftermath import released
from agency_home import AgencyHome, drawn_twice, entered, shape
from kill_trials import release_killed

GOES_ON, NOTHING_DUE = "goes on", "nothing is due"
LEDGER, WAREHOUSE, WITNESS = "home/ledger.sqlite", "home/protected/warehouse.duckdb", "witness"


@dataclass(frozen=True)
class Copies:
    """One home at three times, and another home of the same agency."""

    before: AgencyHome
    first: AgencyHome
    both: AgencyHome
    other: AgencyHome


@pytest.fixture(scope="module")
def copies(place: AgencyHome, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    folder = tmp_path_factory.mktemp("copies")
    first, both = place.copy(folder / "first"), folder / "both"
    assert forked.run(agency_home.release, first.root, agency_home.FIRST_MONTH_DUE).answer == ""
    assert forked.run(agency_home.release, first.copy(both).root).answer == ""
    (folder / "elsewhere").mkdir()
    other = agency_home.make(folder / "elsewhere")
    assert forked.run(agency_home.release, other.root).answer == ""
    return Copies(place, first, AgencyHome(both), other)


def put(name: str, source: AgencyHome, here: AgencyHome) -> None:
    shutil.copyfile(source.root / name, here.root / name)


def crash_before_the_entry(here: AgencyHome, copies: Copies) -> None:
    names = kill_trials.steps_of(copies.first, here.root.with_name("counted"))
    assert forked.run(release_killed, here.root, names.index("sqlite COMMIT")).was_killed


def crash_with_entries_in_the_log(here: AgencyHome, copies: Copies) -> None:
    """Killed at its very end, a run leaves its entries in SQLite's log."""
    names = kill_trials.steps_of(copies.first, here.root.with_name("counted"))
    last = len(names) - 1 - names[::-1].index("sqlite close")
    assert forked.run(release_killed, here.root, last).was_killed
    assert Path(f"{here.ledger}-wal").stat().st_size


def crash_and_lose_the_log(here: AgencyHome, copies: Copies) -> None:
    crash_with_entries_in_the_log(here, copies)
    Path(f"{here.ledger}-wal").unlink()


def crash_and_put_back_an_older_ledger_under_the_log(here: AgencyHome, copies: Copies) -> None:
    crash_with_entries_in_the_log(here, copies)
    put(LEDGER, copies.before, here)


def restore_the_whole_home(here: AgencyHome, copies: Copies) -> None:
    shutil.rmtree(here.home)
    shutil.copytree(copies.before.home, here.home, symlinks=True)


CASES: dict[str, tuple[Callable[[AgencyHome, Copies], None], str]] = {
    "a crash between charge and entry": (crash_before_the_entry, GOES_ON),
    "a crash that leaves entries in the log": (crash_with_entries_in_the_log, GOES_ON),
    "an older warehouse": (lambda here, of: put(WAREHOUSE, of.before, here), "this warehouse does not know"),
    "another home's warehouse": (
        lambda here, of: put(WAREHOUSE, of.other, here),
        "charged for another ledger",
    ),
    "no warehouse": (lambda here, _: here.clear(WAREHOUSE), NOTHING_DUE),
    "an older ledger": (lambda here, of: put(LEDGER, of.before, here), "older copy was put back"),
    "another home's ledger": (lambda here, of: put(LEDGER, of.other, here), "forked or changed"),
    "no ledger": (lambda here, _: here.clear(LEDGER), "There is no ledger"),
    "a damaged ledger": (lambda here, _: here.ledger.write_bytes(b"x" * 9000), "is damaged"),
    "a ledger without its log": (crash_and_lose_the_log, "older copy was put back"),
    "an older ledger under a newer log": (crash_and_put_back_an_older_ledger_under_the_log, "ledger"),
    "the whole home restored": (restore_the_whole_home, "older copy was put back"),
    "no witness": (lambda here, _: here.clear(WITNESS), "missing or unreadable"),
    "another home's witness": (lambda here, of: put(WITNESS, of.other, here), "older copy|forked or changed"),
    "an older witness": (lambda here, of: put(WITNESS, of.before, here), GOES_ON),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_what_does_not_belong_together_is_refused_or_healed(
    copies: Copies, tmp_path: Path, case: str
) -> None:
    """One month is released and the next is due; a refusal leaves everything as it is."""
    spoil, expected = CASES[case]
    here = copies.first.copy(tmp_path / "here")
    spoil(here, copies)
    before = content(here)
    ended = forked.run(agency_home.release, here.root)
    assert ended.exit_code == 0
    if expected == GOES_ON:
        assert ended.answer == "" and whole(here, copies), ended
    elif expected == NOTHING_DUE:
        assert ended.answer == "" and content(here) == before
    else:
        assert re.search(expected, ended.answer) and content(here) == before, ended


def content(here: AgencyHome) -> tuple[object, ...]:
    """What may not change when a run is refused: entries, releases, heads seen."""
    witness = here.witness.read_bytes() if here.witness.exists() else None
    return entries(here), released(here), witness


def entries(here: AgencyHome) -> list[str] | None:
    """None where there is no readable ledger."""
    try:
        return entered(here)
    except sqlite3.Error:
        return None


def whole(here: AgencyHome, copies: Copies) -> bool:
    """Both months are out, and what was drawn before is what it was."""
    lines, known = entered(here), entered(copies.first)
    same = shape(lines) == shape(entered(copies.both)) and released(here) == released(copies.both)
    return same and lines[: len(known)] == known and not (drawn_twice(lines) or agency_home.verdict(here))
