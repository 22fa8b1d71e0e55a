"""All attacks on one agency, and how much effort each is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from attacks import leaving, membership, reconstruction, reruns, subtraction
from attacks.agency import Agency
from attacks.finding import Finding


@dataclass(frozen=True)
class Effort:
    """How hard each attack tries.

    ``on_one``: releases drawn in either past of a single person. ``rounds``: how often every case of the
    true data is tried, ``hidden_rounds`` those of groups too small to be shown. ``singled_out``: joiners
    singled out in a reconstruction. ``runs``: how often a product is run to average its noise away.
    """

    on_one: int
    rounds: int
    hidden_rounds: int
    singled_out: int
    runs: tuple[int, ...]


FULL = Effort(on_one=4000, rounds=1, hidden_rounds=50, singled_out=150, runs=(1, 12, 100, 400))
HALF = replace(FULL, on_one=2000)
QUICK = Effort(on_one=1000, rounds=20, hidden_rounds=100, singled_out=24, runs=(1, 25))


def all_attacks(agency: Agency, effort: Effort) -> Iterator[Finding]:
    """Each attack once, in the order in which people read them."""
    yield membership.typical(agency, effort.rounds)
    yield membership.most_exposed(agency, effort.on_one)
    yield membership.worst_case(agency, effort.on_one)
    yield leaving.who_left(agency, effort.rounds)
    yield reruns.averaging(agency, effort.on_one, effort.runs)
    yield subtraction.long_absence(agency, effort.rounds)
    yield subtraction.absence_in_hidden_groups(agency, effort.hidden_rounds)
    yield reconstruction.reconstruction(agency, effort.singled_out)


@dataclass(frozen=True)
class Campaign:
    """What was attacked, how hard, and the finding of each attack.

    ``folder`` holds the home and what lies beside it.
    """

    folder: Path
    agency: Agency
    effort: Effort
    findings: dict[str, Finding]
