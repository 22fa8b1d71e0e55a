"""Absence spells: nobody's overlap, and the planted rise in Crisis Response."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from agency import division_of
from dice import Dice
from months import BURN_IN, DAY, FIRST_DAY, LAST_DAY, days_later, last_day, months, weekdays
from plants import ABSENCE
from staffing import Person

PART_DAY = 0.12  # of the one-day spells
DAYS_AWAY = {1: 38, 2: 25, 3: 15, 4: 7, 5: 7, 6: 2, 7: 2, 8: 2, 9: 1, 10: 1}
MEDIUM_DAYS = (5, 15)
LONG_DAYS = (20, 130)  # half a year at most; a third of them are over three months
KINDS = {"Sickness": 76, "Family care": 12, "Special leave": 8, "Injury at work": 4}


@dataclass(frozen=True)
class Habit:
    """How many spells of each length start for one person in a month, on average."""

    short: float
    medium: float
    long: float


USUAL = Habit(short=0.192, medium=0.0, long=0.0078)
STRAINED = Habit(short=0.37, medium=0.185, long=0.0125)


@dataclass(frozen=True)
class Absence:
    """One spell, both days included; ``hours`` are contract hours lost."""

    person_id: str
    start: date
    end: date
    hours: float
    kind: str


def lengths(habit: Habit, dice: Dice) -> list[int]:
    """Working days of the spells that start in one month."""
    short = [dice.weighted(DAYS_AWAY) for _ in range(dice.count(habit.short))]
    medium = [dice.whole(*MEDIUM_DAYS) for _ in range(dice.count(habit.medium))]
    long = [dice.whole(*LONG_DAYS) for _ in range(dice.count(habit.long))]
    return short + medium + long


def last_covered(person: Person, start: date, end: date) -> date:
    """The last weekday from start to end on which the person is still employed without a break."""
    days = weekdays(start, min(end, LAST_DAY))
    return next((before for before, day in pairwise(days) if not person.assignment(day)), days[-1])


def hours_lost(person: Person, start: date, end: date, dice: Dice) -> float:
    """Contract hours of the spell's weekdays; of a single day now and then only a part."""
    hours = sum(person.hours_a_day(day) for day in weekdays(start, end))
    if start == end and dice.chance(PART_DAY):
        hours = max(0.5, round(hours * dice.between(0.2, 0.7) * 4) / 4)
    return round(hours, 2)


def absences_of(person: Person, division: dict[str, str]) -> Iterator[Absence]:
    """The person's spells in order, at least a day apart, cut where the employment ends."""
    dice = Dice("absence", person.person_id)
    free_from = BURN_IN
    for month in months(BURN_IN, LAST_DAY):
        days = weekdays(month, last_day(month))
        planned = [(dice.pick(days), n) for n in lengths(_habit(person, month, division), dice)]
        for start, working_days in sorted(planned):
            if start >= free_from and person.assignment(start):
                end = last_covered(person, start, days_later(start, working_days))
                free_from = end + 2 * DAY
                kind = dice.weighted(KINDS)
                yield Absence(person.person_id, start, end, hours_lost(person, start, end, dice), kind)


def _habit(person: Person, month: date, division: dict[str, str]) -> Habit:
    assignment = person.assignment(last_day(month)) or person.assignment(month)
    if assignment and division[assignment.unit_id] == ABSENCE.unit_id and month >= ABSENCE.month:
        return STRAINED
    return USUAL


def all_absences(people: list[Person]) -> list[Absence]:
    """Every spell that touches the two budget years, by start and person."""
    division = division_of()
    spells = [spell for person in people for spell in absences_of(person, division)]
    return sorted((s for s in spells if s.end >= FIRST_DAY), key=lambda s: (s.start, s.person_id))
