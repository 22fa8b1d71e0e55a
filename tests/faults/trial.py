"""What a trial found: the same row stands in docs/figures/faults.json and is judged by the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One fault and what came after it.

    ``acknowledged`` entries were in the ledger, or told to somebody, before the fault; ``lost`` of them
    are missing or changed afterwards. ``problems`` says in words whatever else is not as it should be.
    """

    fault: str
    acknowledged: int = 0
    lost: int = 0
    drawn_twice: int = 0
    problems: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not (self.lost or self.drawn_twice or self.problems)


@dataclass(frozen=True)
class Trial:
    """All runs of one kind of fault."""

    name: str
    runs: tuple[Run, ...]
    note: str

    @classmethod
    def of(cls, name: str, runs: Iterable[Run], note: str) -> Trial:
        return cls(name, tuple(runs), note)

    @property
    def lost(self) -> int:
        return sum(run.lost for run in self.runs)

    @property
    def unsound(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if not run.is_sound)

    def row(self) -> dict[str, object]:
        return {
            "trial": self.name,
            "runs": len(self.runs),
            "acknowledged": sum(run.acknowledged for run in self.runs),
            "lost": self.lost,
            "drawn_twice": sum(run.drawn_twice for run in self.runs),
            "not_healed": sum(bool(run.problems) for run in self.runs),
            "note": self.note,
        }


def lost(before: list[str], after: list[str]) -> int:
    """Entries that were there before and are not in the same place afterwards."""
    return sum(line != kept for line, kept in zip(before, after, strict=False)) + max(
        0, len(before) - len(after)
    )
