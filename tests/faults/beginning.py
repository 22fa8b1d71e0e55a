"""Making a home and signing its first plan, as the two verbs do, in a process that may be killed."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import forked
import steps
from agency_home import KEY, AgencyHome, Shape, half_visible, shape
from signatories import TESTER
from trial import Run, Trial

VERBS = (
    ("init", "--from", "config"),
    ("signer", TESTER, "--key", f"{KEY}.pub"),
    ("plan", "sign", "--year", "2026-01", "--as", TESTER, "--key", KEY),
)


def begin(root: Path, told: steps.Told = lambda _operation, _about: None) -> str:
    """``leeward init``, ``signer``, ``plan sign``; returns what they said on their way out, else nothing."""
    from pipelines.cli import main

    os.environ.update(LEEWARD_HOME=str(root / "home"), LEEWARD_WITNESS=str(root / "witness"))
    said = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        os.chdir(root)
        for verb in VERBS:
            told("verb", verb[0])
            if code := main(list(verb)):
                return f"{code}: {said.getvalue()}"
    return ""


def killed_at_every_step(place: AgencyHome, scratch: Path) -> Trial:
    """Kill the beginning at each of its steps, and begin again."""
    names, expected = counted(place, scratch / "counted")

    def killed(step: int) -> Run:
        here = bare(place, scratch / f"killed at {step}")
        ended = forked.run(_begin_killed, here.root, step)
        problems = [] if ended.was_killed else [f"it ended with {ended.exit_code}: {ended.answer}"]
        return begun_again(f"step {step}: {names[step]}", here, expected, problems)

    runs = forked.side_by_side(killed, range(len(names)))
    return Trial.of("kill -9 at every step of init, signer and plan sign", runs, "then the verbs again")


def counted(place: AgencyHome, scratch: Path) -> tuple[list[str], Shape]:
    """The names of the steps of an undisturbed beginning, and what the ledger says after it."""
    names = forked.run(_begin_counted, bare(place, scratch).root).answer
    return names, shape(AgencyHome(scratch).lines)


def begun_again(fault: str, here: AgencyHome, expected: Shape, problems: list[str]) -> Run:
    """Begin once more after a fault: the home is then as one that nothing happened to."""
    ended = forked.run(begin, here.root)
    if ended.answer != "":
        problems.append(f"it cannot be begun again, {ended.exit_code}: {ended.answer}")
    elif shape(here.lines) != expected:
        problems.append("the ledger holds other entries than one that was begun undisturbed")
    elif broken := half_visible(here):
        problems.append(f"not whole: {broken}")
    return Run(fault, problems=tuple(problems))


def bare(place: AgencyHome, root: Path) -> AgencyHome:
    """A folder with the configuration alone."""
    here = place.copy(root)
    for made in ("home", "witness"):
        AgencyHome(root).clear(made)
    return here


def _begin_counted(root: Path) -> list[str]:
    passed = steps.Names()
    steps.watch(passed)
    assert begin(root, passed) == ""
    return passed.names


def _begin_killed(root: Path, step: int) -> str:
    killing = steps.kill_at(step)
    steps.watch(killing)
    return begin(root, killing)
