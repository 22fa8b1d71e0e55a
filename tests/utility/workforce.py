"""Synthetic workforces: people month by month in teams of unequal size, with what is measured of each.

Absence is skewed over people and has long spells; some work part-time, some move, some leave and are
replaced after a while. Teams differ in everything by lasting effects. All figures are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STAFF = (500, 2_000, 20_000, 100_000)
"""The sizes that are compared."""
MONTHS, WORKING_DAYS = 12, 21
BRANCHING = (1, 5, 25, 125)
LEVELS = ("organisation", "division", "programme", "team")
LINES = ("crisis", "family", "placement", "clinical", "support")
CASES = {"crisis": 12, "family": 17, "placement": 14, "clinical": 20, "support": 0}
EXPOSURE = {"crisis": 30, "family": 18, "placement": 14, "clinical": 24, "support": 0}
FULL_TIME = 37.5


@dataclass(frozen=True)
class Workforce:
    """Who is where and what is measured; each table is (people, months), and 0 where somebody is not there.

    Args:
        team: the team in which a person counts in a month, also of those who left in it; -1 for nobody.
        posts: authorised posts of each team.
        line: the service line of each team, as a place in ``LINES``.
        values: the measures, in their smallest units.
    """

    team: Ints
    posts: Ints
    line: Ints
    values: Mapping[str, Ints]

    def parent(self, level: int) -> Ints:
        """The unit of a level in which each team lies."""
        return np.arange(BRANCHING[-1]) * BRANCHING[level] // BRANCHING[-1]

    def totals(self, values: Ints, level: int) -> Floats:
        """The totals of a table by unit of a level; (units, months)."""
        unit = np.append(self.parent(level), BRANCHING[level])[self.team]
        found = np.zeros((BRANCHING[level] + 1, values.shape[1]))
        for month in range(values.shape[1]):
            np.add.at(found[:, month], unit[:, month], values[:, month])
        return found[:-1]


def workforce(staff: int, seed: int) -> Workforce:
    """A workforce of about so many people at any time; the seed is of the invented people, never of noise."""
    dice = np.random.default_rng(seed)
    size = dice.lognormal(0, 0.5, BRANCHING[-1])
    posts = np.maximum(2, np.round(staff * 1.05 * size / size.sum())).astype(np.int64)
    # a programme works in one line; some have a team of another
    line = np.repeat(dice.integers(0, len(LINES), BRANCHING[2]), BRANCHING[3] // BRANCHING[2])
    team, left = _careers(dice, posts)
    employed = (team >= 0) & ~left
    part_time = dice.random(len(team)) < 0.25
    weekly = np.where(part_time, dice.choice([15, 20, 22.5, 30], len(team)), FULL_TIME)
    scheduled = employed * weekly[:, None] * WORKING_DAYS / 5
    values = {
        "employed": employed,
        "left": left,
        "scheduled_hours": 4 * scheduled,
        "absent_hours": 4 * _absence(dice, team, employed, scheduled),
        **_work(dice, team, employed, line, weekly / FULL_TIME),
    }
    whole = {name: np.round(table).astype(np.int64) for name, table in values.items()}
    return Workforce(team, posts, line, whole)


def _careers(dice: np.random.Generator, posts: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Where everybody is month by month; leavers leave posts that are filled again after some months."""
    hazard = 0.015 * dice.lognormal(0, 0.4, len(posts))
    home = np.repeat(np.arange(len(posts)), posts)
    holder = np.full(len(home), -1)
    people: list[Ints] = []
    ends: list[tuple[int, int]] = []
    for month in range(MONTHS):
        chance = 0.3 if month else 0.95
        for post in np.flatnonzero((holder < 0) & (dice.random(len(home)) < chance)):
            holder[post] = len(people)
            people.append(np.where(np.arange(MONTHS) < month, -1, home[post]))
        for post in np.flatnonzero((holder >= 0) & (dice.random(len(home)) < hazard[home])):
            people[holder[post]][month + 1 :] = -1
            ends.append((int(holder[post]), month))
            holder[post] = -1
        for post in np.flatnonzero((holder >= 0) & (dice.random(len(home)) < 0.005)):
            people[holder[post]][month + 1 :] = dice.integers(0, len(posts))
    team = np.array(people)
    left = np.zeros(team.shape, dtype=bool)
    left[tuple(np.array(ends).T)] = True
    return team, left


def _absence(dice: np.random.Generator, team: Ints, employed: NDArray[np.bool_], scheduled: Floats) -> Floats:
    """Hours: many short spells of few people, and long ones of months on end."""
    of_team = dice.lognormal(0, 0.25, BRANCHING[-1])[team]
    frailty = dice.gamma(0.6, 1 / 0.6, len(team))[:, None]
    spells = dice.poisson(0.22 * of_team * frailty)
    hours = spells * (7.5 * dice.integers(1, 4, team.shape))
    begins = dice.random(team.shape) < 0.004 * of_team * np.where(np.arange(MONTHS), 1, 3)
    lasts = dice.geometric(0.35, team.shape)
    for month in range(MONTHS):
        for after in range(MONTHS - month):
            is_long = begins[:, month] & (lasts[:, month] > after)
            hours[:, month + after] = np.where(is_long, 1e6, hours[:, month + after])
    return np.minimum(hours, scheduled) * employed


def _work(
    dice: np.random.Generator, team: Ints, employed: NDArray[np.bool_], line: Ints, share: Floats
) -> Mapping[str, Floats]:
    """Cases of those who hold any, and hours of exposure."""
    of_line = line[team]
    holds = employed & (np.array([0.75, 0.8, 0.8, 0.7, 0.0])[of_line] > dice.random(len(team))[:, None])
    person = dice.normal(0, 3, len(team))[:, None] + dice.normal(0, 1.5, team.shape)
    cases = np.array(list(CASES.values()))[of_line] + dice.normal(0, 2, BRANCHING[-1])[team] + person
    worked = np.array(list(EXPOSURE.values()))[of_line] * dice.lognormal(0, 0.2, BRANCHING[-1])[team]
    hours = worked * dice.lognormal(-0.18, 0.6, len(team))[:, None] * dice.lognormal(-0.03, 0.25, team.shape)
    return {
        "case_holders": holds,
        "open_cases": holds * np.clip(cases * share[:, None], 1, 60),
        "exposure_hours": 4 * employed * np.clip(hours * share[:, None], 0, 200),
    }
