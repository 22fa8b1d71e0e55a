"""Two years of joining, moving and leaving, person by person: everybody's assignment spells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from agency import CLOSED_TEAM, REORGANISED, SUCCESSOR_TEAM, Unit, division_of, units_at_start
from dice import Dice
from leaving import Exit, leaving_reason
from months import DAY, FIRST_DAY, last_day, months, weekdays
from plants import LEAVING
from roles import Role, most_wanted

FULL_TIME = 37.5
PART_TIME = (18.0, 20.0, 22.5, 24.0, 25.0, 26.0, 28.0, 30.0)
PART_TIMERS = 0.16
MEAN_TENURE_DAYS = 1600
LONGEST_TENURE_DAYS = 9000
MOVING = 0.006
FILLING = 0.55  # of the vacant posts, a month
VACANT_AT_START = 0.02
REHIRED = 0.07  # of those who join
GAP_BEFORE_REHIRE = 60 * DAY
SECOND_CONTRACTS = 15
SECOND_HOURS = (7.5, 10.0, 12.5, 15.0)
LARGEST_ID = 98_999  # ids above it are free for broken rows


@dataclass
class Spell:
    """One assignment of one person to one unit, both days included."""

    unit_id: str
    role: Role
    start: date
    weekly_hours: float
    end: date | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass
class Person:
    """An invented employee: a number and nothing else that could be anybody's."""

    person_id: str
    spells: list[Spell] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)

    def assignment(self, day: date) -> Spell | None:
        """The assignment with most hours on the day."""
        return max(
            (spell for spell in self.spells if spell.covers(day)), key=lambda s: s.weekly_hours, default=None
        )

    def has_two_contracts(self) -> bool:
        """Whether any two of the assignments run at the same time."""
        return any(one is not two and one.covers(two.start) for one in self.spells for two in self.spells)

    def came_back(self) -> bool:
        return any(spell.start > one.day for spell in self.spells for one in self.exits)

    def hours_a_day(self, day: date) -> float:
        """Contract hours of one weekday, contracts summed."""
        return sum(spell.weekly_hours for spell in self.spells if spell.covers(day)) / 5


