"""Reconstruction: a fact of many people at once, from totals of overlapping sets of them.

The attacker knows all records of whoever was there when the figures begin, and of those who joined later
in which team and months they were there; they seek the joiners' facts that fit all totals best. The fact is
whether somebody holds cases, which a post has or has not: it is sought once for each joiner and team.
Source: Dinur and Nissim (2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from attacks.advantage import Advantage, Array, Flags
from attacks.agency import Agency
from attacks.finding import Finding
from attacks.likelihood import leaning_of_units
from attacks.tables import Exact, Leeward, Suppressed, Tables

FACT = "case_holders"
FAINT = 1e-3  # how much a unit's rate weighs beside totals that are exact: it settles ties alone


@dataclass(frozen=True)
class Puzzle:
    """Totals over sets of joiners whose facts are sought; who changes teams is a joiner of each.

    ``cells``: one row per total; its ``known`` part is that of people whose facts are known.
    ``members``: (cells, joiners), 1 where somebody counts in a total. ``facts``: (cells, joiners), what
    they really contribute. ``label``: the fact of each. ``unit``: the unit that a guess goes by.
    """

    cells: pd.DataFrame
    members: csr_array
    facts: csr_array
    label: Flags
    unit: pd.Series

    @cached_property
    def leaning(self) -> Array:
        """What the true rates of units say of each."""
        return leaning_of_units(self.unit, self.label)

    def published(self, tables: Tables, facts: Array) -> Array:
        """The tables' numbers, were these the sums of the people's facts; less what is known."""
        totals = self.cells["known"] + facts
        return tables.publish(self.cells.assign(total=totals.astype(int))) - self.cells["known"].to_numpy()

    def with_fact(self, joiner: int, fact: bool) -> Array:
        """The sums of everybody's facts, had one of them this one throughout."""
        column = np.zeros(len(self.label))
        column[joiner] = 1.0
        others = self.facts @ (1.0 - column)
        return np.rint(others + fact * (self.members @ column))


def solve(members: csr_array, totals: Array, deviation: Array, leaning: Array) -> Array:
    """The facts, from 0 to 1, that fit best: least sum of absolute misfits, each by its noise, beside the
    leanings. Totals that are not a number are left out. With noise this is the likeliest solution under
    Laplace noise of the same deviations, relaxed from whole facts to fractions."""
    shown = ~np.isnan(totals)
    rows, joiners = int(shown.sum()), members.shape[1]
    exact = deviation[shown] == 0
    weight = np.where(exact, 1.0, np.sqrt(2) / np.where(exact, 1.0, deviation[shown]))
    lean = leaning * (FAINT if exact.all() else 1.0)
    system = hstack([members[shown], eye_array(rows), -eye_array(rows)], format="csr")
    bounds = [(0, 1)] * joiners + [(0, None)] * (2 * rows)
    found = linprog(np.concatenate([-lean, weight, weight]), A_eq=system, b_eq=totals[shown], bounds=bounds)
    return np.asarray(found.x[:joiners], dtype=float)


def of_released_totals(agency: Agency) -> Puzzle:
    """From the totals that Leeward measures, at all levels."""
    return _puzzle(agency, agency.cells(_joiners(agency), FACT))


def of_team_totals(agency: Agency) -> Puzzle:
    """From tables by team, which a product without noise could publish; Leeward measures no teams."""
    people = agency.people
    each = people.assign(x=agency.of_each(people, FACT), heads=agency.of_each(people, "employed"))
    teams = each.groupby(["period", "unit_id"], as_index=False)[["x", "heads"]].sum()
    teams = teams.rename(columns={"x": "total"}).assign(level="team", item="", sigma=0)
    found = _joiners(agency).merge(each.drop(columns="heads"), on=["person", "period"])
    found = found.merge(teams, on=["period", "unit_id"])
    return _puzzle(agency, found.assign(group=found["unit_id"]))


