"""SIGKILL of a real process: at every step of a run, and at any moment under load."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import agency_home
import forked
import steps
from aftermath import Undisturbed, judged
from agency_home import AgencyHome
from trial import Run, Trial


def at_every_step(place: AgencyHome, scratch: Path) -> Trial:
    """Kill a release of two months at each of its steps, and run it again."""
    expected = Undisturbed.of(place, scratch / "undisturbed")
    names = steps_of(place, scratch / "counted")

    def killed(step: int) -> Run:
        here = place.copy(scratch / f"killed at {step}")
        ended = forked.run(release_killed, here.root, step)
        run = judged(f"step {step}: {names[step]}", here, expected, *_unless_killed(ended))
        here.remove()
        return run

    runs = forked.side_by_side(killed, range(len(names)))
    return Trial.of(
        "kill -9 at every step of a release of two months", runs,
        "each statement of SQLite and DuckDB that may write and each operation on a file; then one more run",
    )  # fmt: skip


def steps_of(place: AgencyHome, scratch: Path, today: date = agency_home.TODAY) -> list[str]:
    """The names of the steps of an undisturbed run, in order."""
    return list(forked.run(_release_counted, place.copy(scratch).root, today).answer)


def _release_counted(root: Path, today: date) -> list[str]:
    passed = steps.Names()
    steps.watch(passed)
    assert agency_home.release(root, today) == ""
    return passed.names


def release_killed(root: Path, step: int) -> str:
    """A release that is killed at a step."""
    steps.watch(steps.kill_at(step))
    return agency_home.release(root)


def _unless_killed(ended: forked.Ended) -> list[str]:
    return [] if ended.was_killed else [f"it was not killed but ended with {ended.exit_code}: {ended.answer}"]