class Workforce:
    """The agency's people while the months go by."""

    def __init__(self) -> None:
        self.dice = Dice("staffing")
        self.units = {unit.unit_id: unit for unit in units_at_start()}
        self.division = division_of()
        self.people: list[Person] = []
        self.left: list[Person] = []
        self.taken: set[str] = set()
        self.posts = {unit.unit_id: self._filled_posts(unit) for unit in self.units.values()}
        self.team: dict[str, list[Person]] = {unit_id: [] for unit_id in self.units}

    def _filled_posts(self, unit: Unit) -> int:
        """Posts that are really filled: near the budget's figure, hardly ever that figure."""
        return unit.posts if unit.posts <= 4 else round(unit.posts * self.dice.between(0.96, 1.05))

    def _new_person(self) -> Person:
        person_id = ""
        while not person_id or person_id in self.taken:
            person_id = f"NW-{self.dice.whole(1000, LARGEST_ID):06d}"
        self.taken.add(person_id)
        self.people.append(Person(person_id))
        return self.people[-1]

    def _weekly_hours(self) -> float:
        return self.dice.pick(PART_TIME) if self.dice.chance(PART_TIMERS) else FULL_TIME

    def assign(self, person: Person, unit_id: str, start: date, weekly_hours: float) -> None:
        """Open a spell in the role that the unit lacks most."""
        filled = [member.spells[-1].role for member in self.team[unit_id]]
        role = most_wanted(self.units[unit_id], self.posts[unit_id], filled)
        person.spells.append(Spell(unit_id, role, start, weekly_hours))
        self.team[unit_id].append(person)

    def staff_at_start(self) -> None:
        """Fill nearly all posts with people who joined before the first month."""
        for unit_id, posts in self.posts.items():
            for _ in range(posts):
                if self.dice.chance(VACANT_AT_START):
                    continue
                days = min(1 + int(self.dice.lifetime(MEAN_TENURE_DAYS)), LONGEST_TENURE_DAYS)
                self.assign(self._new_person(), unit_id, FIRST_DAY - days * DAY, self._weekly_hours())

    def pass_month(self, month: date) -> None:
        days = weekdays(month, last_day(month))
        if month == REORGANISED:
            self.close_team()
        for unit_id in self.units:
            self.leave(unit_id, days)
        for unit_id in self.units:
            self.move(unit_id, days)
        for unit_id in self.units:
            self.hire(unit_id, days)

    def leave(self, unit_id: str, days: Sequence[date]) -> None:
        planted = self.division[unit_id] == LEAVING.unit_id and days[0] >= LEAVING.month
        rate = LEAVING.after if planted else LEAVING.before
        for person in list(self.team[unit_id]):
            if self.dice.chance(rate):
                day = self.dice.pick(days)
                for spell in person.spells:
                    spell.end = spell.end or day
                person.exits.append(Exit(day, leaving_reason(self.dice, planted)))
                self.team[unit_id].remove(person)
                self.left.append(person)

    def move(self, unit_id: str, days: Sequence[date]) -> None:
        for person in list(self.team[unit_id]):
            if person.spells[-1].start < days[0] and self.dice.chance(MOVING):
                targets = [other for other in self.vacancies() if other != unit_id]
                kin = [other for other in targets if self._line(other) == self._line(unit_id)]
                chosen = kin if kin and self.dice.chance(0.8) else targets
                if chosen:
                    self.reassign(person, self.dice.pick(chosen), self.dice.pick(days[1:]))

    def _line(self, unit_id: str) -> str:
        return self.units[unit_id].service_line

    def vacancies(self) -> list[str]:
        return [unit_id for unit_id, posts in self.posts.items() if len(self.team[unit_id]) < posts]

    def reassign(self, person: Person, unit_id: str, start: date) -> None:
        """End the person's spell the day before and open one in another unit."""
        old = person.spells[-1]
        old.end = start - DAY
        self.team[old.unit_id].remove(person)
        self.assign(person, unit_id, start, old.weekly_hours)

    def hire(self, unit_id: str, days: Sequence[date]) -> None:
        for _ in range(self.posts[unit_id] - len(self.team[unit_id])):
            if self.dice.chance(FILLING):
                start = days[0] if self.dice.chance(0.6) else self.dice.pick(days[:15])
                self.assign(self._joiner(start), unit_id, start, self._weekly_hours())

    def _joiner(self, start: date) -> Person:
        """Somebody new, or now and then somebody who left a while ago and comes back under the same id."""
        back = [one for one in self.left if one.exits[-1].may_return(start - GAP_BEFORE_REHIRE)]
        if not back or not self.dice.chance(REHIRED):
            return self._new_person()
        person = self.dice.pick(back)
        self.left.remove(person)
        return person

    def close_team(self) -> None:
        """The closed team's people keep its id until the close, then have the successor's."""
        self.posts[SUCCESSOR_TEAM] += self.posts.pop(CLOSED_TEAM)
        for person in list(self.team[CLOSED_TEAM]):
            self.reassign(person, SUCCESSOR_TEAM, REORGANISED)
        self.units.pop(CLOSED_TEAM)


def add_second_contracts(people: list[Person]) -> None:
    """Give some part-timers a second, shorter contract in another programme of their service line."""
    dice = Dice("second contracts")
    units = {unit.unit_id: unit for unit in units_at_start() if unit.service_line != "support"}
    able = [p for p in people if len(p.spells) == 1 and p.spells[0].weekly_hours <= 22.5]
    able = [p for p in able if p.spells[0].unit_id in units and p.spells[0].start < FIRST_DAY]
    for person in able[:: len(able) // SECOND_CONTRACTS][:SECOND_CONTRACTS]:
        first = person.spells[0]
        own = units[first.unit_id]
        others = [u for u in units.values() if u.service_line == own.service_line and u.unit_id[0] == "T"]
        others = [u for u in others if u.parent_id not in (own.parent_id, own.unit_id, "P-ASM")]
        start = max(first.start, FIRST_DAY - 30 * dice.whole(-6, 30) * DAY)
        if first.end is None or start < first.end:
            hours = dice.pick(SECOND_HOURS)
            person.spells.append(Spell(dice.pick(others).unit_id, first.role, start, hours, first.end))


def two_years() -> list[Person]:
    """Everybody who was in post on some day of the two budget years, by id."""
    workforce = Workforce()
    workforce.staff_at_start()
    for month in months():
        workforce.pass_month(month)
    people = sorted(workforce.people, key=lambda person: person.person_id)
    add_second_contracts(people)
    return people
