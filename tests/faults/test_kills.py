"""A killed process loses nothing that was entered and draws nothing twice; the next run finishes its work."""

from __future__ import annotations

from pathlib import Path

import kill_trials
import load_trials
import pytest
from agency_home import AgencyHome


@pytest.mark.slow
def test_a_release_killed_at_any_step_is_finished_by_the_next_run(place: AgencyHome, tmp_path: Path) -> None:
    trial = kill_trials.at_every_step(place, tmp_path)
    assert not trial.unsound and len(trial.runs) > 150


@pytest.mark.slow
def test_processes_killed_under_load_lose_nothing(tmp_path: Path) -> None:
    """FALSE_ALARM 0: whenever the kills come, every acknowledged entry is there."""
    trial = load_trials.under_load(tmp_path)
    assert not trial.unsound and len(trial.runs) > load_trials.ROUNDS
