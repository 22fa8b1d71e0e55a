"""A small agency of awkward people, exported twice: rehires, movers, several contracts, extreme rows.

Doubtful rows count wherever a mapping may choose so: that is where a person can bring most.
Between the two editions months are charged, rows corrected and units re-organised. Any person can be
left out of both editions: that is a neighbouring agency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from doubts_kept import doubts_kept

Lines = Mapping[str, tuple[str, ...]]
People = Mapping[str, Lines]

POLICY = """
[organisation]
name = "Awkward House"
levels = ["organisation", "division", "programme"]
[register]
document = "budget of the tests"
posts_tolerance = "0.15"
[budget]
epsilon = "4"
delta = "1e-6"
reserve_share = "0.1"
year_starts = 7
[release]
minimum_group = 10
lag_days = 35
[signing]
plan = 1
[measures]
employed = { highest = 1, half_width = 1, source = "by definition" }
left = { highest = 1, yearly_cap = 1, source = "by definition" }
scheduled_hours = { highest = 250, centre = 150, half_width = 40, source = "contracts" }
absent_hours = { highest = 60, yearly_cap = 80, source = "a cap that binds in the second month" }
absence_cut = { highest = 1, half_width = 1, source = "by definition" }
case_holders = { highest = 1, half_width = 1, source = "by definition" }
open_cases = { highest = 60, half_width = 12, centre = { crisis = 12, "*" = 15 }, source = "standards" }
exposure_hours = { highest = 200, half_width = 40, centre = { crisis = 30, "*" = 20 }, source = "jobs" }
[measures.over_caseload_standard]
highest = 1
yearly_cap = 1
standard = { crisis = 15, "*" = 18 }
source = "CWLA"
[indicators]
head_count.target_margin = { organisation = 30, division = 30, programme = 30 }
head_count.blank_above = { month = 60, year = 60 }
turnover.target_quarter = { organisation = 20, division = 20 }
turnover.blank_above = { month = 40, quarter = 40, year = 40 }
absence_rate.target_margin = { organisation = 20, division = 20 }
absence_rate.blank_above = { month = 90, year = 90 }
absence_cut.target_margin = { organisation = 20 }
absence_cut.blank_above = { month = 90, year = 90 }
mean_open_cases.target_margin = { organisation = 5, division = 9, programme = 9 }
mean_open_cases.blank_above = { month = 90, year = 90 }
over_caseload_standard.target_margin = { organisation = 20, division = 20 }
over_caseload_standard.blank_above = { month = 90, year = 90 }
exposure_hours.target_margin = { organisation = 9, division = 9 }
exposure_hours.blank_above = { month = 90, year = 90 }
"""
UNITS = """unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id
ORG,Awkward House,,0,support,2024-01-01,,
A,Division A,ORG,2,crisis,2024-01-01,,
B,Division B,ORG,0,family,2024-01-01,,
LONE,Division with one person,ORG,12,clinical,2024-01-01,,
A1,Programme A1,A,20,crisis,2024-01-01,,
B1,Programme B1,B,25,family,2024-01-01,,
B2,Programme B2,B,4,crisis,2024-01-01,,
"""
BEFORE = f"{UNITS}A2,Programme A2,A,30,crisis,2024-01-01,,\n"
AFTER = (
    f"{UNITS}A2,Programme A2,A,30,crisis,2024-01-01,2025-08-31,B3\nB3,Programme B3,B,30,family,2025-09-01,,\n"
)

HEADINGS = {
    "staff": "Person,Unit,From,To,Hours",
    "separations": "Person,Day,Reason",
    "absences": "Person,From,To,Hours",
    "caseload": "Person,Day,Open,Trauma",
    "exposure": "Person,Day,Hours",
}
MAPPING_OF_FILES = """
[exports.staff]
file = "staff.csv"
constants = { role = "worker", is_supervisor = "false" }
[exports.staff.columns]
person_id = "Person"
unit_id = "Unit"
start_date = "From"
end_date = "To"
weekly_hours = "Hours"
[exports.separations]
file = "separations.csv"
columns = { person_id = "Person", date = "Day", reason = "Reason" }
[exports.absences]
file = "absences.csv"
columns = { person_id = "Person", start_date = "From", end_date = "To", hours = "Hours" }
constants = { kind = "sickness" }
[exports.caseload]
file = "caseload.csv"
columns = { person_id = "Person", date = "Day", open_cases = "Open", trauma_cases = "Trauma" }
[exports.exposure]
file = "exposure.csv"
grain = "day"
columns = { person_id = "Person", date = "Day", direct_hours = "Hours" }
constants = { indirect_hours = "0", critical_incidents = "0" }
"""
MAPPING = MAPPING_OF_FILES + doubts_kept(HEADINGS)


@dataclass(frozen=True)
class Edition:
    """What HR exported at one time: the people, the last month covered, the units, what was then measured."""

    people: People
    last: str
    register: str
    order: tuple[str, ...]

    def files(self, without: str, interleaved: bool) -> Iterator[tuple[str, str]]:
        """The files; ``interleaved`` deals the persons' lines out in turn, each person's in order."""
        for export, heading in HEADINGS.items():
            hands = [
                [f"{person},{line}" for line in lines.get(export, ())]
                for person, lines in self.people.items()
                if person != without
            ]
            lines = _dealt(hands) if interleaved else [line for hand in hands for line in hand]
            yield f"{export}.csv", "\n".join([heading, *lines, ""])

    @property
    def manifest(self) -> str:
        return "[covers]\n" + "".join(f'{export} = ["2025-04", "{self.last}"]\n' for export in HEADINGS)


def _dealt(hands: list[list[str]]) -> list[str]:
    rounds = max(map(len, hands), default=0)
    return [hand[n] for n in range(rounds) for hand in reversed(hands) if n < len(hand)]


def often(month: str, count: int, hours: str) -> tuple[str, ...]:
    """``count`` rows of one month, no two alike; ``hours`` lacks its last decimals."""
    return tuple(f"{month}-{1 + n % 28:02d},{hours}{n:02d}" for n in range(count))


def away(*months: str, hours: int = 60) -> tuple[str, ...]:
    """An absence in each month."""
    return tuple(f"{month}-01,{month}-28,{hours}" for month in months)


def away_daily(month: str, hours: str) -> tuple[str, ...]:
    """An absence on each of 28 days: no more can be without overlapping."""
    return tuple(f"{month}-{n:02d},{month}-{n:02d},{hours}" for n in range(1, 29))


MAY, JUNE, JULY, AUGUST, SEPTEMBER = MONTHS = ("2025-05", "2025-06", "2025-07", "2025-08", "2025-09")
ALWAYS = "2024-01-01"

STAYING: People = {
    "steady": {
        "staff": (f"A1,{ALWAYS},,37.5",),
        "separations": (f"{MAY}-31,voluntary", f"{AUGUST}-31,other"),
        "absences": ("2025-06-26,2025-07-03,30",),
        "caseload": tuple(f"{month}-28,{14 + n},3" for n, month in enumerate(MONTHS)),
        "exposure": often(MAY, 20, "1."),
    },
    "two contracts": {
        "staff": (f"A1,{ALWAYS},,20", f"B1,{ALWAYS},,17.5", "B1,2023-01-01,2023-12-31,40"),
        "absences": away(MAY, JULY, AUGUST),
        "caseload": (f"{MAY}-10,60,60", f"{MAY}-10,2,1", f"{MAY}-10,41,1"),
    },
    "mover": {
        "staff": (f"A1,{ALWAYS},2025-06-15,37.5", "A2,2025-06-16,,30", "B2,2025-06-16,,7.5"),
        "caseload": (f"{JUNE}-30,30,3", f"{SEPTEMBER}-01,0,0"),
        "exposure": often(JUNE, 28, "7."),
    },
    "rehired": {
        "staff": (f"A2,{ALWAYS},2025-05-20,37.5", "B1,2025-06-10,2025-07-09,30", "B2,2025-07-10,,10"),
        "separations": ("2025-05-20,voluntary", "2025-07-09,voluntary", "2025-07-09,other"),
        "absences": away(JUNE, hours=20),
    },
    "fifty rows a month": {
        "staff": (f"B1,{ALWAYS},,37.5",),
        "absences": (*away_daily(MAY, "2.25"), *away_daily(JULY, "24")),
        "caseload": tuple(f"{JUNE}-{1 + n % 28:02d},{n},{n // 2}" for n in range(50)),
        "exposure": (*often(MAY, 50, "2."), *often(JUNE, 50, "0."), *often(SEPTEMBER, 50, "23.")),
    },
    "extreme": {
        "staff": tuple(f"{unit},1950-01-01,,80" for unit in ("ORG", "A", "A1", "A2", "B1", "B2")),
        "absences": (f"{MAY}-01,2027-09-30,20000",),
        "caseload": tuple(f"{month}-30,500,500" for month in MONTHS[:2]),
        "exposure": tuple(f"{month}-{n:02d},24" for month in MONTHS for n in range(1, 29)),
    },
    "alone in a division": {
        "staff": (f"LONE,{ALWAYS},,37.5",),
        "caseload": tuple(f"{month}-30,40,2" for month in MONTHS),
        "exposure": often(JULY, 25, "5."),
    },
    "in no export but the absences": {"absences": away(JUNE)},
    "with rows that are set aside": {
        "staff": (f"A1,{ALWAYS},,37.5", f"A1,{ALWAYS},,37.5", f"NOWHERE,{ALWAYS},,37.5", "B1,2025-06-40,,1"),
        "absences": (f"{MAY}-02,{MAY}-01,8", f"{MAY}-02,{MAY}-02,25", f"{JUNE}-02,{JUNE}-20,100"),
        "caseload": (f"{MAY}-02,501,1", f"{MAY}-02,-1,1", f"{MAY}-02,3,4", f"{MAY}-02,nan,1"),
        "exposure": (f"{MAY}-02,1e400", f"{MAY}-02,24.5", f"{MAY}-02,inf"),
    },
}
FIRST: People = {
    **STAYING,
    "corrected": {
        "staff": (f"B1,{ALWAYS},,37.5",),
        "absences": away(MAY, JUNE),
        "caseload": (f"{MAY}-30,9,9", f"{JULY}-30,60,9"),
    },
    "struck out later": {"staff": (f"A2,{ALWAYS},,37.5",), "absences": away(MAY, JULY)},
}
SECOND: People = {
    **STAYING,
    "corrected": {
        "staff": (f"A2,{ALWAYS},2025-06-30,80", "A,2025-07-01,,20"),
        "absences": (f"{AUGUST}-01,{SEPTEMBER}-30,120",),
        "caseload": (f"{MAY}-30,60,60", f"{SEPTEMBER}-30,1,0"),
    },
    "struck out later": {},
    "entered late": {
        "staff": (f"B2,{ALWAYS},,37.5",),
        "separations": (f"{JUNE}-30,voluntary", f"{SEPTEMBER}-15,voluntary"),
        "absences": away(*MONTHS),
    },
}
STORY = (
    Edition(FIRST, JULY, BEFORE, (MAY, JULY, JUNE)),
    Edition(SECOND, SEPTEMBER, AFTER, (SEPTEMBER, AUGUST)),
)
PERSONS = tuple(dict.fromkeys([*FIRST, *SECOND]))
