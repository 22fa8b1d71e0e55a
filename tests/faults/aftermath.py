"""After a fault in a home: what is visible at once, and whether the next run ends as if nothing had been."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import agency_home
import forked
from agency_home import AgencyHome, Shape, drawn_twice, entered, half_visible, shape
from trial import Run, lost


@dataclass(frozen=True)
class Undisturbed:
    """Where a run of the two months ends when nothing happens to it."""

    shape: Shape
    releases: tuple[str, ...]

    @classmethod
    def of(cls, place: AgencyHome, scratch: Path) -> Undisturbed:
        here = place.copy(scratch)
        assert forked.run(agency_home.release, here.root).answer == ""
        return cls(shape(entered(here)), released(here))


def released(place: AgencyHome) -> tuple[str, ...]:
    """Every released file, and what ``latest`` points to."""
    files = (str(path.relative_to(place.releases)) for path in place.releases.glob("[0-9]*/*"))
    return (*sorted(files), (place.releases / "latest").resolve().name)


def judged(fault: str, place: AgencyHome, expected: Undisturbed, *faulty: str) -> Run:
    """Look at a home after a fault, run once more and look again."""
    before = entered(place)
    problems = [*faulty, *(f"half visible: {name}" for name in half_visible(place))]
    ended = forked.run(agency_home.release, place.root)
    after = entered(place)
    if ended.answer != "":
        problems.append(f"the next run ended with {ended.exit_code}: {ended.answer}")
    if shape(after) != expected.shape:
        problems.append("the ledger holds other entries than after an undisturbed run")
    if released(place) != expected.releases:
        problems.append("other releases lie there than after an undisturbed run")
    if broken := agency_home.verdict(place):
        problems.append(broken)
    problems += [f"not whole: {name}" for name in half_visible(place)]
    return Run(fault, len(before), lost(before, after), drawn_twice(after), tuple(problems))
