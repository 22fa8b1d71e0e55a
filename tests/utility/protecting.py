"""What is added up of each person by each way of protecting, and how noisily; caps are public constants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from utility.choices import Caps, Shares
from utility.workforce import CASES, EXPOSURE, LEVELS, LINES, MONTHS, Floats, Ints, Workforce

RHO = 0.31106  # epsilon 4 at delta 1e-6, for everything of one person in one year
EPSILON = 4.0


@dataclass(frozen=True)
class Protected:
    """A measure as it is added up: each person's contributions, and by how much a year of them can differ.

    ``sensitivity`` is in L2 over the year; ``centre`` what was taken off each member of the base, by team.
    """

    values: Ints
    sensitivity: float
    base: str = ""
    centre: Floats | None = None


def capped(values: Ints, cap: int) -> Ints:
    """Each person's year cut to the cap in squares, months in order: privacy.md section 3."""
    spent = np.zeros(len(values), dtype=np.int64)
    kept = np.zeros_like(values)
    for month in range(values.shape[1]):
        room = np.sqrt(np.maximum(cap**2 - spent, 0)).astype(np.int64)
        kept[:, month] = np.minimum(values[:, month], room)
        spent += kept[:, month] ** 2
    return kept


def ours(work: Workforce, caps: Caps) -> Mapping[str, Protected]:
    """Persistent measures clamped around public centres, rare ones capped on the year, as in the sample."""
    values, line = work.values, work.line[work.team]
    loads = [CASES[name] for name in LINES if CASES[name]]
    # a line without cases has no holders to centre; the middle of the others tells least of who they might be
    cases = np.array([CASES[name] or round(sum(loads) / len(loads)) for name in LINES])
    exposure = np.array([4 * EXPOSURE[name] for name in LINES])
    employed, holders = values["employed"], values["case_holders"]
    yearly = math.sqrt(MONTHS)
    centred = {
        "scheduled_hours": ("employed", np.full(len(LINES), 600), caps.scheduled),
        "open_cases": ("case_holders", cases, caps.cases),
        "exposure_hours": ("employed", exposure, caps.exposure),
    }
    absent = capped(np.minimum(values["absent_hours"], caps.absent_month), caps.absent_year)
    found = {
        "employed": Protected(employed, yearly),
        "left": Protected(values["left"], 1.0),
        "absent_hours": Protected(absent, float(caps.absent_year)),
        "case_holders": Protected(holders, yearly),
    }
    for name, (base, centre, half_width) in centred.items():
        members = values[base]
        away = np.clip(values[name] - centre[line] * members, -half_width, half_width) * (members > 0)
        of_team = centre[work.line].astype(float)
        found[name] = Protected(away, yearly * half_width, base, of_team)
    return {name: found[name] for name in ORDER}


ORDER = (
    "employed", "left", "scheduled_hours", "absent_hours", "case_holders", "open_cases", "exposure_hours",
)  # fmt: skip
BASES = {
    "left": "employed", "scheduled_hours": "employed", "absent_hours": "employed", "case_holders": "employed",
    "open_cases": "case_holders", "exposure_hours": "employed",
}  # fmt: skip


def plainly(work: Workforce, clips: Mapping[str, int]) -> Mapping[str, Protected]:
    """Monthly clips, as users of a plain mechanism set them; who leaves counts once a year."""
    yearly = math.sqrt(MONTHS)
    found = {}
    for name in ORDER:
        clip = clips.get(name, 1)
        sensitivity = 1.0 if name == "left" else yearly * clip
        found[name] = Protected(np.minimum(work.values[name], clip), sensitivity)
    return found


Scales = Mapping[tuple[str, int], float]
"""The noise of each measure and level, as a standard deviation in smallest units."""


def scales(protected: Mapping[str, Protected], shares: Shares) -> Scales:
    """The scales of a split of the whole loss; shares are brought to add up to 1."""
    whole = sum(shares.values())
    return {
        (name, level): protected[name].sensitivity / math.sqrt(2 * RHO * share / whole)
        for (name, level), share in shares.items()
    }


Drawn = Mapping[tuple[str, int], Floats]
"""Noisy totals by measure and level; (units, months)."""


def drawn(
    work: Workforce, protected: Mapping[str, Protected], noise: Scales, dice: np.random.Generator
) -> Drawn:
    """One draw of everything; rounded normal noise stands for the discrete Gaussian of such scales."""
    found = {}
    for (name, level), scale in noise.items():
        exact = work.totals(protected[name].values, level)
        found[name, level] = exact + np.round(dice.normal(0, scale, exact.shape))
    return found


def levels() -> range:
    return range(len(LEVELS))
