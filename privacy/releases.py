"""What became of each release: held for approval, published, or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from privacy.entries import Entry
from privacy.errors import LedgerRefused
from privacy.periods import BudgetYear, Period
from privacy.records import Records


class Stage(Enum):
    """Where a release stands."""

    HELD = "held"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ReleaseState:
    """A release's entry, its budget year and where it stands; ``reason`` is the code of a withdrawal."""

    entry: Entry
    year: BudgetYear
    stage: Stage
    reason: str

    @property
    def id(self) -> str:
        return str(self.entry.body["release"])

    @property
    def drawn_up_to(self) -> int:
        """The last ledger entry that the release is made from; its id ends with it."""
        return int(self.id.rpartition("-")[2])


def stages(records: Records) -> Mapping[str, ReleaseState]:
    """Every release by id, oldest first."""
    approved = {entry.body["release"] for entry in records.of("approved")}
    withdrawn = {entry.body["release"]: entry.body["reason"] for entry in records.of("withdrawn")}
    states = {}
    for entry in records.of("release"):
        release = entry.body["release"]
        year = next(y for y in records.years if y.holds(Period.parse(entry.body["period"])))
        held = _approvals_needed(records, year, entry.seq) > 0 and release not in approved
        stage = Stage.WITHDRAWN if release in withdrawn else Stage.HELD if held else Stage.PUBLISHED
        states[release] = ReleaseState(entry, year, stage, withdrawn.get(release, ""))
    return states


def stage_of(records: Records, release: str) -> ReleaseState:
    """Where one release stands. Raises LedgerRefused where the ledger has none of that name."""
    if (state := stages(records).get(release)) is None:
        raise LedgerRefused(f"The ledger has no release {release}; those published lie in releases/.")
    return state


def _approvals_needed(records: Records, year: BudgetYear, seq: int) -> int:
    """What the plan that was in force when a release was entered asks for."""
    plans = [entry for entry in records.plans(year) if entry.seq < seq]
    return int(plans[-1].body["policy"]["signing"]["release"])


def newest_published(records: Records) -> ReleaseState | None:
    """The release that readers are shown: the last one published and not withdrawn."""
    published = [state for state in stages(records).values() if state.stage is Stage.PUBLISHED]
    return published[-1] if published else None


def withdrawn_draws(records: Records) -> frozenset[int]:
    """The measurements that a withdrawn release was the first to publish: nothing is made of them."""
    drawn = [entry.seq for entry in records.of("measurement")]
    found: set[int] = set()
    known = 0
    for state in stages(records).values():
        if state.stage is Stage.WITHDRAWN:
            found |= {seq for seq in drawn if known < seq <= state.drawn_up_to}
        known = state.drawn_up_to
    return frozenset(found)
