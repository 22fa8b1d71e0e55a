"""Parent minus children: a group's number from its parent's and its siblings', where its own may be hidden.

The attacker knows all records of the person's colleagues in the group, and the mechanism. Of other groups
he needs nothing but what is published of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attacks.advantage import Advantage, Array, expected
from attacks.agency import Agency
from attacks.finding import Finding, against_all, numbered
from attacks.likelihood import leaning_of_units, log_ratio, truths
from attacks.tables import AsPublished, Suppressed, Tables
from privacy.periods import Cadence, Period


@dataclass(frozen=True)
class Question:
    """Did a person contribute this much to a measure in a month, or nothing? Of others nothing is asked."""

    measure: str
    amount: int


@dataclass(frozen=True)
class Evidence:
    """``own``: one row per trial, the number of the person's group. ``family``: one row per trial and
    relative of that group, with ``sign`` 1 for the parent and -1 for a sibling."""

    own: pd.DataFrame
    family: pd.DataFrame

    @property
    def information(self) -> Array:
        """Of each trial, (amount / noise scale)², of the own number and of the subtraction."""
        shift, own = self.own["shift"].to_numpy(float), self.own["sigma"].to_numpy(float)
        return shift**2 * (1 / own**2 + 1 / self._added(self.family["sigma"].to_numpy(float) ** 2))

    def scores(self, tables: Tables) -> Array:
        """The log-likelihood ratio from the group's own number and from the subtraction, by trial."""
        known, shift = (self.own[column].to_numpy(float) for column in ("known", "shift"))
        direct = log_ratio(tables.publish(self.own), known, shift, tables.deviation(self.own))
        deviation = np.sqrt(self._added(tables.deviation(self.family) ** 2))
        return direct + log_ratio(self.subtracted(tables), known, shift, deviation)

    def subtracted(self, tables: Tables) -> Array:
        """Parent minus siblings, by trial; not-a-number where one of them is hidden."""
        return self._added(self.family["sign"].to_numpy() * tables.publish(self.family))

    def _added(self, parts: Array) -> Array:
        return np.bincount(self.family["trial"], weights=parts, minlength=len(self.own))


def cases(agency: Agency, question: Question, level: str) -> pd.DataFrame:
    """One row per employed person and month of the newest year: the number of their group at a level."""
    people = agency.recent_people
    people = people[agency.of_each(people, "employed") == 1]
    cells = agency.cells(people, question.measure)
    cells = cells[(cells["level"] == level) & cells["x"].isin([0, question.amount])]
    return cells.assign(
        known=cells["total"] - cells["x"], shift=question.amount, truth=cells["x"] == question.amount
    )


def evidence(agency: Agency, own: pd.DataFrame) -> Evidence:
    """The rows as trials, each with the cells that a subtraction needs."""
    trials = numbered(own)
    relatives = pd.DataFrame(
        [row for period in sorted(set(own["period"])) for row in _relatives(agency, period)],
        columns=["period", "group", "relative", "sign"],
    )
    wanted = trials[["trial", "measure", "period", "group"]].merge(relatives, on=["period", "group"])
    wanted = wanted.drop(columns="group").rename(columns={"relative": "group"})
    return Evidence(trials, wanted.merge(agency.totals, on=["measure", "period", "group"]))


def _relatives(agency: Agency, period: int) -> Iterator[tuple[int, str, str, int]]:
    tree = agency.records.tree(Period(Cadence.MONTH, period))
    for group in tree.groups:
        if group.parent is not None:
            yield period, group.id, group.parent, 1
            siblings = (other.id for other in tree.children(group.parent) if other != group)
            yield from ((period, group.id, sibling, -1) for sibling in siblings)


def by_subtraction(agency: Agency, name: str, question: Question, own: pd.DataFrame) -> Finding:
    """The attack on the cases given; a guess goes by the year's rate of their groups."""
    found = evidence(agency, own)
    truth = truths(found.own)
    leaning = leaning_of_units(found.own["group"], truth)
    return Finding(
        id=name,
        guessing=Advantage.of(leaning > 0, truth).value,
        rho=agency.rho(question.measure),
        expected=expected(found.information, leaning, truth),
        **against_all(agency, found.scores, truth, leaning),
    )


def long_absence(agency: Agency, rounds: int) -> Finding:
    """Was somebody absent as long as a month counts, or not at all? Every case so many times."""
    item = next(i for i in agency.records.items.values() if i.measure == "absent_hours")
    question = Question("absent_hours", item.half_width)
    every = cases(agency, question, agency.policy.levels[1])
    return by_subtraction(agency, "parent-minus-children", question, pd.concat([every] * rounds))


def absence_in_hidden_groups(agency: Agency, rounds: int) -> Finding:
    """Was somebody of a group too small to be shown absent at all? Every case so many times."""
    question, level = Question("absent_people", 1), agency.policy.levels[1]
    own = cases(agency, question, level)
    hidden = own[own["heads"] < agency.policy.minimum_group]
    finding = by_subtraction(agency, "complementary-disclosure", question, pd.concat([hidden] * rounds))
    return replace(finding, details=recovered(agency, question, level))


def recovered(agency: Agency, question: Question, level: str) -> dict[str, float]:
    """How well the hidden numbers themselves come back, in the newest year, without knowing anybody."""
    totals = agency.totals
    chosen = (totals["measure"] == question.measure) & (totals["level"] == level)
    small = totals["heads"] < agency.policy.minimum_group
    recent = totals["period"].isin(agency.months(agency.newest_year))
    found = evidence(agency, totals[chosen & small & recent].assign(shift=question.amount, truth=True))
    exact = found.own["total"].to_numpy(float)
    plain = found.subtracted(Suppressed(agency.policy.minimum_group)) - exact
    noisy = found.subtracted(AsPublished()) - exact
    return {
        "hidden": len(exact),
        "recovered": int(np.sum(plain == 0)),
        "largest": float(exact.max()),
        "error": float(np.sqrt(np.mean(noisy**2))),
    }
