"""A hundred people over three months, in which every attack has something to find; released in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tiny_agency import MAPPING, POLICY, REGISTER, TinyAgency

from attacks.homes import LONG_AFTER, surroundings_of

MORE_POLICY = """
[measures.left_voluntarily]
highest = 1
yearly_cap = 1
source = "by definition"
[measures.absent_people]
highest = 1
yearly_cap = 3
source = "by definition"
[measures.case_holders]
highest = 1
half_width = 1
source = "by definition"
[measures.over_caseload_standard]
highest = 1
half_width = 1
standard = 18
source = "job standard"
[indicators.voluntary_turnover]
target_margin = { organisation = 20, division = 20 }
blank_above = { month = 40, year = 40 }
[indicators.any_absence]
target_margin = { organisation = 40, division = 60 }
blank_above = { month = 90, year = 90 }
[indicators.over_caseload_standard]
target_margin = { organisation = 60, division = 90 }
blank_above = { month = 90, year = 90 }
"""
MORE_UNITS = "DESK,Front desk,ORG,6,family,2026-01-01,,\n"  # too small to be shown alone
MORE_EXPORTS = """
[exports.caseload]
file = "caseload.csv"
covers = ["2026-01", "2026-03"]
[exports.caseload.columns]
person_id = "Person"
date = "Day"
open_cases = "Cases"
trauma_cases = "Trauma"
"""
UNITS = ("NORTH", "SOUTH")
MONTH_ENDS = ("2026-01-31", "2026-02-28", "2026-03-31")
JOINERS = {"P094": "2026-02-01", "P095": "2026-02-01", "P096": "2026-03-01", "P097": "2026-03-01"}
LEAVERS = {f"P{number:03d}": f"2026-0{2 + number % 2}-15" for number in range(8, 16)}


def release_small(root: Path) -> Path:
    """The agency, its plan signed and its months released with the real mechanism, but no flow."""
    agency = write(root).begin()
    with surroundings_of(root):
        from pipelines.home import Home
        from pipelines.ingest import ingest
        from pipelines.installation import opened
        from pipelines.release import release_due
        from privacy.mechanism import DiscreteGaussian

        home = Home(agency.home)
        with opened(home) as here:
            units = here.register.unit_ids
            ingest(home, agency.exports, known_units=units, charged_periods=frozenset(), today=LONG_AFTER)
            release_due(home, here.ledger, here.witness, DiscreteGaussian(), here.policy, today=LONG_AFTER)
    return agency.home


def write(root: Path) -> TinyAgency:
    agency = TinyAgency.at(root)
    agency.files |= {
        "config/policy.toml": POLICY + MORE_POLICY,
        "config/register.csv": REGISTER + MORE_UNITS,
        "config/mapping.toml": MAPPING + MORE_EXPORTS,
        "exports/staff.csv": "\n".join(["Person,Unit,Role,From,To,Hours,Leads", *_staff(), ""]),
        "exports/leavers.csv": "\n".join(["Person,Last day,Reason", *_leavers(), ""]),
        "exports/absences.csv": "\n".join(["Person,From,To,Hours,Kind", *_absences(), ""]),
        "exports/caseload.csv": "\n".join(["Person,Day,Cases,Trauma", *_caseload(), ""]),
    }
    return agency


def _unit(number: int) -> str:
    return "DESK" if number < 6 else UNITS[number % 2]


def _staff() -> Iterator[str]:
    for number in range(100):
        person = f"P{number:03d}"
        first, last = JOINERS.get(person, "2025-01-01"), LEAVERS.get(person, "")
        yield f"{person},{_unit(number)},Case worker,{first},{last},37.5,N"


def _leavers() -> Iterator[str]:
    return (f"{person},{day},voluntary" for person, day in LEAVERS.items())


def _absences() -> Iterator[str]:
    """Every third person a week in March, and every seventh most of February."""
    for number in range(100):
        if number % 3 == 0:
            yield f"P{number:03d},2026-03-16,2026-03-20,37.5,sickness"
        if number % 7 == 0:
            yield f"P{number:03d},2026-02-02,2026-02-20,112.5,sickness"


def _caseload() -> Iterator[str]:
    """Two of three hold cases, and do so in every month they are there."""
    for day in MONTH_ENDS:
        for number in range(100):
            person = f"P{number:03d}"
            if JOINERS.get(person, "") <= day < LEAVERS.get(person, "9999") and number % 3:
                yield f"{person},{day},{15 + number % 5},5"
