"""A disk without room at every step of a run: it says so, nothing is lost, it goes on once there is room."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
from itertools import count
from pathlib import Path

import agency_home
import forked
import kill_trials
import steps
from aftermath import Undisturbed, judged
from agency_home import AgencyHome
from small_disk import KIB, SmallDisk
from trial import Run, Trial

ROOMS_KIB = (*range(0, 400, 20), *range(400, 2800, 160))
LARGEST_FILES_KIB = (*range(0, 120, 12), *range(800, 2000, 120))


def filled(place: AgencyHome, disk: SmallDisk, scratch: Path) -> Trial:
    """A release of two months on a disk with so much room, then with plenty."""
    expected = Undisturbed.of(place, scratch / "undisturbed")
    runs = []
    for room in ROOMS_KIB:
        here = place.copy(disk.root / "agency")
        disk.leave(room)
        ended = forked.run(agency_home.release, here.root)
        disk.empty()
        runs.append(judged(f"{room} KiB free", here, expected, *_faults(ended)))
        here.remove()
    return Trial.of("a full disk", runs, "a real file system with so much room, then with plenty")


def limited(place: AgencyHome, scratch: Path) -> Trial:
    """A release whose files may not grow beyond so much: what a quota does, and anybody can try."""
    expected = Undisturbed.of(place, scratch / "undisturbed")

    def run(largest: int) -> Run:
        here = place.copy(scratch / f"largest {largest}")
        ended = forked.run(_release_limited, here.root, largest * KIB)
        found = judged(f"no file above {largest} KiB", here, expected, *_faults(ended))
        here.remove()
        return found

    runs = forked.side_by_side(run, LARGEST_FILES_KIB)
    return Trial.of("files that may not grow", runs, "a limit on the size of every file, then none")


def refused_at_every_step(place: AgencyHome, scratch: Path) -> Trial:
    """No room at each writing step of a month's release: the operation fails, and all that follow."""
    expected = Undisturbed.of(place, scratch / "undisturbed")
    names = kill_trials.steps_of(place, scratch / "counted", agency_home.FIRST_MONTH_DUE)
    failing = [step for step, name in enumerate(names) if not name.startswith("duckdb")]

    def run(step: int) -> Run:
        here = place.copy(scratch / f"refused at {step}")
        ended = forked.run(_release_refused, here.root, step)
        found = judged(f"step {step}: {names[step]}", here, expected, *_faults(ended))
        here.remove()
        return found

    runs = forked.side_by_side(run, failing)
    return Trial.of("no room at every step", runs, "the operation fails and all after it, then none")


def _faults(ended: forked.Ended) -> list[str]:
    """A run on a bad disk ends by itself, with nothing to say or with one sentence."""
    said = ended.answer
    sound = ended.exit_code == 0 and isinstance(said, str) and "\n" not in said
    return [] if sound else [f"it ended with {ended.exit_code}: {said}"]


def _release_limited(root: Path, largest: int) -> str:
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    return agency_home.release(root)


def _release_refused(root: Path, first: int) -> str:
    passed = count()

    def told(operation: str, _about: str) -> None:
        if next(passed) < first:
            return
        if operation == "sqlite":
            raise sqlite3.OperationalError("database or disk is full")
        if operation != "duckdb":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    steps.watch(told)
    return agency_home.release(root, agency_home.FIRST_MONTH_DUE)
