"""However many processes work at once: one draw a key, a budget that is met exactly, one set of releases."""

from __future__ import annotations

from pathlib import Path

import pytest
import race_trials
from agency_home import AgencyHome


def test_eight_processes_that_draw_the_same_keys_draw_each_once(tmp_path: Path) -> None:
    assert not race_trials.same_keys(tmp_path).unsound


@pytest.mark.slow
def test_eight_processes_that_charge_and_draw_lose_no_charge(tmp_path: Path) -> None:
    """DuckDB alone loses commits where processes open one file by turns."""
    assert not race_trials.one_writer(tmp_path).unsound


def test_eight_processes_that_sign_and_draw_spend_exactly_what_is_allowed(tmp_path: Path) -> None:
    trial = race_trials.last_of_the_budget(tmp_path)
    assert not trial.unsound and trial.row()["acknowledged"] == race_trials.AFFORDED


@pytest.mark.slow
@pytest.mark.parametrize(("at_once", "rounds"), [(2, 8), (8, 2)])
def test_whole_runs_at_once_make_one_set_of_draws_and_releases(
    place: AgencyHome, tmp_path: Path, at_once: int, rounds: int
) -> None:
    assert not race_trials.schedulers(place, tmp_path, at_once, rounds).unsound


@pytest.mark.slow
def test_a_release_and_others_that_publish_the_ledger_do_not_meet(place: AgencyHome, tmp_path: Path) -> None:
    assert not race_trials.signing_while_releasing(place, tmp_path, rounds=6).unsound
