"""Indicators: what people read. Each is declared once, here, with its definition and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Denominator(Enum):
    """What a numerator is divided by."""

    NOTHING = "none"
    SAME_MONTHS = "sum over the same months"
    MEAN_HEAD_COUNT = "mean head count of the months"


class Family(Enum):
    """STS is not burnout: what is linked to trauma is shown apart from what is linked to workload."""

    TRAUMA = "Trauma-linked"
    WORKLOAD = "Workload-linked"
    METHOD = "About the figures"


class Reading(Enum):
    """The unit people read and the factor that turns the ratio into it."""

    PERCENT = ("%", 100.0)
    PEOPLE = ("people", 1.0)
    CASES = ("cases", 1.0)
    HOURS_A_MONTH = ("hours a month", 1.0)

    @property
    def unit(self) -> str:
        return str(self.value[0])

    @property
    def factor(self) -> float:
        return float(self.value[1])


class Direction(Enum):
    HIGHER_IS_WORSE = "higher is worse"
    NEITHER = "neither"


@dataclass(frozen=True)
class Indicator:
    """One ratio of measures (or one measure), over one month and over twelve.

    ``highest`` is the greatest value that has a meaning, in the indicator's unit.
    """

    id: str
    title: str
    words: str
    numerator: str
    denominator: str
    kind: Denominator
    reading: Reading
    family: Family
    direction: Direction
    source: str
    highest: float | None = None
    windows: tuple[int, ...] = (1, 12)

    @property
    def measures(self) -> tuple[str, ...]:
        return (self.numerator, self.denominator) if self.denominator else (self.numerator,)


_STS = "Principles for STS-responsive practice, organisational principle 7 (STS Consortium)"

_DECLARED = (
    Indicator(
        "head_count", "Head count", "People employed on the last day of the month.",
        "employed", "", Denominator.NOTHING, Reading.PEOPLE, Family.WORKLOAD, Direction.NEITHER,
        "SHRM: headcount, staff on leave included", windows=(1,),
    ),
    Indicator(
        "exposure_hours", "Exposure hours a person",
        "Hours of direct and indirect exposure to trauma, divided by people employed.",
        "exposure_hours", "employed", Denominator.SAME_MONTHS, Reading.HOURS_A_MONTH, Family.TRAUMA,
        Direction.HIGHER_IS_WORSE, _STS,
    ),
    Indicator(
        "over_exposure_standard", "Staff above the exposure standard",
        "People with more exposure hours in the month than the standard, of all people employed.",
        "over_exposure_standard", "employed", Denominator.SAME_MONTHS, Reading.PERCENT, Family.TRAUMA,
        Direction.HIGHER_IS_WORSE, _STS, highest=100.0,
    ),
    Indicator(
        "trauma_share", "Trauma share of caseload",
        "Open cases flagged as trauma work, of all open cases at the month's last census.",
        "trauma_cases", "open_cases", Denominator.SAME_MONTHS, Reading.PERCENT, Family.TRAUMA,
        Direction.HIGHER_IS_WORSE,
        "Caseload ratio, the strongest dose predictor in Hensel et al. 2015 (38 studies)", highest=100.0,
    ),
    Indicator(
        "mean_open_cases", "Open cases a case holder",
        "Open cases at the month's last census, divided by the people who hold any.",
        "open_cases", "case_holders", Denominator.SAME_MONTHS, Reading.CASES, Family.WORKLOAD,
        Direction.HIGHER_IS_WORSE, "DfE children's social work workforce: cases per case holder",
    ),
    Indicator(
        "over_caseload_standard", "Case holders over the caseload standard",
        "Case holders with more open cases than the standard of their service line, of all case holders.",
        "over_caseload_standard", "case_holders", Denominator.SAME_MONTHS, Reading.PERCENT,
        Family.WORKLOAD, Direction.HIGHER_IS_WORSE,
        "CWLA caseload standards; share of workers over the standard", highest=100.0,
    ),
    Indicator(
        "turnover", "Turnover",
        "People who left, divided by the mean head count of the months.",
        "left", "employed", Denominator.MEAN_HEAD_COUNT, Reading.PERCENT, Family.WORKLOAD,
        Direction.HIGHER_IS_WORSE, "SHRM monthly turnover rate, headcount",
    ),
    Indicator(
        "voluntary_turnover", "Voluntary turnover",
        "People who left by their own decision, divided by the mean head count of the months.",
        "left_voluntarily", "employed", Denominator.MEAN_HEAD_COUNT, Reading.PERCENT, Family.WORKLOAD,
        Direction.HIGHER_IS_WORSE, "BLS JOLTS quits rate, headcount",
    ),
    Indicator(
        "absence_rate", "Absence rate",
        "Hours lost to absence, of hours scheduled; each person's year counts up to the cap.",
        "absent_hours", "scheduled_hours", Denominator.SAME_MONTHS, Reading.PERCENT, Family.WORKLOAD,
        Direction.HIGHER_IS_WORSE, "NHS Scotland: hours lost / contracted hours", highest=100.0,
    ),
    Indicator(
        "any_absence", "Staff with any absence",
        "People with any absence in the month, of all people employed.",
        "absent_people", "employed", Denominator.SAME_MONTHS, Reading.PERCENT, Family.WORKLOAD,
        Direction.HIGHER_IS_WORSE, "CIPD incidence rate", highest=100.0,
    ),
    Indicator(
        "absence_cut", "Staff whose absence was cut to the cap",
        "People whose absence hours were cut to the yearly cap, of all people employed: how far the "
        "absence rate may lie below the uncapped one.",
        "absence_cut", "employed", Denominator.SAME_MONTHS, Reading.PERCENT, Family.METHOD,
        Direction.NEITHER, "This product's own diagnostic", highest=100.0, windows=(12,),
    ),
)  # fmt: skip

INDICATORS: Mapping[str, Indicator] = {indicator.id: indicator for indicator in _DECLARED}
"""Every indicator by id, in the order in which people read them."""
