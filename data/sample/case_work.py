"""Month-end caseload census and monthly exposure hours, one row per person then in post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from agency import division_of, units_at_start
from dice import Dice
from months import last_day, months, weekdays
from plants import CASELOAD, EXPOSURE
from staffing import Person, Spell
from time_away import Absence

OPEN_CASES = {"crisis": 12.0, "family": 16.0, "placement": 14.0, "clinical": 20.0}
EXPOSURE_HOURS = {"crisis": EXPOSURE.before, "family": 18.0, "placement": 14.0, "clinical": 24.0}
CASES_OF_PERSON, CASES_OF_MONTH = 2.0, 2.2  # together a standard deviation of 3
HOURS_OF_PERSON, HOURS_OF_MONTH = 5.0, 6.2  # together one of 8
AT_WORK_USUAL, AT_WORK_STRAINED = 1.018, 1.026  # makes up for people away all month and for part months
TRAUMA_SHARE = 0.45
INCIDENTS = 0.06

UNITS = {unit.unit_id: unit for unit in units_at_start()}
DIVISION = division_of()


@dataclass(frozen=True)
class Census:
    """What one case holder had open on the last day of a month."""

    person_id: str
    day: date
    open_cases: int
    trauma_cases: int


@dataclass(frozen=True)
class Exposure:
    """One person's hours with trauma material in a month; ``day`` is the month's first."""

    person_id: str
    day: date
    direct_hours: float
    indirect_hours: float
    critical_incidents: int


def mean_cases(spell: Spell) -> float:
    unit = UNITS[spell.unit_id]
    if CASELOAD.unit_id in (unit.unit_id, unit.parent_id):
        return CASELOAD.after
    return OPEN_CASES[unit.service_line]


def census_of(person: Person) -> Iterator[Census]:
    dice = Dice("cases", person.person_id)
    own_way = dice.normal(0, CASES_OF_PERSON)
    for month in months():
        spell = person.assignment(last_day(month))
        if spell and spell.role.has_cases:
            cases = max(0, round(mean_cases(spell) + own_way + dice.normal(0, CASES_OF_MONTH)))
            trauma = sum(dice.chance(TRAUMA_SHARE) for _ in range(cases))
            yield Census(person.person_id, last_day(month), cases, trauma)


def mean_hours(spell: Spell, month: date) -> float:
    """Hours of somebody at work all month, so that the mean over everybody is the planted one."""
    if DIVISION[spell.unit_id] == EXPOSURE.unit_id and month >= EXPOSURE.month:
        return EXPOSURE.after * AT_WORK_STRAINED
    return EXPOSURE_HOURS[UNITS[spell.unit_id].service_line] * AT_WORK_USUAL


def share_at_work(person: Person, month: date, away: list[Absence]) -> float:
    """Nothing for who was away all month; the share of the month's weekdays for who joined in it."""
    days = weekdays(month, last_day(month))
    if any(spell.start <= days[0] and days[-1] <= spell.end for spell in away):
        return 0.0
    if person.assignment(days[0]):
        return 1.0
    return sum(person.assignment(day) is not None for day in days) / len(days)


def quarters(hours: float) -> float:
    return round(hours * 4) / 4


def exposure_of(person: Person, away: list[Absence]) -> Iterator[Exposure]:
    dice = Dice("exposure", person.person_id)
    own_way = dice.normal(0, HOURS_OF_PERSON)
    for month in months():
        spell = person.assignment(last_day(month))
        if spell and UNITS[spell.unit_id].service_line != "support":
            full = max(0.0, mean_hours(spell, month) + own_way + dice.normal(0, HOURS_OF_MONTH))
            total = quarters(full * share_at_work(person, month, away))
            direct = quarters(total * dice.between(0.55, 0.8))
            incidents = dice.count(INCIDENTS) if total else 0
            yield Exposure(person.person_id, month, direct, total - direct, incidents)


def all_census(people: list[Person]) -> list[Census]:
    """Every census row, by day and person."""
    rows = (row for person in people for row in census_of(person))
    return sorted(rows, key=lambda row: (row.day, row.person_id))


def all_exposure(people: list[Person], absences: list[Absence]) -> list[Exposure]:
    """Every exposure row, by month and person."""
    away: dict[str, list[Absence]] = {person.person_id: [] for person in people}
    for spell in absences:
        away[spell.person_id].append(spell)
    rows = (row for person in people for row in exposure_of(person, away[person.person_id]))
    return sorted(rows, key=lambda row: (row.day, row.person_id))
