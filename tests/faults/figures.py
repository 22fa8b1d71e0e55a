"""``make figures-faults``: every trial of this folder; writes docs/figures/faults.json."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import agency_home
import beginning
import disk_trials
import full_disk_trials
import kill_trials
import load_trials
import power_trials
import race_trials
from agency_home import AgencyHome
from small_disk import mounted
from trial import Trial

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs" / "figures" / "faults.json"
COMMAND = "make figures-faults"


def trials(place: AgencyHome) -> Iterator[Trial]:
    """Every trial, at the scale of the tests; the last three show what the trials would find."""
    with scratch() as folder:
        yield race_trials.same_keys(folder)
    with scratch() as folder:
        yield race_trials.one_writer(folder)
    with scratch() as folder:
        yield race_trials.last_of_the_budget(folder)
    for at_once, rounds in ((2, 8), (8, 2)):
        with scratch() as folder:
            yield race_trials.schedulers(place, folder, at_once, rounds)
    with scratch() as folder:
        yield race_trials.signing_while_releasing(place, folder, rounds=6)
    for with_home in (
        kill_trials.at_every_step,
        beginning.killed_at_every_step,
        disk_trials.release_cut_off,
        disk_trials.beginning_cut_off,
        full_disk_trials.limited,
        full_disk_trials.refused_at_every_step,
    ):
        with scratch() as folder:
            yield with_home(place, folder)
    with scratch() as folder, mounted(folder / "disk") as disk:
        if disk is not None:
            yield full_disk_trials.filled(place, disk, folder)
    with scratch() as folder:
        yield load_trials.under_load(folder)
    for synchronous in ("FULL", "NORMAL", "OFF"):
        with scratch() as folder:
            yield power_trials.ledger_cut_off(folder, synchronous)
    with scratch() as folder:
        yield disk_trials.release_cut_off(place, folder, syncs_folders=False, every=10)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one trial."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    """Print each row as it is found, then write all."""
    rows = []
    with scratch() as folder:
        for trial in trials(agency_home.make(folder)):
            rows.append(trial.row())
            print(rows[-1], flush=True)
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps({"command": COMMAND, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
