"""Which posts a unit has: supervisors, case holders and others, so that the mix stays the same over time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from agency import ROOT, Unit

CASE_ROLES = {
    "crisis": "Crisis caseworker",
    "family": "Family caseworker",
    "placement": "Placement caseworker",
    "clinical": "Clinician",
}
CASE_HOLDER_SHARE = 0.65
REUNIFICATION_SHARE = 0.82
STAFF_A_SUPERVISOR = 12


@dataclass(frozen=True)
class Role:
    """A job title, and whether who has it supervises."""

    title: str
    is_supervisor: bool = False

    @property
    def has_cases(self) -> bool:
        return self.title in CASE_ROLES.values()


def team_roles(unit: Unit, posts: int) -> dict[Role, int]:
    """The roles of a team with so many posts to fill."""
    supervisors = max(1, round(posts / STAFF_A_SUPERVISOR))
    wanted = {Role("Team supervisor", is_supervisor=True): supervisors}
    if unit.service_line == "support":
        return wanted | {Role("Support officer"): posts - supervisors}
    share = REUNIFICATION_SHARE if unit.parent_id == "P-REU" else CASE_HOLDER_SHARE
    holders = min(round(posts * share), posts - supervisors)
    others = posts - supervisors - holders
    return wanted | {Role(CASE_ROLES[unit.service_line]): holders, Role("Care assistant"): others}


def wanted_roles(unit: Unit, posts: int) -> dict[Role, int]:
    """The roles of any unit with so many posts to fill."""
    if unit.unit_id == ROOT:
        return {Role("Executive director", is_supervisor=True): 1, Role("Executive officer"): posts - 1}
    if unit.unit_id.startswith("D-"):
        return {Role("Division director", is_supervisor=True): 1, Role("Office coordinator"): posts - 1}
    if unit.unit_id.startswith("P-"):
        return {Role("Programme manager", is_supervisor=True): 1, Role("Programme officer"): posts - 1}
    return team_roles(unit, posts)


def most_wanted(unit: Unit, posts: int, filled: list[Role]) -> Role:
    """The role that the unit lacks most."""
    have = Counter(filled)
    missing = {role: number - have[role] for role, number in wanted_roles(unit, posts).items()}
    return max(missing, key=lambda role: missing[role])