def _joiners(agency: Agency) -> pd.DataFrame:
    """One row per person who joined after the first month, for each month end in a unit that is no support
    unit: those hold no cases, as everybody knows."""
    people = agency.people[agency.of_each(agency.people, "employed") == 1]
    first = people.groupby("person")["period"].transform("min")
    joined = people[(first > people["period"].min()) & ~people["unit_id"].isin(agency.support_units)]
    return joined[["person", "period"]]


def _puzzle(agency: Agency, rows: pd.DataFrame) -> Puzzle:
    """Args: rows, one per joiner, month and total that counts them."""
    keys = ["period", "level", "group"]
    joiner = rows["person"] + " " + rows["unit_id"]
    rows = rows.assign(cell=rows.groupby(keys).ngroup(), column=pd.factorize(joiner)[0])
    cells = rows.groupby("cell")[[*keys, "item", "total", "heads", "sigma"]].first()
    cells = cells.assign(known=cells["total"] - rows.groupby("cell")["x"].sum())
    place, shape = (rows["cell"], rows["column"]), (len(cells), rows["column"].nunique())
    label = rows.groupby("column")["x"].mean().to_numpy() >= 0.5
    first = rows.sort_values(["column", "period"]).drop_duplicates("column")
    return Puzzle(
        cells=cells,
        members=csr_array((np.ones(len(rows)), place), shape=shape),
        facts=csr_array((rows["x"].astype(float), place), shape=shape),
        label=label,
        unit=_unit(agency, first[["person", "period"]]),
    )


def _unit(agency: Agency, people: pd.DataFrame) -> pd.Series:
    """The deepest measured group of each person and month."""
    deepest = next(i.levels[-1] for i in agency.records.items.values() if i.measure == FACT)
    places = agency.places[agency.places["level"] == deepest]
    return people.merge(places, on=["person", "period"], how="left")["group"].fillna("")


def singled_out(puzzle: Puzzle, tables: Tables, targets: int) -> Advantage:
    """A joiner is chosen, the fact made true or false of them, tables drawn and everybody reconstructed;
    is the joiner's fact found? So many times over all joiners, and with both facts."""
    chosen = np.arange(targets) * len(puzzle.label) // targets
    trials = [(int(joiner), fact) for joiner in chosen for fact in (True, False)]
    accused = [_accused(puzzle, tables, puzzle.with_fact(*trial))[trial[0]] for trial in trials]
    return Advantage.of(np.array(accused), np.array([fact for _, fact in trials]))


def share_right(puzzle: Puzzle, tables: Tables) -> float:
    """The share of all joiners whose fact one reconstruction finds."""
    facts = np.asarray(puzzle.facts.sum(axis=1))
    return float(np.mean(_accused(puzzle, tables, facts) == puzzle.label))


def right_by_guess(puzzle: Puzzle) -> float:
    """The share that the more frequent fact of each unit gets right."""
    share = pd.Series(puzzle.label).groupby(puzzle.unit).transform("mean")
    return float(np.maximum(share, 1 - share).mean())


def _accused(puzzle: Puzzle, tables: Tables, facts: Array) -> Flags:
    totals, deviation = puzzle.published(tables, facts), tables.deviation(puzzle.cells)
    return solve(puzzle.members, totals, deviation, puzzle.leaning) >= 0.5


def reconstruction(agency: Agency, targets: int) -> Finding:
    released, teams = of_released_totals(agency), of_team_totals(agency)
    hidden, leeward = Suppressed(agency.policy.minimum_group), Leeward(agency.records.items)
    return Finding(
        id="reconstruction",
        guessing=0.0,
        rho=agency.rho(FACT, years=agency.records.years),
        exact=singled_out(released, Exact(), targets),
        suppressed=singled_out(released, hidden, targets),
        leeward=singled_out(released, leeward, targets),
        details={
            "joiners": len(released.label),
            "by_team_exact": singled_out(teams, Exact(), targets).value,
            "by_team_suppressed": singled_out(teams, hidden, targets).value,
            "right_by_guess": right_by_guess(released),
            "right_by_team": share_right(teams, Exact()),
        },
    )
