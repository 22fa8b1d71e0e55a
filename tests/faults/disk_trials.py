"""Power cuts under a home: what was not synced is gone, or half there; then the next run."""

from __future__ import annotations

import os
import random
import secrets
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path

import agency_home
import beginning
import forked
import kill_trials
import steps
from aftermath import Undisturbed, judged
from agency_home import AgencyHome
from disk import Disk, Keep
from trial import Run, Trial

TELLING = ("open", "fsync", "replace", "rename", "symlink", "unlink", "mkdir")
COMMITS = ("sqlite COMMIT", "duckdb commit", "duckdb close", "sqlite close")
Work = Callable[[Path, steps.Told], str]


def release_cut_off(place: AgencyHome, scratch: Path, *, syncs_folders: bool = True, every: int = 1) -> Trial:
    """Cut the power at each operation on a file and each commit of a month's release, twice: all that was not
    synced is lost, or some of it. The next run finds this month and another one due.

    Args:
        syncs_folders: False takes the syncing of folders away, to see that the trial tells the difference.
        every: look at every so manieth step alone.
    """
    expected = Undisturbed.of(place, scratch / "undisturbed")
    names = kill_trials.steps_of(place, scratch / "counted", agency_home.FIRST_MONTH_DUE)

    def cut(chosen: tuple[int, int]) -> Run:
        step, coin = chosen
        here = _after_cut(place, scratch / f"cut at {step} {coin}", _release, step, coin, syncs_folders)
        run = judged(f"step {step}: {names[step]}, coin {coin}", here, expected)
        here.remove()
        return run

    runs = forked.side_by_side(cut, [(step, coin) for step in _at_files(names)[::every] for coin in _coins()])
    return Trial.of(
        "power cut at every operation on a file of a release"
        + ("" if syncs_folders else ", were folders not synced"), runs,
        "names are lost unless their folder was synced, contents unless their file was; at each step "
        "once all that was not synced, once a random part of it",
    )  # fmt: skip


def beginning_cut_off(place: AgencyHome, scratch: Path) -> Trial:
    """Cut the power at each operation of ``init`` and ``plan sign``, and begin again."""
    names, expected = beginning.counted(place, scratch / "counted")
    signing = names.index("verb plan")

    def cut(chosen: tuple[int, int]) -> Run:
        step, coin = chosen
        bare = beginning.bare(place, scratch / f"bare {step} {coin}")
        here = _after_cut(bare, scratch / f"cut at {step} {coin}", beginning.begin, step, coin, True)
        gone = step > signing and not (here.ledger.exists() and here.witness.exists())
        problems = ["what init had made is gone"] if gone else []
        return beginning.begun_again(f"step {step}: {names[step]}, coin {coin}", here, expected, problems)

    runs = forked.side_by_side(cut, [(step, coin) for step in _at_files(names) for coin in _coins()])
    return Trial.of(
        "power cut at every operation on a file of init, signer and plan sign", runs, "then the verbs again"
    )


def _release(root: Path, _told: steps.Told) -> str:
    return agency_home.release(root, agency_home.FIRST_MONTH_DUE)


def _at_files(names: list[str]) -> list[int]:
    return [step for step, name in enumerate(names) if name.startswith(TELLING) or name in COMMITS]


def _coins() -> tuple[int, int]:
    """Nothing that was not synced is kept; or what the coin of this number says."""
    return 0, 1 + secrets.randbelow(2**32)


def _keep(coin: int) -> Keep:
    chance = random.Random(coin)
    return (lambda: chance.random() < 0.5) if coin else (lambda: False)


def _after_cut(
    place: AgencyHome, target: Path, work: Work, step: int, coin: int, syncs_folders: bool
) -> AgencyHome:
    live = place.copy(target.with_name(f"{target.name} live"))
    ended = forked.run(_cut_off, live.root, target, work, step, coin, syncs_folders)
    assert ended.was_killed, ended
    live.remove()
    return AgencyHome(target)


def _cut_off(root: Path, target: Path, work: Work, step: int, coin: int, syncs_folders: bool) -> None:
    disk, passed = Disk(root, syncs_folders=syncs_folders), count()

    def told(operation: str, about: str) -> None:
        now = next(passed)
        if now <= step:  # beyond it lies the writing of what is left
            disk.told(operation, about)
        if now == step:
            disk.write(target, _keep(coin))
            os.kill(os.getpid(), signal.SIGKILL)

    steps.watch(told)
    work(root, told)
