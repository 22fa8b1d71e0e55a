"""A home that was killed or lost its power as it was begun can be begun again."""

from __future__ import annotations

from pathlib import Path

import beginning
import disk_trials
import pytest
from agency_home import AgencyHome

pytestmark = pytest.mark.slow


def test_a_beginning_killed_at_any_step_can_be_made_again(place: AgencyHome, tmp_path: Path) -> None:
    assert not beginning.killed_at_every_step(place, tmp_path).unsound


def test_a_home_is_begun_again_after_a_power_cut_at_any_operation(place: AgencyHome, tmp_path: Path) -> None:
    assert not disk_trials.beginning_cut_off(place, tmp_path).unsound
