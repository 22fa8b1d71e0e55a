"""Differencing over time: who left of their own will between two month ends?

The attacker knows who else came and went, and all other records; he takes what he knows from the head
counts and the counts of leavers, and sees whether one is missing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attacks.advantage import Advantage, expected
from attacks.agency import Agency
from attacks.finding import Finding, against_all, numbered
from attacks.likelihood import information, leaning_of_units, repeated, scores, truths

LEAVING = {"employed": -1, "left": 1, "left_voluntarily": 1}
"""What leaving of one's own will changes in a month's counts, beside having stayed."""


def cases(agency: Agency) -> pd.DataFrame:
    """One row per person and month of the newest year: who left of their own will, and who stayed."""
    people = agency.recent_people
    x = pd.DataFrame({measure: agency.of_each(people, measure) for measure in LEAVING})
    leavers = (x["employed"] == 0) & (x["left"] == 1) & (x["left_voluntarily"] == 1)
    stayers = (x["employed"] == 1) & (x["left"] == 0) & (x["left_voluntarily"] == 0)
    return numbered(people.assign(truth=leavers)[leavers | stayers])


def evidence(agency: Agency, people: pd.DataFrame) -> pd.DataFrame:
    """What is published of these cases; the fact is having left, known what it would be without."""
    cells = agency.cells(people, *LEAVING)
    shift = cells["measure"].map(LEAVING)
    stayed = (cells["measure"] == "employed").astype(int)
    return cells.assign(known=cells["total"] - cells["x"] + stayed, shift=shift)


def who_left(agency: Agency, rounds: int) -> Finding:
    """Every person and month of the newest year, so many times; a guess goes by the year's rate of units."""
    people = cases(agency)
    rows = repeated(evidence(agency, people), rounds)
    truth = truths(rows)
    leaning = np.tile(leaning_of_units(division_of(agency, people), people["truth"].to_numpy(bool)), rounds)
    return Finding(
        id="differencing-over-time",
        guessing=Advantage.of(leaning > 0, truth).value,
        rho=agency.rho(*LEAVING),
        expected=expected(information(rows), leaning, truth),
        **against_all(agency, lambda tables: scores(rows, tables), truth, leaning),
    )


def division_of(agency: Agency, people: pd.DataFrame) -> pd.Series:
    """The unit whose rate of the year a guess goes by: the group just below the whole organisation."""
    places = agency.places[agency.places["level"] == agency.policy.levels[1]]
    found = people[["trial", "person", "period"]].merge(places, on=["person", "period"], how="left")
    return found["group"].fillna("")
