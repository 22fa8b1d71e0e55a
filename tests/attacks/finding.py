"""What an attack found: its figures beside guessing and beside the bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from attacks.advantage import Advantage, Array, Flags, bound_by_rho
from attacks.agency import Agency
from attacks.tables import Exact, Leeward, Suppressed, Tables

Scoring = Callable[[Tables], Array]


@dataclass(frozen=True)
class Finding:
    """One attack on exact tables, on exact tables with small groups left out, and on Leeward's figures.

    ``guessing`` is the advantage of the best guess from true unit rates; ``rho`` the loss of the figures
    that the attack reads, ``expected`` what the likelihood-ratio rule should reach on Leeward's figures.
    """

    id: str
    guessing: float
    rho: float
    exact: Advantage
    suppressed: Advantage
    leeward: Advantage
    expected: float | None = None
    details: Mapping[str, float] = field(default_factory=dict)

    @property
    def at_most(self) -> float:
        """What ρ leaves to the attack: the guess, and beyond it what one person's records can change."""
        return min(1.0, self.guessing + bound_by_rho(self.rho))


def decided(scoring: Scoring, tables: Tables, truth: Flags, leaning: Array | float = 0.0) -> Advantage:
    """Accuse where the score, and how far the unit's rate leans, are together above 0."""
    return Advantage.of(scoring(tables) + leaning > 0, truth)


def against_all(
    agency: Agency, scoring: Scoring, truth: Flags, leaning: Array | float = 0.0
) -> dict[str, Advantage]:
    """The same attack on the three kinds of tables, as arguments of a finding."""
    kinds: dict[str, Tables] = {
        "exact": Exact(),
        "suppressed": Suppressed(agency.policy.minimum_group),
        "leeward": Leeward(agency.records.items),
    }
    return {kind: decided(scoring, tables, truth, leaning) for kind, tables in kinds.items()}


def numbered(people: pd.DataFrame) -> pd.DataFrame:
    """The rows as trials, numbered from 0."""
    return people.reset_index(drop=True).rename_axis("trial").reset_index()
