"""A clock that jumps: times in the ledger never run backwards, and nothing is drawn twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import agency_home
import forked
import pytest
import small_world
from agency_home import AgencyHome, entered
from small_world import SmallWorld

from privacy.records import Records

YEARS = (2026, 1999, 2040, 2026, 1971, 2041, 2026)


@pytest.mark.slow
def test_runs_whose_clock_jumps_by_years_draw_once_and_by_the_date_they_are_told(
    place: AgencyHome, tmp_path: Path
) -> None:
    """Before the lag has passed nothing is due; what a clock ahead drew stays drawn when it goes back."""
    here, drawn = place.copy(tmp_path / "here"), []
    for year in YEARS:
        clock = datetime(year, 3, 20, tzinfo=UTC)
        assert forked.run(agency_home.release, here.root, clock.date(), clock).answer == ""
        records = Records.from_lines(entered(here))
        drawn.append(len(records.measurements))
        times = [entry.time for entry in records.entries]
        assert times == sorted(times)
    one, two = drawn[0], drawn[2]
    assert drawn == [one, one, two, two, two, two, two] and two == 2 * one > 0
    assert agency_home.drawn_twice(entered(here)) == 0
    assert agency_home.verdict(here) == "" and not agency_home.half_visible(here)


def test_two_writers_whose_clocks_differ_by_years_enter_in_one_order(tmp_path: Path) -> None:
    world = SmallWorld(tmp_path).begin([small_world.item(1)])
    ahead, behind = (datetime(2026, 8, 1, tzinfo=UTC) + timedelta(days=days) for days in (4000, -4000))
    with world.ledger(lambda: ahead) as first, world.ledger(lambda: behind) as second:
        for ledger in (second, first, second, first, second):
            ledger.append("closed", {"year": "2025-07", "item": "x"})
        entries = first.records.entries
    assert all(earlier.time <= later.time for earlier, later in pairwise(entries))
    assert entries[-1].time.startswith(str(date(2026, 8, 1) + timedelta(days=4000)))
