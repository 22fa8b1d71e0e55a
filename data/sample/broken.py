"""About a dozen rows as broken as real exports have them, so that setting aside has something to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from months import FIRST_DAY, LAST_DAY
from staffing import Person
from time_away import Absence

Cell = str | float | int
Row = list[Cell]

NOBODY = ("NW-099901", "NW-099902", "NW-099903")  # above staffing.LARGEST_ID: on no roster


@dataclass(frozen=True)
class Broken:
    """One row to be put into an export, about so far down; ``row`` of None repeats the row before it."""

    kind: str
    share_down: float
    row: Row | None


@dataclass(frozen=True)
class Planted:
    """Where a broken row ended up. The heading is line 1."""

    file: str
    line: int
    kind: str


def put_in(file: str, rows: list[Row], broken: Sequence[Broken]) -> list[Planted]:
    """Insert the broken rows, first one first, and say on which lines they are."""
    planted = []
    for one in sorted(broken, key=lambda one: one.share_down):
        place = int(one.share_down * len(rows))
        rows.insert(place, one.row or list(rows[place - 1]))
        planted.append(Planted(file, place + 2, one.kind))
    return planted


def healthy_people(people: list[Person], absences: list[Absence]) -> list[str]:
    """Ids in post all along in one assignment and never absent: a broken row of theirs has one fault only."""
    away = {spell.person_id for spell in absences}
    return [
        person.person_id
        for person in people
        if person.person_id not in away
        and len(person.spells) == 1
        and person.spells[0].start < FIRST_DAY
        and (person.spells[0].end or LAST_DAY) == LAST_DAY
    ]


def broken_staff(healthy: list[str]) -> list[Broken]:
    one, two = healthy[:2]
    unit_of_nobody: Row = [one, "T-XXX-01", "Care assistant", "B2", "03/02/2025", "", 37.5, "N"]
    backwards: Row = [two, "T-RES-03", "Care assistant", "B2", "14/10/2024", "14/09/2024", 37.5, "N"]
    return [
        Broken("unknown unit code", 0.21, unit_of_nobody),
        Broken("end before start", 0.48, backwards),
        Broken("duplicate row", 0.77, None),
    ]


def broken_leavers(healthy: list[str]) -> list[Broken]:
    return [
        Broken("impossible date", 0.33, [healthy[0], "31.11.2025", "Retired", 8]),
        Broken("person not in the roster", 0.71, [NOBODY[0], "14.03.2025", "Retired", 8]),
    ]


def broken_absences(year: str, healthy: list[str]) -> list[Broken]:
    one, two = healthy[:2]
    if year == "2024-25":
        return [
            Broken("end before start", 0.29, [one, "18/10/2024", "16/10/2024", "7.5", "Sickness", "Y"]),
            Broken("negative hours", 0.66, [two, "11/03/2025", "12/03/2025", "-15.0", "Sickness", "Y"]),
        ]
    return [
        Broken("impossible date", 0.59, [one, "30/02/2026", "03/03/2026", "15.0", "Family care", "Y"]),
        Broken(
            "person not in the roster", 0.83, [NOBODY[1], "12/05/2026", "12/05/2026", "7.5", "Sickness", "Y"]
        ),
    ]


def broken_census() -> list[Broken]:
    return [Broken("duplicate row", 0.42, None)]


def broken_exposure(office_worker: str) -> list[Broken]:
    """The negative hours stand against somebody without other exposure rows, who is on the roster."""
    return [
        Broken("person not in the roster", 0.37, [NOBODY[2], "01.03.2025", "9,25", "4,50", 0]),
        Broken("negative hours", 0.64, [office_worker, "01.10.2025", "-6,25", "3,00", 0]),
    ]
