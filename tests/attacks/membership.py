"""Membership: is a person in the year's exports at all? From everything that is published of the year.

The attacker knows all records of everybody else, the person's records as they would be, and the mechanism.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import norm

from attacks.advantage import expected
from attacks.agency import Agency
from attacks.finding import Finding, against_all
from attacks.likelihood import both_pasts, information, repeated, scores, truths
from privacy.plan import PlanItem


def evidence_of_people(agency: Agency) -> pd.DataFrame:
    """One row per person of the newest year and published number that they contribute to; a trial each."""
    cells = agency.cells(agency.recent_people)
    cells = cells[cells["x"] != 0].reset_index(drop=True)
    trial, _ = pd.factorize(cells["person"])
    return cells.assign(trial=trial, known=cells["total"] - cells["x"], shift=cells["x"], truth=True)


def evidence_of_the_worst_case(agency: Agency) -> pd.DataFrame:
    """An invented person, besides everybody else, whose year reaches every cap that the plan allows."""
    months = agency.months(agency.newest_year)
    totals = agency.totals[agency.totals["period"].isin(months)]
    largest = totals.sort_values("heads").groupby(["measure", "period", "level"], as_index=False).last()
    items = agency.records.items.values()
    spent = pd.concat(
        pd.DataFrame({"item": item.identity, "period": months, "shift": fullest(item, len(months))})
        for item in items
    )
    cells = largest.merge(spent[spent["shift"] != 0], on=["item", "period"])
    return cells.assign(trial=0, known=cells["total"], truth=True)


def fullest(item: PlanItem, months: int) -> list[int]:
    """The largest contributions that the caps of an item allow in so many months, the first ones first."""
    found: list[int] = []
    for _ in range(months):
        left = item.cap_squared - sum(x * x for x in found)
        found.append(min(item.half_width, item.highest, math.isqrt(left)))
    return found


def worst_case(agency: Agency, trials: int) -> Finding:
    return _of_one(agency, "membership-worst-case", evidence_of_the_worst_case(agency), trials)


def most_exposed(agency: Agency, trials: int) -> Finding:
    """The person of the true data whose records weigh most."""
    everybody = evidence_of_people(agency)
    chosen = everybody[everybody["trial"] == int(information(everybody).argmax())]
    return _of_one(agency, "membership-most-exposed", chosen.assign(trial=0), trials)


def _of_one(agency: Agency, name: str, evidence: pd.DataFrame, trials: int) -> Finding:
    return _played(agency, name, repeated(both_pasts(evidence), trials))


def typical(agency: Agency, rounds: int) -> Finding:
    """Everybody of the newest year in turn, so many times; an average over people."""
    people = evidence_of_people(agency)
    known = information(people)
    details = {
        "people": len(known),
        "median_advantage": float(2 * norm.cdf(math.sqrt(float(np.median(known))) / 2) - 1),
    }
    return _played(agency, "membership-typical", repeated(both_pasts(people), rounds), details)


def _played(
    agency: Agency, name: str, evidence: pd.DataFrame, details: dict[str, float] | None = None
) -> Finding:
    truth, known = truths(evidence), information(evidence)
    return Finding(
        id=name,
        guessing=0.0,
        rho=agency.rho(),
        expected=expected(known, np.zeros(len(known)), truth),
        details=details or {},
        **against_all(agency, lambda tables: scores(evidence, tables), truth),
    )
