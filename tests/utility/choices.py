"""Caps and the split of the loss, by size of the workforce, as ``make choose-utility`` found them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

CHOSEN = Path(__file__).with_name("chosen.json")
Shares = Mapping[tuple[str, int], float]
"""The part of a year's loss that each measure's draws of a level get."""


@dataclass(frozen=True)
class Caps:
    """How far a person's amounts count: half widths around the centre, absences by month and year.

    In the smallest units: quarter hours and cases.
    """

    scheduled: int
    absent_month: int
    absent_year: int
    cases: int
    exposure: int


@dataclass(frozen=True)
class Choice:
    """What a plan settles that is not in the policy."""

    caps: Caps
    shares: Shares


def chosen(staff: int) -> Choice:
    """The choice for the size nearest to a workforce's, in proportion."""
    found = json.loads(CHOSEN.read_text(encoding="utf-8"))
    size = min(map(int, found), key=lambda each: abs(each / staff - 1))
    each = found[str(size)]
    shares = {(name, level): part for name, row in each["shares"].items() for level, part in enumerate(row)}
    return Choice(Caps(**each["caps"]), shares)


def keep(staff: int, choice: Choice) -> None:
    """Write the choice of a size beside those of the others."""
    found = json.loads(CHOSEN.read_text(encoding="utf-8")) if CHOSEN.exists() else {}
    shares: dict[str, list[float]] = {}
    for (name, _), part in choice.shares.items():
        shares.setdefault(name, []).append(round(part, 4))
    found[str(staff)] = {"caps": asdict(choice.caps), "shares": shares}
    ordered = {size: found[size] for size in sorted(found, key=int)}
    CHOSEN.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
