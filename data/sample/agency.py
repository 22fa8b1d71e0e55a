"""Northway Family Services: its units, their budgeted posts, and the re-organisation of February 2026."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from months import DAY, FIRST_DAY

ROOT = "NFS"
REORGANISED = date(2026, 2, 1)
MOVED_PROGRAMME, MOVED_TO = "P-KIN", "D-FAM"
CLOSED_TEAM, SUCCESSOR_TEAM = "T-ASM-08", "T-ASM-07"


@dataclass(frozen=True)
class Unit:
    """One unit in force between two days, both included. ``posts`` are its own, without its children's.

    These are the columns of ``register.csv``, in its order.
    """

    unit_id: str
    name: str
    parent_id: str
    posts: int
    service_line: str
    valid_from: date = FIRST_DAY
    valid_to: date | None = None
    successor_id: str = ""


@dataclass(frozen=True)
class Programme:
    """A programme as the budget lists it: its own posts, and those of each team."""

    code: str
    name: str
    division_id: str
    service_line: str
    own_posts: int
    team_posts: tuple[int, ...]

    @property
    def unit_id(self) -> str:
        return f"P-{self.code}"

    @property
    def posts(self) -> int:
        """Its own posts and those of its teams."""
        return self.own_posts + sum(self.team_posts)


OFFICES = (
    Unit(ROOT, "Northway Family Services", "", 14, "support"),
    Unit("D-CRI", "Crisis Response", ROOT, 0, "support"),
    Unit("D-FAM", "Family Services", ROOT, 8, "support"),
    Unit("D-PLC", "Placement Services", ROOT, 0, "support"),
    Unit("D-CLI", "Clinical Services", ROOT, 6, "support"),
    Unit("D-SUP", "Support Services", ROOT, 0, "support"),
    Unit("D-OMB", "Ombudsperson", ROOT, 6, "support"),
)

PROGRAMMES = (
    Programme("MOB", "Mobile Response", "D-CRI", "crisis", 4, (30, 28, 26, 24, 22, 20, 18, 16, 14)),
    Programme("LIN", "Crisis Line", "D-CRI", "crisis", 4, (40, 30, 25, 25, 20, 20, 10)),
    Programme("SHE", "Emergency Shelter", "D-CRI", "crisis", 4, (35, 30, 25, 24, 20, 16, 12, 8)),
    Programme(
        "REU", "Family Reunification", "D-FAM", "family", 4, (30, 28, 28, 26, 24, 24, 22, 20, 20, 18, 16)
    ),
    Programme("PRE", "Family Preservation", "D-FAM", "family", 4, (28, 26, 24, 22, 20, 20, 18, 14, 4)),
    Programme("ASM", "Family Assessment", "D-FAM", "family", 4, (25, 20, 20, 18, 15, 14, 12, 8)),
    Programme("FOS", "Foster Care", "D-PLC", "placement", 4, (30, 28, 26, 24, 24, 22, 20, 18)),
    Programme("KIN", "Kinship Care", "D-PLC", "placement", 4, (24, 20, 20, 18, 16, 16)),
    Programme("RES", "Residential Care", "D-PLC", "placement", 4, (35, 30, 25, 20, 16, 14)),
    Programme("ADO", "Adoption", "D-PLC", "placement", 2, (20, 16, 16, 4)),
    Programme("CHI", "Child Therapy", "D-CLI", "clinical", 4, (28, 24, 22, 20, 18, 16, 14, 12)),
    Programme("ADU", "Adult Counselling", "D-CLI", "clinical", 4, (24, 22, 20, 18, 16, 12)),
    Programme("REC", "Recovery Services", "D-CLI", "clinical", 2, (22, 20, 18, 18, 4)),
    Programme("PSY", "Psychological Assessment", "D-CLI", "clinical", 2, (4, 4)),
    Programme("FIN", "Finance and Contracts", "D-SUP", "support", 2, (25, 20, 16, 12, 8)),
    Programme("PEO", "People and Training", "D-SUP", "support", 2, (22, 18, 14, 12)),
    Programme("SYS", "Systems and Records", "D-SUP", "support", 2, (24, 20, 16, 14, 10)),
    Programme("FAC", "Facilities and Transport", "D-SUP", "support", 2, (30, 24, 20, 16, 12, 4)),
)


def units_of(programme: Programme) -> list[Unit]:
    """The programme and its teams as they stood on 1 July 2024."""
    line = programme.service_line
    own = Unit(programme.unit_id, programme.name, programme.division_id, programme.own_posts, line)
    teams = [
        Unit(f"T-{programme.code}-{number:02d}", f"{programme.name} {number}", own.unit_id, posts, line)
        for number, posts in enumerate(programme.team_posts, start=1)
    ]
    return [own, *teams]


def units_at_start() -> list[Unit]:
    """All units on 1 July 2024, parents before children."""
    return [*OFFICES, *(unit for programme in PROGRAMMES for unit in units_of(programme))]


def register() -> list[Unit]:
    """All units with their validity: what ``register.csv`` holds."""
    start = {unit.unit_id: unit for unit in units_at_start()}
    joint_posts = start[SUCCESSOR_TEAM].posts + start[CLOSED_TEAM].posts
    changes = {
        MOVED_PROGRAMME: {"parent_id": MOVED_TO},
        SUCCESSOR_TEAM: {"posts": joint_posts},
    }
    rows: list[Unit] = []
    for unit in start.values():
        old = replace(unit, valid_to=REORGANISED - DAY)
        if unit.unit_id == CLOSED_TEAM:
            rows.append(replace(old, successor_id=SUCCESSOR_TEAM))
        elif change := changes.get(unit.unit_id):
            rows += [old, replace(unit, valid_from=REORGANISED, **change)]
        else:
            rows.append(unit)
    return rows


def division_of() -> dict[str, str]:
    """Each unit's division on 1 July 2024; a division and the root are their own."""
    found = {office.unit_id: office.unit_id for office in OFFICES}
    for programme in PROGRAMMES:
        for unit in units_of(programme):
            found[unit.unit_id] = programme.division_id
    return found
